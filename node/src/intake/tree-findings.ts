/** What is to be said of a unit by its place in the tree: of its agency, below a unit that is there. */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { orgUnit } from '@lienthong/shared-schema/catalogue/organisation.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';

export type TreeFacts = {
  /** Codes that a unit may have as its parent. */
  readonly named: { has(code: string): boolean };
  readonly owner: string | null;
  /** Codes that an earlier row has already. */
  readonly taken: { has(code: string): boolean };
  /** Codes of units that are above themselves: no root leads to them. */
  readonly circled: { has(code: string): boolean };
};

export function treeFindings(
  { code, parent_code: parent }: DraftRow,
  { named, owner, taken, circled }: TreeFacts,
): readonly Finding[] {
  const findings: Finding[] = [];
  const say = (
    rule: 'unit_code_repeated' | 'unit_outside_agency' | 'parent_unknown',
    name: string,
    value: string,
  ) => {
    const { vi, en } = fieldNamed(orgUnit, name);
    const words = { label: { vi, en }, value, limit: owner ?? '' };
    findings.push({ ...makeFinding(rule, name, words), section: orgUnit.name });
  };
  if (code !== undefined && taken.has(code)) say('unit_code_repeated', 'code', code);
  if (code !== undefined && owner !== null && !isWithinAgency(code, owner)) {
    say('unit_outside_agency', 'code', code);
  }
  const isLost = code !== undefined && circled.has(code);
  if (parent !== undefined && (isLost || !named.has(parent))) {
    say('parent_unknown', 'parent_code', parent);
  }
  return findings;
}

/** Of units by code, with their parents, those that come back to themselves by way of their parents. */
export function unitsInCircles(parents: ReadonlyMap<string, string>): ReadonlySet<string> {
  const circled = new Set<string>();
  const seen = new Set<string>();
  for (const start of parents.keys()) {
    const path: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = parents.get(at);
    }
    const again = at === undefined ? -1 : path.indexOf(at);
    if (again >= 0) for (const code of path.slice(again)) circled.add(code);
  }
  return circled;
}
