/** Every planted bug is seen, with the seed of its table; so the simulation can still see them. */
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { planOf } from './plan.ts';
import { caughtBy, plantedBugs } from './planted/all.ts';
import { run } from './run.ts';
import { shapes } from './shapes.ts';

/** What each of them is seen to break. */
const seen = new Map(
  Object.entries(plantedBugs).map(([name, bug]) => [name, caughtBy(bug, bug.firstSeed)]),
);

test.each(Object.entries(plantedBugs))('%s is seen', (name, { breaks }) => {
  expect(breaks).toContain(seen.get(name));
});

const seeds = new Set(Object.values(plantedBugs).map(({ firstSeed }) => firstSeed));

test.each([...seeds])('seed %d is clean where nothing is planted', (seed) => {
  expect(run(planOf(seed)).violations).toEqual([]);
});

test('there are planted bugs enough, each with its sentence', () => {
  expect(Object.keys(plantedBugs).length).toBeGreaterThanOrEqual(38);
  for (const { removes, breaks } of Object.values(plantedBugs)) {
    expect(removes.length).toBeGreaterThan(20);
    expect(breaks.length).toBeGreaterThan(0);
  }
});

test('the tables of the protocol page are those of the simulation', () => {
  const page = readFileSync('docs/protocol.md', 'utf8').split('\n## Simulation\n')[1] ?? '';
  const rows = page
    .split('\n## ')[0]
    ?.split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const planted = Object.entries(plantedBugs).map(([name, bug]) => {
    return ['', name, bug.removes, seen.get(name) ?? 'nothing', String(bug.firstSeed), ''];
  });
  const areas = Object.entries(shapes).map(([area, names]) => ['', area, names.join('; '), '']);
  for (const row of [...planted, ...areas]) expect(rows).toContainEqual(row);
});
