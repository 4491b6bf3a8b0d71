/**
 * The working days of state agencies: not the weekends, not the public holidays, and then as decided.
 * The decisions are two code lists, so that the hub publishes them as it publishes any list: the days
 * off in exchange (`NGAY_NGHI`) and the days worked in exchange (`NGAY_LAM_BU`), each code a day. No
 * entry ever leaves a list: one that is decided otherwise is closed by a last day before its own.
 */
import { type CodeBook, isValidAsOf } from '../code-lists/code-book.ts';
import { addDays } from '../text/hanoi-day.ts';
import { isWeekend, publicHolidays } from './public-holidays.ts';

export type WorkingCalendar = {
  readonly isWorkingDay: (day: string) => boolean;
  /** The `count`th working day after the day, which itself is not counted. */
  readonly addWorkingDays: (day: string, count: number) => string;
  /** The day itself when it is a working day, else the next one. */
  readonly workingDayFrom: (day: string) => string;
};

export function workingCalendar(codes: Pick<CodeBook, 'entries'>): WorkingCalendar {
  const decided = (list: 'NGAY_NGHI' | 'NGAY_LAM_BU'): ReadonlySet<string> =>
    new Set(
      codes
        .entries(list)
        .filter((entry) => isValidAsOf(entry, entry.code))
        .map((entry) => entry.code),
    );
  const off = decided('NGAY_NGHI');
  const worked = decided('NGAY_LAM_BU');
  const holidays = new Map<string, ReadonlySet<string>>();
  const isHoliday = (day: string): boolean => {
    const year = day.slice(0, 4);
    const ofYear = holidays.get(year) ?? publicHolidays(year);
    holidays.set(year, ofYear);
    return ofYear.has(day);
  };
  const isWorkingDay = (day: string): boolean =>
    worked.has(day) || !(off.has(day) || isWeekend(day) || isHoliday(day));
  const workingDayFrom = (day: string): string => {
    let found = day;
    while (!isWorkingDay(found)) found = addDays(found, 1);
    return found;
  };
  const addWorkingDays = (day: string, count: number): string => {
    let found = day;
    for (let n = 0; n < count; n += 1) found = workingDayFrom(addDays(found, 1));
    return found;
  };
  return { isWorkingDay, addWorkingDays, workingDayFrom };
}
