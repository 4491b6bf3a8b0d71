/**
 * One row of a list section (work history, training, salary history …), attached to its person by the
 * PIN. A row with an error is held back with its own findings, named `section.field`, and does not
 * change the verdict of the person: the person's own data is good without it.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { RuleContext } from '@lienthong/shared-schema/rules/rule.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import type { StoredSections } from './evaluate-person.ts';
import { type ListItem, verdictOf } from './intake-item.ts';
import type { ListRun } from './list-run.ts';
import { readField } from './read-field.ts';
import { missingFindings, readSection } from './read-section.ts';
import { cellKindsOf, rowSource } from './row-source.ts';
import type { ListSheet } from './sheet-plan.ts';

const pinField = fieldNamed(identity, 'pin');

export type ListContext = RuleContext & {
  /** Whether a PIN is that of a person of the file or of the node. */
  readonly isKnown: (pin: string) => boolean;
  /** The rows of the same list that came right before. */
  readonly run?: ListRun | undefined;
  /** What the file says of the person. */
  readonly factsOf?: ((pin: string) => StoredSections | undefined) | undefined;
};

export function evaluateListRow(
  plan: ListSheet,
  { sheet, row, cells }: SheetRow,
  context: ListContext,
): ListItem {
  const { section } = plan;
  const { codes, isKnown } = context;
  const pin = readField(pinField, cells[plan.pinColumn], { codes, event: null });
  const readings = plan.sections.map((columns) => readSection(columns, cells, codes));
  const values = new Map(readings.flatMap((one) => Array.from(one.values)));
  const own = readings.flatMap((one) => one.findings);
  const findings = [
    ...pinFindings(pin.value, pin.findings, isKnown),
    ...own,
    ...missingFindings(section, values, own),
    ...rowFindings(section.name, { pin: pin.value, row: Object.fromEntries(values) }, context),
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
    pin: pin.value,
    values: Object.fromEntries(values),
  };
}

/** What the rules on records say of the row, with the rows before it and the facts of its person. */
function rowFindings(
  section: string,
  { pin, row }: { readonly pin: string | null; readonly row: DraftRow },
  context: ListContext,
): readonly Finding[] {
  const facts = pin === null ? undefined : context.factsOf?.(pin);
  const rows = [...(context.run?.before(section, pin) ?? []), row];
  const draft = { kind: 'person', sections: { ...facts, [section]: rows } } as const;
  const found = checkRecord(draft, { ...context, carries: { [section]: Object.keys(row) } });
  return (
    found
      .filter((one) => one.section === section && one.ordinal === rows.length)
      // where the row stands in the sheet says more than where it stands in the list
      .map(({ code, field, vi, en }) => ({ code, section, field, vi, en }))
  );
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
