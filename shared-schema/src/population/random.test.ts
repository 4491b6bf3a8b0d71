import { expect, test } from 'vitest';

import { shiftMonths } from './dates.ts';
import { integerIn, randomStream, seedOf, weightedChoice } from './random.ts';

const draws = (seed: number, stream: number): readonly number[] => {
  const random = randomStream(seed, stream);
  return Array.from({ length: 1000 }, () => integerIn(random, { min: 0, max: 999_999 }));
};

const ends = (numbers: readonly number[]): readonly number[] => [
  ...numbers.slice(0, 2),
  ...numbers.slice(-2),
];

test('a seed gives these numbers on every machine', () => {
  expect(seedOf(1, 'H52')).toBe(1219624700);
  expect(ends(draws(1, 0))).toEqual([150705, 167809, 934704, 407845]);
  expect(ends(draws(1, 1))).toEqual([52062, 282759, 353678, 681349]);
});

test('seeds, agencies and streams are told apart', () => {
  const all = [draws(seedOf(1, 'H52'), 0), draws(seedOf(2, 'H52'), 0), draws(seedOf(1, 'H53'), 0)];
  const streams = Array.from({ length: 2000 }, (_, stream) => draws(7, stream));
  const texts = new Set([...all, ...streams].map((numbers) => ends(numbers).join(' ')));
  expect(texts.size).toBe(2003);
});

test('draws are spread evenly, and weights are obeyed', () => {
  const random = randomStream(3, 0);
  const tens = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 100_000; i += 1) {
    const ten = integerIn(random, { min: 0, max: 9 });
    tens[ten] = (tens[ten] ?? 0) + 1;
  }
  // five standard deviations of a binomial count around 10,000
  for (const count of tens) expect(Math.abs(count - 10_000)).toBeLessThan(475);
  const choice = weightedChoice([
    ['rare', 1],
    ['common', 9],
  ]);
  const rare = Array.from({ length: 20_000 }, () => choice(random)).filter((one) => one === 'rare');
  expect(Math.abs(rare.length - 2000)).toBeLessThan(215);
});

test('a shift by months never makes a day that does not exist', () => {
  expect(shiftMonths('2024-01-31', 1)).toBe('2024-02-28');
  expect(shiftMonths('2024-02-29', 12)).toBe('2025-02-28');
  expect(shiftMonths('2024-01-15', -1)).toBe('2023-12-15');
  expect(shiftMonths('2024-11-15', 14)).toBe('2026-01-15');
});
