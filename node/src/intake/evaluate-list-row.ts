/**
 * One row of a list section (work history, training, salary history …), attached to its person by the
 * PIN. A row with an error is held back with its own findings, named `section.field`, and does not
 * change the verdict of the person: the person's own data is good without it.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import { type ListItem, verdictOf } from './intake-item.ts';
import { readField } from './read-field.ts';
import { missingFindings, readSection } from './read-section.ts';
import { rowSource } from './row-source.ts';
import type { ListSheet } from './sheet-plan.ts';

const pinField = fieldNamed(identity, 'pin');

/** `isKnown` tells whether a PIN is that of a person of the file or of the node. */
export function evaluateListRow(
  plan: ListSheet,
  { sheet, row, cells }: SheetRow,
  isKnown: (pin: string) => boolean,
): ListItem {
  const { section } = plan;
  const pin = readField(pinField, cells[plan.pinColumn], null);
  const readings = plan.sections.map((columns) => readSection(columns, cells));
  const values = new Map(readings.flatMap((one) => Array.from(one.values)));
  const own = readings.flatMap((one) => one.findings);
  const findings = [
    ...pinFindings(pin.value, pin.findings, isKnown),
    ...own,
    ...missingFindings(section, values, own),
  ].map((finding) => ({ ...finding, field: `${section.name}.${finding.field ?? ''}` }));
  return {
    kind: 'list-row',
    sheet,
    row,
    stt: runningNumber(plan, cells),
    verdict: verdictOf(findings),
    findings,
    source: rowSource(plan, cells),
    section: section.name,
    pin: pin.value,
    values: Object.fromEntries(values),
  };
}

function pinFindings(
  pin: string | null,
  findings: readonly Finding[],
  isKnown: (pin: string) => boolean,
): readonly Finding[] {
  const label = { vi: pinField.vi, en: pinField.en };
  if (pin === null) {
    return findings.length > 0 ? findings : [makeFinding('required', pinField.name, { label })];
  }
  return isKnown(pin)
    ? findings
    : [...findings, makeFinding('person_unknown', pinField.name, { label })];
}
