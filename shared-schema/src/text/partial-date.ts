/**
 * Partial dates: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, kept as given, never padded, never a JavaScript
 * Date (local midnight in Hanoi before June 1975 is another day in today's zone).
 */
const shape = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/u;

const daysInMonth = (year: number, month: number): number => {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

const isLeapYear = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Years 1800–2200, months and days that exist. */
export function isPartialDate(text: string): boolean {
  const match = shape.exec(text);
  if (match === null) return false;
  const year = Number(match[1]);
  if (year < 1800 || year > 2200) return false;
  if (match[2] === undefined) return true;
  const month = Number(match[2]);
  if (month < 1 || month > 12) return false;
  if (match[3] === undefined) return true;
  const day = Number(match[3]);
  return day >= 1 && day <= daysInMonth(year, month);
}

/** True when the whole of `date` lies after the day `today` (`YYYY-MM-DD`). */
export function isAfter(date: string, today: string): boolean {
  return date > today.slice(0, date.length);
}

/**
 * True when the whole of one date lies before the whole of the other. Dates of different precision are
 * compared in the part that both have, so `1985` is not before `1985-03`.
 */
export function isBefore(one: string, other: string): boolean {
  const shared = Math.min(one.length, other.length);
  return one.slice(0, shared) < other.slice(0, shared);
}

/** The same day so many years later, with the same precision; 29 February stays as it is written. */
export function yearsAfter(date: string, years: number): string {
  return `${Number(date.slice(0, 4)) + years}${date.slice(4)}`;
}

/**
 * A date as Vietnamese offices write it (`2/9/1975`, `09-1975`, `1975`, `1975-09-02`), as a partial
 * date, or undefined when it is none. Day comes before month.
 */
export function parseVietnameseDate(text: string): string | undefined {
  const trimmed = text.trim();
  if (isPartialDate(trimmed)) return trimmed;
  const full = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/u.exec(trimmed);
  const month = /^(\d{1,2})[/.-](\d{4})$/u.exec(trimmed);
  const candidate =
    full !== null
      ? `${full[3]}-${two(full[2])}-${two(full[1])}`
      : month !== null
        ? `${month[2]}-${two(month[1])}`
        : undefined;
  return candidate !== undefined && isPartialDate(candidate) ? candidate : undefined;
}

const two = (digits: string | undefined): string => (digits ?? '').padStart(2, '0');
