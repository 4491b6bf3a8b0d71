import { expect, test } from 'vitest';

import { shippedBook } from '../code-lists/code-book.ts';
import { dayNumber, weekday } from '../text/hanoi-day.ts';
import { dueDay } from './due-dates.ts';
import { lunarDays, lunarYears } from './lunar-days.ts';
import { publicHolidays } from './public-holidays.ts';
import { workingCalendar } from './working-calendar.ts';

const bare = workingCalendar({ entries: () => [] });
const shipped = workingCalendar(shippedBook);

const chinese = new Intl.DateTimeFormat('en-u-ca-chinese', {
  timeZone: 'UTC',
  month: 'numeric',
  day: 'numeric',
});
const chineseDay = (day: number): string => chinese.format(day * 86_400_000);

test.each(lunarYears)(
  'the lunar days of %s lie where the Chinese calendar has them, a day apart at most',
  (year) => {
    const lunar = lunarDays(year);
    const near = (day: string | undefined): readonly string[] =>
      [-1, 0, 1].map((step) => chineseDay(dayNumber(day ?? '') + step));
    expect(near(lunar?.newYear)).toContain('1/1');
    expect(near(lunar?.hungKings)).toContain('3/10');
  },
);

test('the week has the days that it had', () => {
  expect(
    ['1970-01-01', '2026-11-21', '2026-11-22', '2026-11-23', '1969-12-31'].map(weekday),
  ).toEqual([4, 6, 7, 1, 3]);
});

test('a holiday on a weekend is made up for on the next working day', () => {
  // Hùng Kings of 2026: Sunday 26 April
  expect(publicHolidays('2026')).toContain('2026-04-27');
  // both 1 May 2027 and the Tết days from 5 to 9 February fall on a weekend in part
  expect(Array.from(publicHolidays('2027')).filter((day) => /-0[25]-/u.test(day))).toEqual([
    '2027-02-05',
    '2027-02-06',
    '2027-02-07',
    '2027-02-08',
    '2027-02-09',
    '2027-02-10',
    '2027-02-11',
    '2027-05-01',
    '2027-05-03',
  ]);
});

test('three working days from a Friday before Tết reach over it', () => {
  expect(bare.addWorkingDays('2026-02-13', 1)).toBe('2026-02-23');
  expect(bare.addWorkingDays('2026-02-13', 3)).toBe('2026-02-25');
  expect(bare.addWorkingDays('2026-11-20', 3)).toBe('2026-11-25');
});

test('days that were exchanged by decision are off, and worked', () => {
  expect(bare.isWorkingDay('2026-01-02')).toBe(true);
  expect(shipped.isWorkingDay('2026-01-02')).toBe(false);
  expect(bare.isWorkingDay('2026-01-10')).toBe(false);
  expect(shipped.isWorkingDay('2026-01-10')).toBe(true);
});

test('a decision on a day that is closed before the day holds no more', () => {
  const decided = (to: string | undefined): ReturnType<typeof workingCalendar> =>
    workingCalendar({
      entries: (list) => {
        const code = list === 'NGAY_NGHI' ? '2026-08-31' : '2026-08-22';
        const entry = { code, vi: 'Hoán đổi', status: 'verified' };
        return [to === undefined ? entry : { ...entry, to }];
      },
    });
  const daysOf = (to: string | undefined): readonly boolean[] =>
    ['2026-08-22', '2026-08-31'].map((day) => decided(to).isWorkingDay(day));
  expect(daysOf(undefined)).toEqual([true, false]);
  expect(daysOf('2026-08-31')).toEqual([true, false]);
  expect(daysOf('2026-08-21')).toEqual([false, true]);
});

test.each([
  ['creation', '2026-11-18', '2026-11-23'],
  ['creation', '2026-11-16', '2026-11-19'],
  ['declaration', '2026-11-19', '2026-11-24'],
  ['system', '2026-11-19', '2026-11-20'],
  ['system', '2026-11-20', '2026-11-23'],
  ['system', '2026-12-31', '2027-01-04'],
  ['elsewhere', '2026-04-24', '2026-05-04'],
] as const)('%s of %s is due by %s', (kind, event, due) => {
  expect(dueDay(kind, event, bare)).toBe(due);
});
