/**
 * One row of the list of people: the draft of a record and every finding it has, in the order of the
 * catalogue. Nothing stops at the first fault: a clerk mends a row once. A row that brings a part of a
 * record is judged together with what the node has of the rest. What concerns other rows (a number
 * that comes twice) is added by the caller.
 */
import type { DraftRow, RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { checkRecord, placeOf } from '@lienthong/shared-schema/rules/check-record.ts';
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';
import type { RuleContext } from '@lienthong/shared-schema/rules/rule.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import { deriveValues } from './derive-values.ts';
import { type PersonItem, verdictOf } from './intake-item.ts';
import type { ListFacts } from './list-facts.ts';
import { missingFindings, readSection, type SectionReading } from './read-section.ts';
import { cellKindsOf, rowSource } from './row-source.ts';
import { type CarriedFields, carriedFields, type PersonSheet } from './sheet-plan.ts';
import { standingFindings } from './standing-findings.ts';

export type StoredSections = RecordDraft['sections'];

/** What the node has of the person whom a number means. */
export type StoredPerson = {
  readonly sections: StoredSections;
  /** Whether several active records have the number, which only a slip of SQL leaves. */
  readonly pinIsShared: boolean;
};

/** A row as read, before anything is said of how its values fit together. */
export type PersonReading = {
  readonly plan: PersonSheet;
  readonly row: SheetRow;
  readonly readings: readonly SectionReading[];
  /** Null when the row has none that is good. */
  readonly pin: string | null;
};

/** Sections without which nobody is a person of the agency: asked for in every row. */
const neededSections = [identity, employment];

/** The sections that the sheet carries and those that are needed, with derived values. */
export function readPerson(plan: PersonSheet, row: SheetRow, codes: CodeBook): PersonReading {
  const carried = new Set(plan.sections.map((one) => one.section));
  const needed = neededSections.filter((section) => !carried.has(section));
  const columns = [...plan.sections, ...needed.map((section) => ({ section, fields: [] }))];
  const readings = columns.map((one) => {
    const reading = readSection(one, row.cells, codes);
    return { ...reading, values: deriveValues(one.section.name, reading.values, codes) };
  });
  const pin = readings.find((one) => one.section === identity)?.values.get('pin') ?? null;
  return { plan, row, readings, pin };
}

export type PersonContext = RuleContext & {
  /** What the node has of the person. */
  readonly stored?: StoredPerson | undefined;
  /** What the lists of the same file say of the person: it goes before what is stored of them. */
  readonly listFacts?: ListFacts | undefined;
};

export function judgePerson(reading: PersonReading, context: PersonContext): PersonItem {
  const { plan, row, readings, pin } = reading;
  const { stored: person, listFacts, ...rules } = context;
  const stored = person?.sections;
  const lists = pin === null ? undefined : listFacts;
  const carries = carriedFields(plan);
  const sections = readings.map(({ section, values }): [string, readonly DraftRow[]] => [
    section.name,
    values.size === 0 ? [] : [Object.fromEntries(values)],
  ]);
  const draft: RecordDraft = { kind: 'person', sections: Object.fromEntries(sections) };
  const findings = [
    ...readings.flatMap((one) => sectionFindings(one, carries, stored)),
    ...checkRecord(
      { ...draft, sections: { ...draft.sections, ...lists?.of(pin ?? '') } },
      { ...rules, stored, carries: { ...carries, ...carriedLists(lists) } },
      // a row of a list has its findings where it stands
    ).filter(({ section = '', ordinal }) => ordinal === undefined || !lists?.sections.has(section)),
    ...(person === undefined ? [] : standingFindings({ ...draft, carries }, person)),
  ].toSorted((a, b) => placeOf(a) - placeOf(b));
  return {
    kind: 'person',
    sheet: row.sheet,
    row: row.row,
    stt: runningNumber(plan, row.cells),
    verdict: verdictOf(findings),
    findings,
    source: rowSource(plan, row.cells),
    cellKinds: cellKindsOf(row.cells),
    pin,
    draft,
  };
}

/** Without fields: a file may have a part of a list, and nobody is told that rows are missing. */
const carriedLists = (lists: ListFacts | undefined): CarriedFields =>
  Object.fromEntries(Array.from(lists?.sections ?? [], (name) => [name, []]));

/** A needed value for which the sheet has no column is not missing where the node has it. */
function sectionFindings(
  { section, values, findings }: SectionReading,
  carries: CarriedFields,
  stored: StoredSections | undefined,
): readonly Finding[] {
  const carried = new Set(carries[section.name]);
  const had = Object.entries(stored?.[section.name]?.[0] ?? {});
  const kept = had.filter(([field]) => !carried.has(field));
  return [...findings, ...missingFindings(section, new Map([...kept, ...values]), findings)];
}

/** Reads and judges a row of which the node has nothing. */
export function evaluatePerson(
  plan: PersonSheet,
  row: SheetRow,
  context: PersonContext,
): PersonItem {
  return judgePerson(readPerson(plan, row, context.codes), context);
}
