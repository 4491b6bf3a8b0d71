/**
 * The due days of all kinds of change for a span of days, so that SQL joins them: they follow the
 * calendar that is in force when they are asked for, since days off are decided late.
 */
import { addDays } from '../text/hanoi-day.ts';
import { dueKinds } from './change-note.ts';
import { type DueKind, dueDay } from './due-dates.ts';
import type { WorkingCalendar } from './working-calendar.ts';

/** Since when the decree is in force: nothing before it has a due day. */
export const decreeSince = '2026-07-01';

/** Three columns of one length. */
export type DueTable = {
  readonly events: readonly string[];
  readonly kinds: readonly DueKind[];
  readonly dues: readonly string[];
};

/** From the first day to the last, both counted; days before the decree have no row. */
export function dueTable(
  { from, to }: { readonly from: string; readonly to: string },
  calendar: WorkingCalendar,
): DueTable {
  const rows: { event: string; kind: DueKind; due: string }[] = [];
  for (
    let event = from < decreeSince ? decreeSince : from;
    event <= to;
    event = addDays(event, 1)
  ) {
    for (const kind of dueKinds) rows.push({ event, kind, due: dueDay(kind, event, calendar) });
  }
  return {
    events: rows.map((row) => row.event),
    kinds: rows.map((row) => row.kind),
    dues: rows.map((row) => row.due),
  };
}
