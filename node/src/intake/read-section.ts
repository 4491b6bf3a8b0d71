/**
 * The fields of one section from one row, dates first, since codes are read as of the date of their
 * event. How values fit together is judged by the rules on records.
 */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import type { Cell } from '../workbook/cell.ts';
import { readField } from './read-field.ts';
import type { SectionColumns } from './sheet-plan.ts';

export type SectionReading = {
  readonly section: Section;
  /** Field name → canonical text; only fields that have a good value. */
  readonly values: ReadonlyMap<string, string>;
  /** In the order of the catalogue. */
  readonly findings: readonly Finding[];
};

export function readSection(
  columns: SectionColumns,
  cells: readonly Cell[],
  codes: CodeBook,
): SectionReading {
  const { section, fields } = columns;
  const values = new Map<string, string>();
  const found = new Map<string, readonly Finding[]>();
  const datesFirst = [
    ...fields.filter((one) => one.field.asOf === undefined),
    ...fields.filter((one) => one.field.asOf !== undefined),
  ];
  for (const { field, column } of datesFirst) {
    const event = field.asOf === undefined ? null : (values.get(field.asOf) ?? null);
    const { value, findings } = readField(field, cells[column], { codes, event });
    if (value !== null) values.set(field.name, value);
    found.set(field.name, findings);
  }
  const findings = section.fields
    .flatMap((field) => found.get(field.name) ?? [])
    .map((finding) => ({ ...finding, section: section.name }));
  return { section, values, findings };
}

/** A finding `required` for each required field that has neither a value nor a fault of its own. */
export function missingFindings(
  section: Section,
  values: ReadonlyMap<string, string>,
  findings: readonly Finding[],
): readonly Finding[] {
  return section.fields
    .filter((field) => field.required && !values.has(field.name))
    .filter((field) => !findings.some((finding) => finding.field === field.name))
    .map((field) => ({
      ...makeFinding('required', field.name, { label: { vi: field.vi, en: field.en } }),
      section: section.name,
    }));
}
