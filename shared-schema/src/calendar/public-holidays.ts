/**
 * Public holidays by the law alone: Labour Code 2019 art. 112(1), and art. 111(3) for those that fall
 * on a day of rest. Which days of Tết, which day beside 2 September, and what is worked in exchange,
 * is decided each year; what the law leaves open stands here as it mostly was, and decisions come on
 * top of it (`working-calendar.ts`). Unverified: read from memory of the law, not from its text. Not
 * here: 24 November, which Resolution 80-NQ/TW of 2026 wants and the law has yet to name, as far as we know.
 */
import { addDays, weekday } from '../text/hanoi-day.ts';
import { lunarDays } from './lunar-days.ts';

export const isWeekend = (day: string): boolean => weekday(day) >= 6;

/** The days of the year that are no working days besides the weekends, ascending. */
export function publicHolidays(year: string): ReadonlySet<string> {
  const lunar = lunarDays(year);
  const named = new Set([
    `${year}-01-01`,
    ...(lunar === undefined ? [] : [...tet(lunar.newYear), lunar.hungKings]),
    `${year}-04-30`,
    `${year}-05-01`,
    `${year}-09-01`,
    `${year}-09-02`,
  ]);
  const all = new Set(named);
  // in order, so that two holidays of one weekend are made up for on two days
  for (const day of Array.from(named).toSorted()) {
    if (!isWeekend(day)) continue;
    let next = day;
    while (isWeekend(next) || all.has(next)) next = addDays(next, 1);
    all.add(next);
  }
  return new Set(Array.from(all).toSorted());
}

/** The last day of the old year and the first four of the new one. */
const tet = (newYear: string): readonly string[] =>
  [-1, 0, 1, 2, 3].map((step) => addDays(newYear, step));
