import { expect, test } from 'vitest';

import { shippedBook } from '../../code-lists/code-book.ts';
import { checkValues } from '../../rules/check-field.ts';
import { checkRecord } from '../../rules/check-record.ts';
import type { Finding } from '../../rules/findings.ts';
import { population } from '../population.ts';
import type { Planted } from './mess.ts';
import {
  evenRates,
  type MessRates,
  type MessyRecord,
  messKinds,
  messyPopulation,
  recordKinds,
} from './messy-population.ts';
import { usualRates } from './usual-rates.ts';

const today = '2026-11-21';
const codes = shippedBook;
const plan = { seed: 11, agency: 'H52', today } as const;

const placeOf = ({ section, field, ordinal }: Finding): string =>
  `${section}.${field}${ordinal === undefined ? '' : ` ${ordinal}`}`;
const said = (findings: readonly Finding[]): readonly string[] =>
  findings.map((finding) => `${finding.code} ${placeOf(finding)}`).toSorted();
const truth = (planted: readonly Planted[]): readonly string[] =>
  planted
    .map(({ code, at, ordinal }) => `${code} ${at}${ordinal === undefined ? '' : ` ${ordinal}`}`)
    .toSorted();

const countBy = (messy: readonly MessyRecord[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { mess } of messy) {
    if (mess !== null) counts.set(mess, (counts.get(mess) ?? 0) + 1);
  }
  return counts;
};

test('every kind of mess in a record comes out with its findings, and nothing else does', () => {
  const rates = evenRates(recordKinds, 0.8);
  const messy = Array.from(messyPopulation({ ...plan, size: 800, rates }));
  const units = new Map(
    messy.flatMap(({ draft }): readonly [string, string | null][] => {
      const [row] = draft.sections['org_unit'] ?? [];
      return row?.['code'] === undefined ? [] : [[row['code'], row['closed_on'] ?? null]];
    }),
  );
  const context = { today, codes, agency: plan.agency, units };
  const disagreements = messy
    .map(({ mess, draft, planted }) => ({
      mess,
      said: said([...checkValues(draft, codes), ...checkRecord(draft, context)]),
      truth: truth(planted),
    }))
    .filter((one) => one.said.join() !== one.truth.join());
  expect(disagreements).toEqual([]);
  expect(Array.from(countBy(messy).keys()).toSorted()).toEqual(recordKinds.toSorted());
});

test('each kind has the share that was asked for', () => {
  const rates = {
    name_decomposed: 0.2,
    pin_as_number: 0.1,
    row_repeated: 0.05,
    birth_in_future: 0.02,
    name_in_tcvn3: 0.01,
  } as const;
  const size = 1500;
  const counts = countBy(Array.from(messyPopulation({ ...plan, size, rates })));
  const off = Object.entries(rates).filter(([kind, share]) => {
    // five standard deviations of a binomial count
    const width = 5 * Math.sqrt(size * share * (1 - share));
    return Math.abs((counts.get(kind) ?? 0) - size * share) > width;
  });
  expect(off).toEqual([]);
  expect(counts.size).toBe(5);
});

test('without mess it is the population itself, and mess leaves the others as they are', () => {
  const clean = Array.from(population({ ...plan, size: 150 }));
  const bare = Array.from(messyPopulation({ ...plan, size: 150, rates: {} }));
  expect(bare.map((one) => one.draft)).toEqual(clean);
  expect(bare.every((one) => one.mess === null && one.planted.length === 0)).toBe(true);
  const rates = evenRates(messKinds, 0.5);
  const messy = Array.from(messyPopulation({ ...plan, size: 150, rates }));
  expect(Array.from(messyPopulation({ ...plan, size: 150, rates }))).toEqual(messy);
  const untouched = new Set(clean.map((draft) => JSON.stringify(draft)));
  const kept = messy.filter(({ mess }) => mess === null);
  expect(kept.every(({ draft }) => untouched.has(JSON.stringify(draft)))).toBe(true);
  expect(kept.length).toBeLessThan(messy.length);
});

test('shares that add up to more than everybody are refused', () => {
  const first = (rates: MessRates) => messyPopulation({ ...plan, size: 1, rates }).next();
  expect(() => first(evenRates(messKinds, 1.1))).toThrow(RangeError);
  expect(() => first(evenRates(messKinds, -0.1))).toThrow(RangeError);
  expect(first(evenRates(messKinds, 1)).done).toBe(false);
  expect(first(usualRates).done).toBe(false);
});

test('people come one at a time, also with mess', () => {
  let taken = 0;
  const rates = evenRates(messKinds, 1);
  for (const { draft } of messyPopulation({ ...plan, size: 2_000_000, rates })) {
    if (draft.kind === 'person') taken += 1;
    if (taken === 10) break;
  }
  expect(taken).toBe(10);
});
