import { expect, test } from 'vitest';

import { isAfter, isPartialDate, parseVietnameseDate } from './partial-date.ts';

test.each(['1975', '1975-09', '1975-09-02', '2024-02-29', '2000-02-29'])('%s is a date', (text) => {
  expect(isPartialDate(text)).toBe(true);
});

test.each([
  '',
  '75',
  '1975-9',
  '1975-13',
  '1975-00',
  '2023-02-29',
  '1900-02-29',
  '1975-06-31',
  '0975',
  '99999-01-01',
  'infinity',
])('%s is no date', (text) => {
  expect(isPartialDate(text)).toBe(false);
});

test('every way in which offices write a date gives the same date, and no missing part is filled', () => {
  expect(parseVietnameseDate('2/9/1975')).toBe('1975-09-02');
  expect(parseVietnameseDate('02.09.1975')).toBe('1975-09-02');
  expect(parseVietnameseDate('1975-09-02')).toBe('1975-09-02');
  expect(parseVietnameseDate('9/1975')).toBe('1975-09');
  expect(parseVietnameseDate('1975')).toBe('1975');
  expect(parseVietnameseDate('31/02/1975')).toBeUndefined();
  expect(parseVietnameseDate('13/1975')).toBeUndefined();
  expect(parseVietnameseDate('khoảng 1975')).toBeUndefined();
});

test('a partial date is in the future only when all of it is', () => {
  expect(isAfter('2026', '2026-11-21')).toBe(false);
  expect(isAfter('2026-11', '2026-11-21')).toBe(false);
  expect(isAfter('2026-12', '2026-11-21')).toBe(true);
  expect(isAfter('2026-11-22', '2026-11-21')).toBe(true);
  expect(isAfter('2026-11-21', '2026-11-21')).toBe(false);
});
