/** What `overdue` says at both sides, for people. */

import { dueRules } from '../calendar/due-dates.ts';
import { sectionByTag } from '../catalogue/catalogue.ts';
import { table } from './answer.ts';
import type { DueChange, DueCount, DueCursor } from './due-changes.ts';

const sectionName = (tag: number): string => sectionByTag(tag)?.name ?? tag.toString();

export type DueTotals = {
  readonly overdue: number;
  readonly pending: number;
  readonly inTime: number;
  readonly late: number;
};

export function sumDue(counts: readonly DueCount[]): DueTotals {
  const total = (name: keyof DueTotals): number =>
    counts.reduce((sum, count) => sum + count[name], 0);
  return {
    overdue: total('overdue'),
    pending: total('pending'),
    inTime: total('inTime'),
    late: total('late'),
  };
}

/** Totals, and a line for each unit, kind and section that has something overdue or late. */
export function dueLines(counts: readonly DueCount[]): readonly string[] {
  const { overdue, pending, inTime, late } = sumDue(counts);
  const faulty = counts.filter((count) => count.overdue + count.late > 0);
  const rows = faulty.map((one) => [
    one.unit,
    one.kind,
    sectionName(one.section),
    one.overdue.toString(),
    one.late.toString(),
    one.daysLateMax.toString(),
  ]);
  const used = Object.entries(dueRules).filter(([kind]) => faulty.some((one) => one.kind === kind));
  return [
    `overdue ${overdue}, came late ${late}, came in time ${inTime}, on the way ${pending}`,
    ...(rows.length === 0
      ? []
      : table([['UNIT', 'KIND', 'SECTION', 'OVERDUE', 'LATE', 'DAYS'], ...rows])),
    ...used.map(([kind, rule]) => `${kind}: ${rule.vi}. ${rule.source}`),
  ];
}

/** One a line, and how to ask for the next page. */
export function duePageLines(changes: readonly DueChange[], limit: number): readonly string[] {
  const rows = changes.map((one) => [
    one.recordId,
    sectionName(one.section),
    one.unit,
    one.kind,
    one.eventOn,
    one.notedOn,
    one.dueOn,
    one.arrivedOn ?? '-',
    one.daysLate.toString(),
  ]);
  const head = ['RECORD', 'SECTION', 'UNIT', 'KIND', 'EVENT', 'NOTED', 'DUE', 'ARRIVED', 'DAYS'];
  const next = nextDuePage(changes, limit);
  return [
    ...(rows.length === 0 ? ['None.'] : table([head, ...rows])),
    ...(next === null ? [] : [`more: --after ${next}`]),
  ];
}

/** `RECORD/SECTION/DAY/VERSION` of the last one of a full page. */
export function nextDuePage(changes: readonly DueChange[], limit: number): string | null {
  const last = changes.length < limit ? undefined : changes.at(-1);
  return last === undefined
    ? null
    : `${last.recordId}/${last.section}/${last.notedOn}/${last.version}`;
}

/** Undefined when it is no cursor of these pages. */
export function readDueCursor(text: string): DueCursor | undefined {
  const found =
    /^(?<recordId>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(?<section>[0-9]{1,4})\/(?<notedOn>[0-9-]{10})\/(?<version>[0-9]{1,18})$/u.exec(
      text,
    )?.groups;
  const { recordId, section, notedOn, version } = found ?? {};
  if (recordId === undefined || notedOn === undefined || version === undefined) return undefined;
  return { recordId, section: Number(section), notedOn, version };
}
