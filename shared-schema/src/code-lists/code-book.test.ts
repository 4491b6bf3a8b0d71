import { expect, test } from 'vitest';

import { isValidAsOf, shippedBook } from './code-book.ts';

test('a code is looked up by equality, not by containment', () => {
  expect(shippedBook.standing('NGACH', '01.001', null)).toBe('valid');
  expect(shippedBook.standing('NGACH', '1', null)).toBe('unknown');
});

test('a discipline form abolished in July 2025 stays valid for events before it', () => {
  expect(shippedBook.standing('HINH_THUC_KY_LUAT', '4', '2024-03-01')).toBe('valid');
  expect(shippedBook.standing('HINH_THUC_KY_LUAT', '4', '2025-07-01')).toBe('not-valid-then');
  expect(shippedBook.standing('HINH_THUC_KY_LUAT', '4', '2025')).toBe('valid');
});

test.each([
  ['15', 'Tỉnh Yên Bái', 'Tỉnh Lào Cai'],
  ['24', 'Tỉnh Bắc Giang', 'Tỉnh Bắc Ninh'],
  ['44', 'Tỉnh Quảng Bình', 'Tỉnh Quảng Trị'],
  ['52', 'Tỉnh Bình Định', 'Tỉnh Gia Lai'],
  ['80', 'Tỉnh Long An', 'Tỉnh Tây Ninh'],
  ['82', 'Tỉnh Tiền Giang', 'Tỉnh Đồng Tháp'],
  ['91', 'Tỉnh Kiên Giang', 'Tỉnh An Giang'],
])('re-used province code %s means %s before July 2025 and %s after', (code, before, after) => {
  const at = (day: string) =>
    shippedBook
      .entries('DVHC')
      .filter((e) => e.code === code && (e.from ?? '') <= day && (e.to ?? '9999') >= day);
  expect(at('2020-01-01').map((e) => e.vi)).toEqual([before]);
  expect(at('2025-08-01').map((e) => e.vi)).toEqual([after]);
});

test('a province is found by the name that it had until 2024', () => {
  expect(shippedBook.withLabel('DVHC', 'tỉnh Thừa Thiên Huế').map((e) => e.code)).toEqual(['46']);
});

test('labels are found whatever their case and normal form', () => {
  expect(shippedBook.withLabel('DAN_TOC', 'KINH').map((e) => e.code)).toEqual(['01']);
  expect(
    shippedBook.withLabel('TON_GIAO', 'Phật giáo'.normalize('NFD')).map((e) => e.code),
  ).toEqual(['01']);
  expect(shippedBook.withLabel('DAN_TOC', 'Kihn')).toEqual([]);
});

test('what was a code before July 2025 is none for an event since, and the other way round', () => {
  const standing = (code: string, event: string | null) =>
    shippedBook.standing('DVHC', code, event);
  // Hà Giang, which Tuyên Quang took in
  expect(['2020-02-03', '2025-06-30', '2025'].map((event) => standing('02', event))).toEqual([
    'valid',
    'valid',
    'valid',
  ]);
  expect(['2025-07-01', '2025-07', '2026'].map((event) => standing('02', event))).toEqual([
    'not-valid-then',
    'not-valid-then',
    'not-valid-then',
  ]);
  // a ward of Hà Nội
  expect(standing('00004', '2025-06-30')).toBe('not-valid-then');
  expect(standing('00004', '2025-07-01')).toBe('valid');
  expect(standing('00004', null)).toBe('valid');
});

test('since July 2025 there are 34 provinces on any day, with 3,321 communes', () => {
  const inForce = (day: string) =>
    shippedBook.entries('DVHC').filter((entry) => isValidAsOf(entry, day));
  for (const day of ['2025-07-01', '2026-04-29', '2026-04-30', '2030-01-01']) {
    const provinces = inForce(day).filter((entry) => entry.parent === undefined);
    expect(new Set(provinces.map((entry) => entry.code)).size).toBe(34);
    expect(provinces).toHaveLength(34);
    expect(inForce(day)).toHaveLength(34 + 3321);
  }
  expect(inForce('2025-06-30')).toHaveLength(63);
});

test('Đồng Nai is a province until 29 April 2026 and a city from the next day, under one code', () => {
  const nameOn = (day: string) =>
    [shippedBook.withCode('DVHC', '75'), shippedBook.withCode('CO_QUAN', 'H19')].map((entries) =>
      entries.filter((entry) => isValidAsOf(entry, day)).map((entry) => entry.vi),
    );
  expect(nameOn('2026-04-29')).toEqual([['Tỉnh Đồng Nai'], ['UBND tỉnh Đồng Nai']]);
  expect(nameOn('2026-04-30')).toEqual([['Thành phố Đồng Nai'], ['UBND thành phố Đồng Nai']]);
  expect(shippedBook.withLabel('DVHC', 'thành phố đồng nai').map((entry) => entry.code)).toEqual([
    '75',
  ]);
});
