/**
 * One row of a list section (work history, training, salary history …), attached to its person by the
 * PIN. A row with an error is held back with its own findings, named `section.field`, and does not
 * change the verdict of the person: the person's own data is good without it.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { RuleContext } from '@lienthong/shared-schema/rules/rule.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import type { StoredSections } from './evaluate-person.ts';
import { type ListItem, verdictOf } from './intake-item.ts';
import { type FieldReading, readField } from './read-field.ts';
import { missingFindings, readSection, type SectionReading } from './read-section.ts';
import { cellKindsOf, rowSource } from './row-source.ts';
import type { ListSheet } from './sheet-plan.ts';

const pinField = fieldNamed(identity, 'pin');

/** A row as read, before anything is said of how it fits to its person and to other rows. */
export type ListReading = {
  readonly plan: ListSheet;
  readonly row: SheetRow;
  readonly readings: readonly SectionReading[];
  /** Null when the row has none that is good. */
  readonly pin: string | null;
  readonly pinFindings: readonly Finding[];
};

export function readListPin(plan: ListSheet, { cells }: SheetRow, codes: CodeBook): FieldReading {
  return readField(pinField, cells[plan.pinColumn], { codes, event: null });
}

export function readListRow(plan: ListSheet, row: SheetRow, codes: CodeBook): ListReading {
  const { value: pin, findings: pinFindings } = readListPin(plan, row, codes);
  const readings = plan.sections.map((columns) => readSection(columns, row.cells, codes));
  return { plan, row, readings, pin, pinFindings };
}

export type ListContext = RuleContext & {
  /** Whether the file or the node has the person. */
  readonly isKnown: boolean;
  /** What is known of the person. */
  readonly facts: StoredSections | undefined;
  /** The rows of the same list of the same person that came right before. */
  readonly before: readonly DraftRow[];
};

export function judgeListRow(reading: ListReading, context: ListContext): ListItem {
  const { plan, readings, pin } = reading;
  const { sheet, row, cells } = reading.row;
  const { section } = plan;
  const values = new Map(readings.flatMap((one) => Array.from(one.values)));
  const own = readings.flatMap((one) => one.findings);
  const findings = [
    ...whoseFindings(reading, context),
    ...own,
    ...missingFindings(section, values, own),
    ...rowFindings(section.name, Object.fromEntries(values), context),
  ].map((finding) => ({
    ...finding,
    section: section.name,
    field: `${section.name}.${finding.field ?? ''}`,
  }));
  return {
    kind: 'list-row',
    sheet,
    row,
    stt: runningNumber(plan, cells),
    verdict: verdictOf(findings),
    findings,
    source: rowSource(plan, cells),
    cellKinds: cellKindsOf(cells),
    section: section.name,
    pin,
    values: Object.fromEntries(values),
  };
}

/** What the rules on records say of the row, with the rows before it and the facts of its person. */
function rowFindings(
  section: string,
  row: DraftRow,
  { facts, before, ...context }: ListContext,
): readonly Finding[] {
  const rows = [...before, row];
  const draft = { kind: 'person', sections: { ...facts, [section]: rows } } as const;
  const found = checkRecord(draft, { ...context, carries: { [section]: Object.keys(row) } });
  return (
    found
      .filter((one) => one.section === section && one.ordinal === rows.length)
      // where the row stands in the sheet says more than where it stands in the list
      .map(({ code, field, vi, en }) => ({ code, section, field, vi, en }))
  );
}

function whoseFindings(
  { pin, pinFindings }: ListReading,
  { isKnown }: ListContext,
): readonly Finding[] {
  const label = { vi: pinField.vi, en: pinField.en };
  if (pin !== null) {
    return isKnown
      ? pinFindings
      : [...pinFindings, makeFinding('person_unknown', pinField.name, { label })];
  }
  return pinFindings.length > 0 ? pinFindings : [makeFinding('required', pinField.name, { label })];
}
