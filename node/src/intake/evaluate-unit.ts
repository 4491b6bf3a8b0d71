/**
 * Rows of the tree of units: each unit with its assigned posts. What concerns the tree as a whole (a
 * parent that is missing, a code that comes twice) is said once all its rows are there.
 */

import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { orgPost, orgUnit } from '@lienthong/shared-schema/catalogue/organisation.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';
import type { RuleContext, UnitTree } from '@lienthong/shared-schema/rules/rule.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { runningNumber } from './classify-row.ts';
import { type UnitItem, verdictOf } from './intake-item.ts';
import { readField } from './read-field.ts';
import { missingFindings, readSection } from './read-section.ts';
import { cellKindsOf, rowSource } from './row-source.ts';
import type { UnitSheet } from './sheet-plan.ts';
import { treeFindings, unitsInCircles } from './tree-findings.ts';

export function evaluateUnit(
  plan: UnitSheet,
  { sheet, row, cells }: SheetRow,
  context: Pick<RuleContext, 'today' | 'codes'>,
): UnitItem {
  const { codes } = context;
  const readings = plan.sections.map((columns) => readSection(columns, cells, codes));
  const values = new Map(readings.flatMap((one) => Array.from(one.values)));
  const findings: Finding[] = readings.flatMap((one) => one.findings);
  findings.push(...missingFindings(orgUnit, values, findings));
  const posts: DraftRow[] = [];
  const assigned = fieldNamed(orgPost, 'assigned');
  for (const { column, postKind } of plan.posts) {
    const reading = readField(assigned, cells[column], { codes, event: null });
    findings.push(...reading.findings.map((one) => ({ ...one, section: orgPost.name })));
    if (reading.value === null) continue;
    posts.push({ year: plan.year, post_kind: postKind, assigned: reading.value });
  }
  const sections = {
    org_unit: [Object.fromEntries(values)],
    ...(plan.posts.length > 0 ? { org_post: posts } : {}),
  };
  const draft = { kind: 'org_unit', sections } as const;
  findings.push(...checkRecord(draft, { ...context, agency: null, units: undefined }));
  return {
    kind: 'unit',
    sheet,
    row,
    stt: runningNumber(plan, cells),
    verdict: verdictOf(findings),
    findings,
    source: rowSource(plan, cells),
    cellKinds: cellKindsOf(cells),
    code: values.get('code') ?? null,
    draft,
  };
}

export type Tree = {
  readonly units: readonly UnitItem[];
  /** The agency whose tree it is: the one given, else the one root that it has. */
  readonly agency: string | null;
  /** The units that a person may be assigned to, and closed ones; undefined when no tree is known. */
  readonly codes: UnitTree | undefined;
};

export type TreeOptions = {
  readonly agency: string | undefined;
  /** Codes of the units that the node has already. */
  readonly knownUnits: readonly string[] | undefined;
  /** Of units that the node has and that are closed, the day. */
  readonly closedUnits: UnitTree | undefined;
};

/** The rows together with what is known already. A refused unit is no unit that others may name. */
export function settleTree(
  rows: readonly UnitItem[],
  { agency, knownUnits, closedUnits }: TreeOptions,
): Tree {
  const written = rows.flatMap((unit) => unit.code ?? []);
  const known = new Set([...written, ...(knownUnits ?? [])]);
  const roots = Array.from(known).filter((code) => !code.includes('.'));
  const owner = agency ?? (roots.length === 1 ? roots[0] : undefined) ?? null;
  const units = judgedTree(rows, { owner, knownUnits: knownUnits ?? [] });
  const good = units
    .filter((unit) => unit.verdict !== 'error')
    .flatMap((unit): readonly [string, string | null][] =>
      unit.code === null
        ? []
        : [[unit.code, unit.draft.sections['org_unit']?.[0]?.['closed_on'] ?? null]],
    );
  const codes =
    rows.length === 0 && knownUnits === undefined
      ? undefined
      : new Map([
          ...(closedUnits ?? []),
          ...(knownUnits ?? []).map((code): [string, null] => [code, null]),
          ...good,
        ]);
  return { units, agency: owner, codes };
}

type TreeOwner = { readonly owner: string | null; readonly knownUnits: readonly string[] };

/** A refused unit is no parent either, so it refuses those below it, as deep as it goes. */
function judgedTree(
  rows: readonly UnitItem[],
  { owner, knownUnits }: TreeOwner,
): readonly UnitItem[] {
  const known = new Set(knownUnits);
  const circled = unitsInCircles(new Map(rows.flatMap(parentOf)));
  const judgedWith = (named: ReadonlySet<string>): readonly UnitItem[] => {
    const taken = new Set<string>();
    return rows.map((unit) => {
      const facts = { named, owner, taken, circled };
      const findings = [...unit.findings, ...treeFindings(rowOf(unit), facts)];
      if (unit.code !== null) taken.add(unit.code);
      return { ...unit, findings, verdict: verdictOf(findings) };
    });
  };
  const written = rows.flatMap((unit) => unit.code ?? []);
  const good = judgedWith(new Set([...written, ...known])).filter(
    (unit) => unit.verdict !== 'error',
  );
  const named = new Set([...good.flatMap((unit) => unit.code ?? []), ...known]);
  const below = Map.groupBy(good.flatMap(parentOf), ([, parent]) => parent);
  const lost = written.filter((code) => !named.has(code));
  for (const code of lost) {
    for (const [child] of below.get(code) ?? []) {
      if (!known.has(child) && named.delete(child)) lost.push(child);
    }
  }
  return judgedWith(named);
}

const rowOf = (unit: UnitItem): DraftRow => unit.draft.sections['org_unit']?.[0] ?? {};

/** The unit and the one above it, if both are named. */
function parentOf(unit: UnitItem): readonly (readonly [string, string])[] {
  const parent = rowOf(unit)['parent_code'];
  return unit.code === null || parent === undefined ? [] : [[unit.code, parent]];
}
