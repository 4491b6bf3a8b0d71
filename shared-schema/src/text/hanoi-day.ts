/** Days as text, `YYYY-MM-DD`: the day in Asia/Ho_Chi_Minh (+07:00 without exception since 1975), and steps between days. */
const offsetMs = 7 * 3_600_000;
const dayMs = 86_400_000;

/** `epochMs` since 1970 in UTC; the result is `YYYY-MM-DD`. */
export function hanoiDay(epochMs: number): string {
  return civilDate(Math.floor((epochMs + offsetMs) / dayMs));
}

/** `days` later, or earlier where negative. The day must exist: its fields are not checked. */
export function addDays(day: string, days: number): string {
  return civilDate(dayNumber(day) + days);
}

/** 1 Monday … 7 Sunday. */
export function weekday(day: string): number {
  // 1970-01-01 was a Thursday
  return ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;
}

/** Days since 1970-01-01. */
export function dayNumber(day: string): number {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return Date.UTC(year, month - 1, date) / dayMs;
}

/** Days since 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant, civil_from_days). */
function civilDate(days: number): string {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
