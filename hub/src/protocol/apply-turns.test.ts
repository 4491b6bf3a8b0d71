import fc from 'fast-check';
import { expect, test } from 'vitest';

import { nextTurn, noTurns, type Turns, turnTaken } from './apply-turns.ts';

const none: ReadonlySet<string> = new Set();

/** Serves until the units named are empty; says what each got meanwhile, in turns and in cost. */
function serveUntilEmpty(
  work: Readonly<Record<string, readonly number[]>>,
  watched: readonly string[],
): Record<string, { turns: number; cost: number }> {
  const queues = new Map(Object.entries(work).map(([agency, costs]) => [agency, [...costs]]));
  const got: Record<string, { turns: number; cost: number }> = {};
  let turns: Turns = noTurns;
  const waiting = (): string[] =>
    [...queues].filter(([, costs]) => costs.length > 0).map(([agency]) => agency);
  while (watched.some((agency) => (queues.get(agency)?.length ?? 0) > 0)) {
    const agency = nextTurn(turns, waiting(), none);
    if (agency === undefined) throw new Error('somebody waits');
    const cost = queues.get(agency)?.shift() ?? 0;
    turns = turnTaken(turns, { agency, cost }, waiting());
    const so = (got[agency] ??= { turns: 0, cost: 0 });
    so.turns += 1;
    so.cost += cost;
  }
  return got;
}

test('I15: a unit with a hundred times the load gets no more turns than each of the others', () => {
  const light = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`L${n}`, Array<number>(5).fill(100)]),
  );
  const got = serveUntilEmpty({ A: Array<number>(500).fill(100), ...light }, Object.keys(light));
  expect(got['A']?.turns).toBeLessThanOrEqual(6);
});

test('a unit with batches of a hundred times the size gets one turn', () => {
  const light = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`L${n}`, Array<number>(5).fill(100)]),
  );
  const got = serveUntilEmpty({ A: Array<number>(5).fill(10_000), ...light }, Object.keys(light));
  expect(got['A']?.turns).toBe(1);
});

test('whoever comes new, or comes back, neither waits for what others had nor gets it in addition', () => {
  let turns: Turns = noTurns;
  for (let n = 0; n < 50; n++) turns = turnTaken(turns, { agency: 'A', cost: 10 }, ['A']);
  expect(nextTurn(turns, ['A', 'B'], none)).toBe('A');
  turns = turnTaken(turns, { agency: 'A', cost: 10 }, ['A', 'B']);
  expect(nextTurn(turns, ['A', 'B'], none)).toBe('B');
  // A has no work for a while and comes again: it was served more, and that is still known
  turns = turnTaken(turns, { agency: 'B', cost: 3 }, ['B']);
  expect(nextTurn(turns, ['A', 'B'], none)).toBe('B');
});

test('a unit that was away while others were served has no turns saved up, and takes no more room', () => {
  let turns = turnTaken(noTurns, { agency: 'A', cost: 10 }, ['A', 'B', 'C']);
  for (let n = 0; n < 100; n++) {
    const agency = n % 2 === 0 ? 'B' : 'C';
    turns = turnTaken(turns, { agency, cost: 10 }, ['B', 'C']);
  }
  // all three are where the others are by now: the order of the line counts, and nothing of before
  expect(nextTurn(turns, ['B', 'C', 'A'], none)).toBe('B');
  expect(turns.served.size).toBe(0);
  turns = turnTaken(turns, { agency: 'A', cost: 10 }, ['A', 'B', 'C']);
  expect(nextTurn(turns, ['A', 'B', 'C'], none)).toBe('B');
});

test('alone in the line a unit goes on at once, and one that is being worked on has no turn', () => {
  const turns = turnTaken(noTurns, { agency: 'A', cost: 1_000 }, ['A', 'B']);
  expect(nextTurn(turns, ['A'], none)).toBe('A');
  expect(nextTurn(turns, ['A', 'B'], new Set(['B']))).toBe('A');
  expect(nextTurn(turns, ['A'], new Set(['A']))).toBeUndefined();
  expect(nextTurn(turns, [], none)).toBeUndefined();
});

test('I15: of units that all have work none is served more than another by more than a batch', () => {
  const costs = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(fc.array(costs, { minLength: 2, maxLength: 6 }), (all) => {
      const work = Object.fromEntries(all.map((one, n) => [`U${n}`, one]));
      let turns: Turns = noTurns;
      const got = new Map(Object.keys(work).map((agency) => [agency, 0]));
      const agencies = Object.keys(work);
      for (let n = 0; n < 60; n++) {
        const agency = nextTurn(turns, agencies, none) ?? '';
        const cost = work[agency]?.[n] ?? 1;
        turns = turnTaken(turns, { agency, cost }, agencies);
        got.set(agency, (got.get(agency) ?? 0) + cost);
        expect(Math.max(...got.values()) - Math.min(...got.values())).toBeLessThanOrEqual(10_000);
      }
      expect(turns.served.size).toBeLessThanOrEqual(agencies.length);
    }),
  );
});
