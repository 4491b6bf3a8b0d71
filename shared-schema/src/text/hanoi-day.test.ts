import { expect, test } from 'vitest';

import { hanoiDay } from './hanoi-day.ts';

test('the day changes at 17:00 UTC', () => {
  expect(hanoiDay(Date.parse('2026-11-21T16:59:59.999Z'))).toBe('2026-11-21');
  expect(hanoiDay(Date.parse('2026-11-21T17:00:00Z'))).toBe('2026-11-22');
});

test('every day of 130 years is the one that the calendar says', () => {
  for (
    let at = Date.parse('1970-01-01T00:00:00Z');
    at < Date.parse('2100-01-01');
    at += 86_400_000
  ) {
    expect(hanoiDay(at)).toBe(new Date(at + 7 * 3_600_000).toISOString().slice(0, 10));
  }
});
