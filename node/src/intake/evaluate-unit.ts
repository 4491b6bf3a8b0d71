/**
 * Rows of the tree of units: each unit with its assigned posts. What concerns the tree as a whole (a
 * parent that is missing, a code that comes twice) is said once all its rows are there.
 */

import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { orgPost, orgUnit } from '@lienthong/shared-schema/catalogue/organisation.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import { type UnitItem, verdictOf } from './intake-item.ts';
import { readField } from './read-field.ts';
import { missingFindings, readSection } from './read-section.ts';
import { isWithinAgency } from './read-unit-code.ts';
import { rowSource } from './row-source.ts';
import type { UnitSheet } from './sheet-plan.ts';

export function evaluateUnit(plan: UnitSheet, { sheet, row, cells }: SheetRow): UnitItem {
  const readings = plan.sections.map((columns) => readSection(columns, cells));
  const values = new Map(readings.flatMap((one) => Array.from(one.values)));
  const findings: Finding[] = readings.flatMap((one) => one.findings);
  findings.push(...missingFindings(orgUnit, values, findings));
  const posts: DraftRow[] = [];
  const assigned = fieldNamed(orgPost, 'assigned');
  for (const { column, postKind } of plan.posts) {
    const reading = readField(assigned, cells[column], null);
    findings.push(...reading.findings);
    if (reading.value === null) continue;
    posts.push({ year: plan.year, post_kind: postKind, assigned: reading.value });
  }
  return {
    kind: 'unit',
    sheet,
    row,
    stt: runningNumber(plan, cells),
    verdict: verdictOf(findings),
    findings,
    source: rowSource(plan, cells),
    code: values.get('code') ?? null,
    draft: {
      kind: 'org_unit',
      sections: {
        org_unit: [Object.fromEntries(values)],
        ...(plan.posts.length > 0 ? { org_post: posts } : {}),
      },
    },
  };
}

export type Tree = {
  readonly units: readonly UnitItem[];
  /** The agency whose tree it is: the one given, else the one root that it has. */
  readonly agency: string | null;
  /** Codes that a person may be assigned to; undefined when no tree is known. */
  readonly codes: ReadonlySet<string> | undefined;
};

export type TreeOptions = {
  readonly agency: string | undefined;
  /** Codes of the units that the node has already. */
  readonly knownUnits: readonly string[] | undefined;
};

/** The rows together with what is known already. A refused unit is no unit that others may name. */
export function settleTree(rows: readonly UnitItem[], { agency, knownUnits }: TreeOptions): Tree {
  const written = new Set(rows.flatMap((unit) => unit.code ?? []));
  const named = new Set([...written, ...(knownUnits ?? [])]);
  const roots = Array.from(named).filter((code) => !code.includes('.'));
  const owner = agency ?? (roots.length === 1 ? roots[0] : undefined) ?? null;
  const firstRow = new Map<string, number>();
  const units = rows.map((unit) => {
    const findings = [...unit.findings, ...treeFindings(unit, { named, owner, firstRow })];
    if (unit.code !== null && !firstRow.has(unit.code)) firstRow.set(unit.code, unit.row);
    return { ...unit, findings, verdict: verdictOf(findings) };
  });
  const good = units.filter((unit) => unit.verdict !== 'error').flatMap((unit) => unit.code ?? []);
  const codes =
    rows.length === 0 && knownUnits === undefined
      ? undefined
      : new Set([...good, ...(knownUnits ?? [])]);
  return { units, agency: owner, codes };
}

type TreeFacts = {
  readonly named: ReadonlySet<string>;
  readonly owner: string | null;
  readonly firstRow: ReadonlyMap<string, number>;
};

function treeFindings(unit: UnitItem, { named, owner, firstRow }: TreeFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const say = (
    code: 'unit_code_repeated' | 'unit_outside_agency' | 'parent_unknown',
    name: string,
    value: string,
  ) => {
    const { vi, en } = fieldNamed(orgUnit, name);
    findings.push(makeFinding(code, name, { label: { vi, en }, value, limit: owner ?? '' }));
  };
  if (unit.code !== null && firstRow.has(unit.code)) say('unit_code_repeated', 'code', unit.code);
  if (unit.code !== null && owner !== null && !isWithinAgency(unit.code, owner)) {
    say('unit_outside_agency', 'code', unit.code);
  }
  const parent = unit.draft.sections['org_unit']?.[0]?.['parent_code'];
  if (parent !== undefined && !named.has(parent)) say('parent_unknown', 'parent_code', parent);
  return findings;
}
