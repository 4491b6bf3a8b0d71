/**
 * The shares and joint distributions of the synthetic population. Pay follows the scale and the steps
 * of Decree 204/2004; ages of retirement Decree 135/2020; ethnic groups are orders of magnitude after
 * the census of 2019, and family names after common estimates. Every other share (age, sex by
 * profession, degrees, Party, promotions) is an assumption of what an agency looks like.
 */
import { expect, test } from 'vitest';

import { dayNumber } from '../text/hanoi-day.ts';
import { countsOf, fitOf } from './chi-square-fixture.ts';
import { ethnicMixOf } from './ethnic-mix.ts';
import { type Life, lifeOf } from './life.ts';
import { kinhFamilies } from './names.ts';
import { pinSource } from './pins.ts';
import { homelandOf } from './places.ts';
import { randomStream, seedOf } from './random.ts';
import { staffedTree } from './unit-tree.ts';

const today = '2026-11-21';

function livesOf(agency: string, size: number): readonly Life[] {
  const homeland = homelandOf(agency);
  const pins = pinSource(agency);
  const base = seedOf(5, agency);
  return staffedTree(agency, size).flatMap((unit) =>
    Array.from({ length: unit.count }, (_, i) => {
      const index = unit.first + i;
      const random = randomStream(base, index);
      return lifeOf({ random, agency, today, index, unit, homeland, pins });
    }),
  );
}

const province = livesOf('H52', 5000);
const ministry = livesOf('G18', 2500);
const all = [...province, ...ministry];
const staff = all.filter((life) => life.post === 'none');
const leaders = all.filter((life) => life.post !== 'none');

const share = (lives: readonly Life[], holds: (life: Life) => boolean): number =>
  lives.filter(holds).length / Math.max(1, lives.length);
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length);
const servedYears = (life: Life): number =>
  (dayNumber(today) - dayNumber(life.recruitedOn)) / 365.25;
const twoWays = (count: number, of: number, weight: number) =>
  fitOf(
    new Map([
      ['yes', count],
      ['no', of - count],
    ]),
    new Map([
      ['yes', weight],
      ['no', 1 - weight],
    ]),
  ).ratio;

test('the measure tells a fair draw from one that is a little off', () => {
  const weights = new Map([
    ['a', 70],
    ['b', 25],
    ['c', 5],
  ]);
  const counts = (a: number, b: number, c: number) =>
    new Map([
      ['a', a],
      ['b', b],
      ['c', c],
    ]);
  expect(fitOf(counts(1405, 492, 103), weights).ratio).toBeLessThan(0.1);
  expect(fitOf(counts(1250, 650, 100), weights).ratio).toBeGreaterThan(1);
  expect(fitOf(new Map([['d', 1]]), weights).ratio).toBe(Number.POSITIVE_INFINITY);
});

test('men without a post have the ages of an agency', () => {
  const bandOf = ({ age }: Life): string =>
    age <= 30 ? 'to 30' : age <= 40 ? 'to 40' : age <= 50 ? 'to 50' : 'older';
  const men = staff.filter((life) => life.sex === '1');
  const weights = new Map([
    ['to 30', 15],
    ['to 40', 34],
    ['to 50', 35],
    ['older', 16],
  ]);
  expect(fitOf(countsOf(men, bandOf), weights).ratio).toBeLessThan(1);
});

test('leaders are older than staff, heads older than deputies, and no woman is past retirement', () => {
  const ageOf = (lives: readonly Life[]): number => mean(lives.map((life) => life.age));
  const heads = leaders.filter((life) => life.post === 'head');
  const deputies = leaders.filter((life) => life.post === 'deputy');
  expect(ageOf(heads)).toBeGreaterThan(ageOf(deputies) + 1);
  expect(ageOf(deputies)).toBeGreaterThan(ageOf(staff) + 2);
  expect(Math.max(...all.filter((life) => life.sex === '0').map((life) => life.age))).toBe(57);
  expect(Math.max(...all.map((life) => life.age))).toBe(61);
});

test('each profession has its share of women, fewer among those who lead', () => {
  const off = Array.from(
    Map.groupBy(staff, (life) => life.track),
    ([track, lives]) => {
      const women = lives.filter((life) => life.sex === '0').length;
      return { job: track.job, ratio: twoWays(women, lives.length, track.femaleShare) };
    },
  ).filter((one) => one.ratio > 1);
  expect(off).toEqual([]);
  const women = (lives: readonly Life[]): number => share(lives, (life) => life.sex === '0');
  expect(women(leaders)).toBeLessThan(women(staff) - 0.05);
});

test('ethnic groups follow the province of birth', () => {
  const fits = Array.from(
    Map.groupBy(all, (life) => life.birthProvince.code),
    ([code, lives]) => ({
      code,
      ...fitOf(
        countsOf(lives, (life) => life.ethnicGroup),
        new Map(ethnicMixOf(code)),
      ),
    }),
  );
  expect(fits.filter((one) => one.ratio > 1)).toEqual([]);
  expect(fits.find((one) => one.code === '14')?.total).toBeGreaterThan(3000);
});

test.each([
  ['H52', '03', 0.22, 0.4],
  ['G18', '03', 0, 0.06],
  ['H29', '01', 0.85, 1],
])('%s has its share of group %s', (agency, group, min, max) => {
  const found = share(livesOf(agency, 1500), (life) => life.ethnicGroup === group);
  expect(found).toBeGreaterThanOrEqual(min);
  expect(found).toBeLessThanOrEqual(max);
});

test('names tell group and sex as they do', () => {
  const kinh = all.filter((life) => life.ethnicGroup === '01');
  const born = (southern: boolean) =>
    kinh.filter((life) => life.birthProvince.code >= '48' === southern);
  for (const [lives, at] of [
    [born(false), '01'],
    [born(true), '79'],
  ] as const) {
    const counts = countsOf(lives, (life) => life.family);
    expect(fitOf(counts, new Map(kinhFamilies(at))).ratio).toBeLessThan(1);
  }
  const middle = (life: Life): string => life.name.split(' ')[1] ?? '';
  const men = kinh.filter((life) => life.sex === '1');
  const women = kinh.filter((life) => life.sex === '0');
  expect(men.filter((life) => middle(life) === 'Thị')).toEqual([]);
  expect(women.filter((life) => middle(life) === 'Văn')).toEqual([]);
  expect(
    twoWays(women.filter((life) => middle(life) === 'Thị').length, women.length, 5 / 17),
  ).toBeLessThan(1);
  const mong = all.filter((life) => life.ethnicGroup === '08' && life.sex === '1');
  expect(mong.length).toBeGreaterThan(50);
  expect(mong.every((life) => middle(life) === 'A')).toBe(true);
});

test('the step follows the years served: nobody is behind, few are ahead', () => {
  // a year of probation, then a step every 36 months where a degree is asked for
  const first = staff.filter(
    (life) => life.career.level === 0 && life.career.current.rank === '01.003',
  );
  const ahead = first.map((life) => {
    const due = 1 + Math.max(0, Math.floor((servedYears(life) - 1) / 3));
    return life.career.current.step - Math.min(9, due);
  });
  expect(first.length).toBeGreaterThan(300);
  expect(Math.min(...ahead)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...ahead)).toBeLessThanOrEqual(2);
  expect(ahead.filter((one) => one === 0).length / ahead.length).toBeGreaterThan(0.8);
  const served = Array.from({ length: 8 }, (_, i) =>
    mean(first.filter((life) => life.career.current.step === i + 1).map(servedYears)),
  );
  expect(served).toEqual(served.toSorted((a, b) => a - b));
});

test('higher ranks come with age and with a post', () => {
  const ladder = all.filter((life) => life.track.ladder.length === 3);
  const promoted = (from: number, to: number): number =>
    share(
      ladder.filter((life) => life.post === 'none' && life.age >= from && life.age <= to),
      (life) => life.career.level > 0,
    );
  const shares = [promoted(22, 32), promoted(33, 40), promoted(41, 48), promoted(49, 61)];
  expect(shares[0]).toBeLessThan(0.02);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares[3]).toBeGreaterThan(0.3);
  expect(ladder.filter((life) => life.career.level === 2 && life.age < 45)).toEqual([]);
  const highest = (lives: readonly Life[]): number =>
    share(lives, (life) => life.career.level === 2);
  expect(highest(leaders)).toBeGreaterThan(3 * highest(staff));
});

test('higher degrees come with higher ranks, and most often to scholars', () => {
  const graduates = staff.filter((life) => life.track.schooling === '4');
  const scholars = graduates.filter((life) =>
    ['Giảng viên', 'Nghiên cứu viên'].includes(life.track.job),
  );
  const others = graduates.filter((life) => !scholars.includes(life));
  const masters = (lives: readonly Life[]): number => share(lives, (life) => life.level >= '5');
  const byRank = [0, 1].map((level) =>
    masters(others.filter((life) => life.career.level === level)),
  );
  expect(byRank[0]).toBeGreaterThan(0.05);
  expect(byRank[0]).toBeLessThan(0.16);
  expect(byRank[1]).toBeGreaterThan(0.35);
  expect(masters(scholars)).toBeGreaterThan(0.5);
  const wrong = all.filter(
    ({ masterOn, doctorOn, graduatedOn }) =>
      (masterOn !== undefined && masterOn <= graduatedOn) ||
      (doctorOn !== undefined && doctorOn <= (masterOn ?? '9999')),
  );
  expect(wrong).toEqual([]);
});

test('the Party has nearly all who lead, most of the offices and fewer of the schools', () => {
  // at 38 everybody who ever joins has joined
  const grown = all.filter((life) => life.age >= 39);
  const kindOf = (life: Life): string =>
    life.post === 'none' ? (life.unit.type === '3' ? 'service' : 'office') : 'leading';
  const shares = { leading: 0.97, office: 0.74, service: 0.42 } as const;
  const groups = Map.groupBy(grown, kindOf);
  for (const [kind, weight] of Object.entries(shares)) {
    const lives = groups.get(kind) ?? [];
    const members = lives.filter((life) => life.partyOn !== undefined).length;
    expect(twoWays(members, lives.length, weight)).toBeLessThan(1);
  }
});

test('units have the sizes of offices and schools, one head and few deputies each', () => {
  for (const [agency, size] of [
    ['H52', 5000],
    ['G18', 2500],
  ] as const) {
    const counts = staffedTree(agency, size)
      .map((unit) => unit.count)
      .toSorted((a, b) => a - b);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(size);
    const median = counts[Math.floor(counts.length / 2)] ?? 0;
    expect(median).toBeGreaterThan(3);
    expect(median).toBeLessThan(80);
    expect(counts.at(-1)).toBeLessThan(size / 3);
  }
  const byUnit = Map.groupBy(all, (life) => `${life.agency} ${life.unit.code}`);
  const crowded = Array.from(byUnit.values()).filter(
    (lives) =>
      lives.filter((life) => life.post === 'head').length !== 1 ||
      lives.filter((life) => life.post === 'deputy').length > Math.max(0, lives.length / 6),
  );
  expect(crowded).toEqual([]);
});
