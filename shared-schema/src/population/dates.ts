/**
 * What a synthetic life needs of days as text (`YYYY-MM-DD`) beyond `text/hanoi-day.ts`: months, years,
 * and days drawn by chance.
 */
import { addDays, dayNumber } from '../text/hanoi-day.ts';
import { type Random, integerIn } from './random.ts';

/** The same day of another month; the 29th to 31st become the 28th where they might not exist. */
export function shiftMonths(date: string, months: number): string {
  const count = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const day = Number(date.slice(8, 10));
  return dateText(Math.floor(count / 12), (count % 12) + 1, months === 0 ? day : Math.min(day, 28));
}

export function shiftYears(date: string, years: number): string {
  return shiftMonths(date, years * 12);
}

/** A day from `from` to `to`, both included, each as likely; `from` when the period is empty. */
export function dayBetween(random: Random, from: string, to: string): string {
  const days = dayNumber(to) - dayNumber(from);
  return days <= 0 ? from : addDays(from, integerIn(random, { min: 0, max: days }));
}

export const yearOf = (date: string): number => Number(date.slice(0, 4));

/** The partial date `YYYY-MM` of a day. */
export const monthOf = (date: string): string => date.slice(0, 7);

export const earlier = (a: string, b: string): string => (a < b ? a : b);

export const later = (a: string, b: string): string => (a > b ? a : b);

const dateText = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
