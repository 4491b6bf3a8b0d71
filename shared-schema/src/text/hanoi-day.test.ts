import { expect, test } from 'vitest';

import { addDays, dayNumber, hanoiDay } from './hanoi-day.ts';

test('the day changes at 17:00 UTC', () => {
  expect(hanoiDay(Date.parse('2026-11-21T16:59:59.999Z'))).toBe('2026-11-21');
  expect(hanoiDay(Date.parse('2026-11-21T17:00:00Z'))).toBe('2026-11-22');
});

test('every day of 130 years is the one that the calendar says', () => {
  const wrong: string[] = [];
  for (
    let at = Date.parse('1970-01-01T00:00:00Z');
    at < Date.parse('2100-01-01');
    at += 86_400_000
  ) {
    const day = new Date(at + 7 * 3_600_000).toISOString().slice(0, 10);
    if (hanoiDay(at) !== day) wrong.push(day);
  }
  expect(wrong).toEqual([]);
});

test('days are counted across leap years and centuries', () => {
  expect(dayNumber('2000-03-01') - dayNumber('2000-02-28')).toBe(2);
  expect(dayNumber('1900-03-01') - dayNumber('1900-02-28')).toBe(1);
  expect(dayNumber('2026-11-21') - dayNumber('1926-11-21')).toBe(36_525);
  expect(addDays('2023-12-31', 60)).toBe('2024-02-29');
  expect(addDays('1900-03-01', -1)).toBe('1900-02-28');
});
