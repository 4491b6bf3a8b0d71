import { expect, test } from 'vitest';

import { sharesOf, sharesToFigures, shareText, unitsBelow } from './roll-up.ts';

const figure = (unit: string, good: number, of: number) => ({
  unit,
  measure: 'clean',
  good: BigInt(good),
  of: BigInt(of),
});

const figures = [
  figure('H52', 1, 1),
  figure('H52.01', 9, 10),
  figure('H52.01.02', 5, 5),
  figure('H52.010', 1, 2),
  figure('', 0, 1),
];

test('a unit has its own figures and those below it, and not those of a code that begins alike', () => {
  expect(sharesOf(figures, 'H52.01').clean).toEqual({ good: 14n, of: 15n });
  expect(sharesOf(figures, 'H52').clean).toEqual({ good: 16n, of: 18n });
  // people without a unit count in the whole
  expect(sharesOf(figures).clean).toEqual({ good: 16n, of: 19n });
  expect(sharesOf(figures, 'H52').live).toEqual({ good: 0n, of: 0n });
  expect(unitsBelow(figures, 'H52')).toEqual(['H52.01', 'H52.010']);
});

test('a share is never rounded up, and of nothing there is none', () => {
  expect(shareText({ good: 9999n, of: 10_000n })).toBe('99.9 % (9999 of 10000)');
  expect(shareText({ good: 0n, of: 0n })).toBe('nothing to count');
  expect(sharesToFigures(sharesOf(figures)).find((one) => one.key === 'clean.good')).toEqual({
    key: 'clean.good',
    value: 16n,
  });
});
