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
};

export function treeFindings(
  { code, parent_code: parent }: DraftRow,
  { named, owner, taken }: TreeFacts,
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
  if (parent !== undefined && !named.has(parent)) say('parent_unknown', 'parent_code', parent);
  return findings;
}
