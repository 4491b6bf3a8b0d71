/** Makes a failing plan smaller: acts are left out, then units, as long as it still fails the same way. */
import type { Plan } from './plan.ts';
import { type Outcome, run, type RunOptions } from './run.ts';

export type Shrunk = { readonly plan: Plan; readonly outcome: Outcome };

/** `runsMax` bounds the work. The plan must fail with these options; the first violation is kept. */
export function shrink(plan: Plan, options: RunOptions, runsMax = 400): Shrunk {
  const first = run(plan, options).violations[0]?.invariant;
  let runs = 0;
  const fails = (one: Plan): boolean => {
    runs += 1;
    return run(one, options).violations.some(({ invariant }) => invariant === first);
  };
  let best = plan;
  for (let size = Math.ceil(plan.acts.length / 2); size >= 1 && runs < runsMax;) {
    const smaller = withoutSome(best, size, (one) => runs < runsMax && fails(one));
    if (smaller === undefined) size = size === 1 ? 0 : Math.ceil(size / 2);
    else best = smaller;
  }
  for (let units = 1; units < best.units && runs < runsMax; units++) {
    const fewer = { ...best, units, acts: best.acts.filter(({ act }) => !isAt(act, units)) };
    if (fails(fewer)) best = fewer;
  }
  return { plan: best, outcome: run(best, { ...options, traces: true }) };
}

const isAt = (act: Plan['acts'][number]['act'], units: number): boolean =>
  'unit' in act && act.unit >= units;

/** The plan without the first run of `size` acts that it can do without. */
function withoutSome(plan: Plan, size: number, fails: (plan: Plan) => boolean): Plan | undefined {
  for (let start = 0; start < plan.acts.length; start += size) {
    const acts = plan.acts.toSpliced(start, size);
    const smaller = { ...plan, acts };
    if (fails(smaller)) return smaller;
  }
  return undefined;
}
