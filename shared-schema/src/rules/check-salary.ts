/** Rank × step × coefficient, Decree 204/2004/NĐ-CP tables 2 and 3. */
import scale from '../../code-lists/salary-scale.json' with { type: 'json' };
import { entriesWithCode } from '../code-lists/lookup.ts';

const coefficientOf = new Map(
  scale.steps.map((step) => [`${step.group} ${step.step}`, step.coefficient]),
);

const stepsOf = new Map<string, number>();
for (const { group, step } of scale.steps) {
  stepsOf.set(group, Math.max(stepsOf.get(group) ?? 0, step));
}

export type SalaryStanding = 'fits' | 'coefficient-off' | 'step-off' | 'not-checked';

/** `coefficient` in canonical decimal text; anything missing or unknown is not checked. */
export function salaryStanding(
  rankCode: string | null,
  step: string | null,
  coefficient: string | null,
): SalaryStanding {
  if (rankCode === null || step === null) return 'not-checked';
  const group = entriesWithCode('NGACH', rankCode)[0]?.salaryGroup;
  const steps = group === undefined ? undefined : stepsOf.get(group);
  if (group === undefined || steps === undefined) return 'not-checked';
  const expected = coefficientOf.get(`${group} ${Number(step)}`);
  if (expected === undefined) return 'step-off';
  if (coefficient === null) return 'not-checked';
  return Number(coefficient) === Number(expected) ? 'fits' : 'coefficient-off';
}
