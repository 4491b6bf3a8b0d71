/**
 * Arithmetic on days as text (`YYYY-MM-DD`) by day numbers of the Gregorian calendar. No Date: the
 * time zone of the machine has no say in a birth date.
 */
import { type Random, integerIn } from './random.ts';

/** Days since 1 March of year 0. */
export function dayNumber(date: string): number {
  const month = Number(date.slice(5, 7));
  const year = Number(date.slice(0, 4)) - (month <= 2 ? 1 : 0);
  const shifted = (month + 9) % 12;
  return (
    365 * year +
    Math.floor(year / 4) -
    Math.floor(year / 100) +
    Math.floor(year / 400) +
    Math.floor((153 * shifted + 2) / 5) +
    Number(date.slice(8, 10)) -
    1
  );
}

/** The reverse of `dayNumber`. */
export function dateOfDay(day: number): string {
  const era = Math.floor(day / 146_097);
  const ofEra = day - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) /
      365,
  );
  const ofYear =
    ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const dayOfMonth = ofYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return dateText(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth);
}

export function shiftDays(date: string, days: number): string {
  return dateOfDay(dayNumber(date) + days);
}

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
  const first = dayNumber(from);
  const last = dayNumber(to);
  return last <= first ? from : dateOfDay(integerIn(random, { min: first, max: last }));
}

export const yearOf = (date: string): number => Number(date.slice(0, 4));

/** The partial date `YYYY-MM` of a day. */
export const monthOf = (date: string): string => date.slice(0, 7);

export const earlier = (a: string, b: string): string => (a < b ? a : b);

export const later = (a: string, b: string): string => (a > b ? a : b);

const dateText = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
