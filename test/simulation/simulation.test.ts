/** The fixed set: what it must not find, what it must have produced, and that it is reproducible. */
import { expect, test } from 'vitest';

import { headTag, type Sections } from './messages.ts';
import { planOf } from './plan.ts';
import { type Outcome, run } from './run.ts';
import { shapes } from './shapes.ts';
import { shrink } from './shrink.ts';

const seeds = Array.from({ length: 500 }, (_, i) => i + 1);

const outcomes = new Map<number, Outcome>();
function outcomeOf(seed: number): Outcome {
  const known = outcomes.get(seed) ?? run(planOf(seed));
  outcomes.set(seed, known);
  return known;
}

test(
  'I1, I2, I3, I4, I5, I6, I7, I9, I11, I13, I14, I15: worlds full of faults end as they must',
  { timeout: 120_000 },
  () => {
    const broken = seeds.flatMap((seed) =>
      outcomeOf(seed).violations.map(({ invariant, what }) => `${seed}: ${invariant} ${what}`),
    );
    expect(broken).toEqual([]);
  },
);

test('the fixed seeds have every shape of the table', { timeout: 120_000 }, () => {
  const seen = new Set(seeds.flatMap((seed) => [...outcomeOf(seed).shapes.keys()]));
  const missing = Object.values(shapes)
    .flat()
    .filter((name) => !seen.has(name));
  expect(missing).toEqual([]);
});

test('a seed says everything: run twice it is the same, event by event', () => {
  for (const seed of [3, 18, 47, 156]) {
    const [first, again] = [outcomeOf(seed), run(planOf(seed))];
    expect(again.decisions).toEqual(first.decisions);
    expect(again.events).toBe(first.events);
    expect(first.decisions.length).toBeGreaterThan(3);
  }
});

/** Plans of several units; none of them copies the value of one unit into another. */
const shared = seeds.slice(0, 150).filter((seed) => planOf(seed).units > 1);

test('I8: what a unit is sent does not depend on what others write', () => {
  let compared = 0;
  for (const seed of shared.slice(0, 50)) {
    const saltOf = (agency: string): string => (agency === 'U00' ? '' : '~other');
    const [plain, other] = [
      run(planOf(seed), { keepsAnswers: true }),
      run(planOf(seed), { keepsAnswers: true, saltOf }),
    ];
    const to = (outcome: Outcome): readonly string[] => outcome.sentTo?.get('U00.a') ?? [];
    expect(to(other)).toEqual(to(plain));
    compared += to(plain).length;
  }
  expect(compared).toBeGreaterThan(500);
});

test('what a unit is sent does differ where a refusal says what another unit has', () => {
  const glue = {
    pinFault: (holder: { readonly sections: Sections } | undefined): string =>
      `held as ${holder?.sections[headTag] ?? 'nothing'}`,
  };
  const sentWith = (seed: number, salt: string): string => {
    const saltOf = (agency: string): string => (agency === 'U00' ? '' : salt);
    const { sentTo } = run(planOf(seed), { glue, keepsAnswers: true, saltOf });
    return JSON.stringify(sentTo?.get('U00.a'));
  };
  expect(shared.some((seed) => sentWith(seed, '') !== sentWith(seed, '~other'))).toBe(true);
});

test('I18: clocks that are years apart decide nothing', () => {
  let compared = 0;
  const year = 31_557_600_000;
  for (const seed of seeds.slice(0, 60)) {
    const clockShiftMs = (machine: string): number =>
      machine === 'hub' ? 9 * year : machine.endsWith('.a') ? -7 * year : 3 * year;
    const [plain, shifted] = [outcomeOf(seed), run(planOf(seed), { clockShiftMs })];
    expect(shifted.violations).toEqual([]);
    expect(shifted.decisions).toEqual(plain.decisions);
    compared += plain.decisions.length;
  }
  expect(compared).toBeGreaterThan(500);
});

test('a failing plan is made smaller and still fails, with a trace to read', () => {
  const options = { lazyHub: true };
  const seed = seeds.find((one) => run(planOf(one), options).violations.length > 0) ?? 1;
  const plan = planOf(seed);
  const { plan: small, outcome } = shrink(plan, options);
  expect(small.acts.length).toBeLessThan(plan.acts.length);
  expect(outcome.violations.length).toBeGreaterThan(0);
  expect(outcome.trace.length).toBeGreaterThan(0);
});
