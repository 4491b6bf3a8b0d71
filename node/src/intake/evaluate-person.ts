/**
 * One row of the list of people: the draft of a record and every finding it has, in the order of the
 * catalogue. Nothing stops at the first fault: a clerk mends a row once. What concerns other rows (a
 * number that comes twice) is added by the caller.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { pinFacts } from '@lienthong/shared-schema/rules/check-pin.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import { isAfter } from '@lienthong/shared-schema/text/partial-date.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import { deriveValues } from './derive-values.ts';
import { type PersonItem, verdictOf } from './intake-item.ts';
import { missingFindings, readSection } from './read-section.ts';
import { isWithinAgency } from './read-unit-code.ts';
import { rowSource } from './row-source.ts';
import type { PersonSheet } from './sheet-plan.ts';

export type PersonContext = {
  /** `YYYY-MM-DD` */
  readonly today: string;
  readonly agency: string | null;
  /** Undefined when no tree is known: then units are not looked up. */
  readonly units: ReadonlySet<string> | undefined;
};

/** Sections without which nobody is a person of the agency: asked for in every row. */
const neededSections = [identity, employment];

export function evaluatePerson(
  plan: PersonSheet,
  { sheet, row, cells }: SheetRow,
  context: PersonContext,
): PersonItem {
  const readings = readPersonSections(plan, cells);
  const valuesOf = (name: string) =>
    readings.find((one) => one.section.name === name)?.values ?? new Map<string, string>();
  const findings = [
    ...readings.flatMap((one) => [
      ...one.findings,
      ...missingFindings(one.section, one.values, one.findings),
    ]),
    ...identityFindings(valuesOf('identity'), context.today),
    ...unitFindings(valuesOf('employment'), context),
  ];
  const sections = readings.map((one): [string, Record<string, string>[]] => [
    one.section.name,
    one.values.size === 0 ? [] : [Object.fromEntries(one.values)],
  ]);
  return {
    kind: 'person',
    sheet,
    row,
    stt: runningNumber(plan, cells),
    verdict: verdictOf(findings),
    findings,
    source: rowSource(plan, cells),
    pin: valuesOf('identity').get('pin') ?? null,
    draft: { kind: 'person', sections: Object.fromEntries(sections) },
  };
}

/** The sections that the sheet carries and those that are needed, with derived values. */
function readPersonSections(plan: PersonSheet, cells: SheetRow['cells']) {
  const carried = new Set(plan.sections.map((one) => one.section));
  const needed = neededSections.filter((section) => !carried.has(section));
  const columns = [...plan.sections, ...needed.map((section) => ({ section, fields: [] }))];
  return columns.map((one) => {
    const reading = readSection(one, cells);
    return { ...reading, values: deriveValues(one.section.name, reading.values) };
  });
}

function identityFindings(values: ReadonlyMap<string, string>, today: string): readonly Finding[] {
  const findings: Finding[] = [];
  const { pin, birth, sex } = {
    pin: values.get('pin'),
    birth: values.get('birth_date'),
    sex: values.get('sex'),
  };
  if (birth !== undefined && isAfter(birth, today)) {
    const { vi, en } = fieldNamed(identity, 'birth_date');
    findings.push(makeFinding('date_future', 'birth_date', { label: { vi, en } }));
  }
  const facts = pin === undefined ? undefined : pinFacts(pin);
  if (facts === undefined) return findings;
  if (sex !== undefined && sex !== facts.sex) findings.push(makeFinding('pin_sex_mismatch', 'sex'));
  if (birth !== undefined && Number(birth.slice(0, 4)) !== facts.birthYear) {
    findings.push(makeFinding('pin_birth_mismatch', 'birth_date'));
  }
  return findings;
}

function unitFindings(
  values: ReadonlyMap<string, string>,
  { agency, units }: PersonContext,
): readonly Finding[] {
  return ['employing_unit', 'managing_unit'].flatMap((name) => {
    const value = values.get(name);
    if (value === undefined) return [];
    const { vi, en } = fieldNamed(employment, name);
    const words = { label: { vi, en }, value };
    if (agency !== null && !isWithinAgency(value, agency)) {
      return [makeFinding('unit_outside_agency', name, { ...words, limit: agency })];
    }
    return units === undefined || units.has(value)
      ? []
      : [makeFinding('unit_unknown', name, words)];
  });
}
