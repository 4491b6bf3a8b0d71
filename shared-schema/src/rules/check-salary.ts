/** Rank × step × coefficient, Decree 204/2004/NĐ-CP tables 2 and 3. */
import scale from '../../code-lists/salary-scale.json' with { type: 'json' };
import type { CodeBook } from '../code-lists/code-book.ts';

type ScaleStep = { readonly coefficient: number; readonly months: number };

/** Salary group → its steps, the first at 0. */
const stepsOf = new Map<string, readonly ScaleStep[]>();
for (const [group, steps] of Map.groupBy(scale.steps, (one) => one.group)) {
  const inOrder = steps.toSorted((a, b) => a.step - b.step);
  stepsOf.set(
    group,
    inOrder.map(({ coefficient, months }) => ({ coefficient: Number(coefficient), months })),
  );
}

function stepsOfRank(
  codes: CodeBook,
  rankCode: string | null | undefined,
): readonly ScaleStep[] | undefined {
  const group = rankCode ? codes.withCode('NGACH', rankCode)[0]?.salaryGroup : undefined;
  return group === undefined ? undefined : stepsOf.get(group);
}

export type SalaryStanding = 'fits' | 'coefficient-off' | 'step-off' | 'not-checked';

/** Canonical text. */
export type SalaryFacts = {
  readonly rankCode: string | null;
  readonly step: string | null;
  readonly coefficient: string | null;
};

/** Anything missing or unknown is not checked. */
export function salaryStanding(
  codes: CodeBook,
  { rankCode, step, coefficient }: SalaryFacts,
): SalaryStanding {
  const steps = stepsOfRank(codes, rankCode);
  if (steps === undefined || step === null) return 'not-checked';
  const expected = steps[Number(step) - 1];
  if (expected === undefined) return 'step-off';
  if (coefficient === null) return 'not-checked';
  return Number(coefficient) === expected.coefficient ? 'fits' : 'coefficient-off';
}

/** The number of steps of a rank; undefined where its salary group is not known. */
export function lastStepOf(codes: CodeBook, rankCode: string | undefined): number | undefined {
  return stepsOfRank(codes, rankCode)?.length;
}

/** Months until the next step, or until seniority beyond the scale begins. */
export function monthsAtStep(
  codes: CodeBook,
  rankCode: string | undefined,
  step: string | undefined,
): number | undefined {
  return stepsOfRank(codes, rankCode)?.[Number(step) - 1]?.months;
}
