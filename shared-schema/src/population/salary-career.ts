/**
 * A working life on the salary scale (Decree 204/2004/NĐ-CP): a year of probation at 85 percent, a
 * step every 24 or 36 months (sometimes early), and on promotion the lowest step of the new rank that
 * pays no less. The last stage is the current salary.
 */
import scale from '../../code-lists/salary-scale.json' with { type: 'json' };
import { shippedBook } from '../code-lists/code-book.ts';
import { shiftMonths } from './dates.ts';
import { type Random, chance, integerIn } from './random.ts';

export type Stage = {
  readonly from: string;
  /** First day of the next stage; absent for the current one. */
  readonly until?: string;
  readonly rank: string;
  readonly step: number;
  /** Canonical decimal text, as in the scale. */
  readonly coefficient: string;
  readonly percent: '85.00' | '100.00';
};

export type SalaryCareer = {
  readonly stages: readonly Stage[];
  readonly current: Stage;
  readonly rankSince: string;
  readonly stepSince: string;
  /** Percent above the last step, 0 before it applies. */
  readonly overScalePercent: number;
  /** Index of the current rank in the ladder. */
  readonly level: number;
};

export type CareerOptions = {
  readonly ladder: readonly string[];
  readonly startedOn: string;
  readonly today: string;
  /** Days of the promotions to the second, third … rank of the ladder, rising. */
  readonly promotions: readonly string[];
};

const groupOf = (rank: string): string => {
  const group = shippedBook.withCode('NGACH', rank)[0]?.salaryGroup;
  if (group === undefined) throw new RangeError(`the list NGACH gives no salary group for ${rank}`);
  return group;
};

const stepsByGroup = Map.groupBy(scale.steps, (step) => step.group);

type ScaleStep = { readonly step: number; readonly coefficient: string; readonly months: number };

function scaleOf(rank: string): readonly ScaleStep[] {
  const steps = stepsByGroup.get(groupOf(rank));
  if (steps === undefined) throw new RangeError(`the salary scale has no steps for ${rank}`);
  return steps;
}

export function salaryCareer(random: Random, options: CareerOptions): SalaryCareer {
  const { ladder, startedOn, today, promotions } = options;
  const probationEnd = shiftMonths(startedOn, 12);
  const stages: Stage[] = [];
  let level = 0;
  let rank = ladder[0] ?? '';
  let steps = scaleOf(rank);
  let index = 0;
  let rankSince = startedOn;
  let stepSince = startedOn;
  let from = startedOn;
  let percent: Stage['percent'] = '85.00';
  for (;;) {
    const scaleStep = steps[index];
    if (scaleStep === undefined)
      throw new RangeError(`the scale of ${rank} ends before step ${index + 1}`);
    const stage = { from, rank, step: scaleStep.step, coefficient: scaleStep.coefficient, percent };
    const early = chance(random, 0.08) ? integerIn(random, { min: 1, max: 2 }) * 6 : 0;
    const nextStep =
      index + 1 < steps.length
        ? shiftMonths(stepSince, scaleStep.months + (index === 0 && level === 0 ? 12 : 0) - early)
        : undefined;
    const promotion = promotions[level];
    const onProbation = percent === '85.00';
    const next = onProbation ? probationEnd : soonest(nextStep, promotion);
    if (next === undefined || next > today) {
      stages.push(stage);
      const overSince =
        index + 1 < steps.length ? undefined : shiftMonths(stepSince, scaleStep.months);
      return {
        stages,
        current: stage,
        rankSince,
        stepSince,
        overScalePercent:
          overSince === undefined || overSince > today ? 0 : 5 + wholeYears(overSince, today),
        level,
      };
    }
    stages.push({ ...stage, until: next });
    if (onProbation) {
      percent = '100.00';
    } else if (next === promotion) {
      level += 1;
      rank = ladder[level] ?? rank;
      steps = scaleOf(rank);
      const enough = steps.findIndex((one) => Number(one.coefficient) >= Number(stage.coefficient));
      index = enough === -1 ? steps.length - 1 : enough;
      rankSince = next;
      stepSince = next;
    } else {
      index += 1;
      stepSince = next;
    }
    from = next;
  }
}

const soonest = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b <= a) ? b : a;

const wholeYears = (from: string, to: string): number =>
  Number(to.slice(0, 4)) - Number(from.slice(0, 4)) - (to.slice(5) < from.slice(5) ? 1 : 0);
