/** The table of rules: every one by its code, in the order in which findings of one place are told. */
import { apiRules } from './api-rules.ts';
import { completenessRules } from './completeness-rules.ts';
import { dateRules } from './date-rules.ts';
import { historyRules } from './history-rules.ts';
import { hubRules } from './hub-rules.ts';
import { identityRules } from './identity-rules.ts';
import { packetRules } from './packet-rules.ts';
import { cellRules, fileRules } from './reading-rules.ts';
import type { Rule } from './rule.ts';
import { salaryRules } from './salary-rules.ts';
import { nodeRules, statusRules } from './status-rules.ts';
import { unitRules } from './unit-rules.ts';
import { valueRules } from './value-rules.ts';

export const recordRules = {
  ...dateRules,
  ...identityRules,
  ...unitRules,
  ...completenessRules,
  ...salaryRules,
  ...historyRules,
  ...statusRules,
};

export const rules = {
  ...valueRules,
  ...cellRules,
  ...recordRules,
  ...fileRules,
  ...nodeRules,
  ...packetRules,
  ...apiRules,
  ...hubRules,
} as const satisfies Readonly<Record<string, Rule>>;

export type FindingCode = keyof typeof rules;
export type RecordRuleCode = keyof typeof recordRules;

/** Whether a code received from elsewhere is one of ours. */
export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(rules, code);
}

export const findingCodes: readonly FindingCode[] = Object.keys(rules).filter((code) =>
  isFindingCode(code),
);

/** The same table where the kind of each rule is to be looked at. */
export const ruleOf = (code: FindingCode): Rule => rules[code];
