/**
 * The fields of one section from one row, dates first, since codes are read as of the date of their
 * event; and the rules that hold within a section.
 */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { salaryStanding } from '@lienthong/shared-schema/rules/check-salary.ts';
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

export function readSection(columns: SectionColumns, cells: readonly Cell[]): SectionReading {
  const { section, fields } = columns;
  const values = new Map<string, string>();
  const found = new Map<string, readonly Finding[]>();
  const datesFirst = [
    ...fields.filter((one) => one.field.asOf === undefined),
    ...fields.filter((one) => one.field.asOf !== undefined),
  ];
  for (const { field, column } of datesFirst) {
    const event = field.asOf === undefined ? null : (values.get(field.asOf) ?? null);
    const { value, findings } = readField(field, cells[column], event);
    if (value !== null) values.set(field.name, value);
    found.set(field.name, findings);
  }
  const inOrder = section.fields.flatMap((field) => found.get(field.name) ?? []);
  return { section, values, findings: [...inOrder, ...sectionFindings(section, values)] };
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
    .map((field) => makeFinding('required', field.name, { label: { vi: field.vi, en: field.en } }));
}

function sectionFindings(
  section: Section,
  values: ReadonlyMap<string, string>,
): readonly Finding[] {
  return [...periodFindings(values), ...salaryFindings(section, values)];
}

function periodFindings(values: ReadonlyMap<string, string>): readonly Finding[] {
  const from = values.get('from_date');
  const to = values.get('to_date');
  if (from === undefined || to === undefined) return [];
  // Of dates of different precision only the shared part is compared.
  const shared = Math.min(from.length, to.length);
  return to.slice(0, shared) < from.slice(0, shared)
    ? [makeFinding('period_backwards', 'to_date')]
    : [];
}

function salaryFindings(section: Section, values: ReadonlyMap<string, string>): readonly Finding[] {
  if (section.name !== 'salary' && section.name !== 'salary_history') return [];
  const value = (name: string): string | null => values.get(name) ?? null;
  switch (salaryStanding(value('rank_code'), value('step'), value('coefficient'))) {
    case 'coefficient-off':
      return [makeFinding('coefficient_off_scale', 'coefficient')];
    case 'step-off':
      return [makeFinding('step_off_scale', 'step')];
    case 'fits':
    case 'not-checked':
      return [];
  }
}
