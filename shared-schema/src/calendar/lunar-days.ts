/**
 * The holidays that follow the Vietnamese lunar calendar, as days of the common one: from the new
 * moons and the longitude of the sun at 105° east (UTC+7). The Chinese calendar, at UTC+8, has another
 * first day in some years, 2030 among them.
 */
export type LunarDays = {
  /** The first day of the first month: Tết. */
  readonly newYear: string;
  /** The tenth day of the third month: the Hùng Kings. */
  readonly hungKings: string;
};

const days: Readonly<Record<string, readonly [newYear: string, hungKings: string]>> = {
  2024: ['02-10', '04-18'],
  2025: ['01-29', '04-07'],
  2026: ['02-17', '04-26'],
  2027: ['02-06', '04-16'],
  2028: ['01-26', '04-04'],
  2029: ['02-13', '04-23'],
  2030: ['02-02', '04-12'],
  2031: ['01-23', '04-01'],
  2032: ['02-11', '04-19'],
  2033: ['01-31', '04-09'],
  2034: ['02-19', '04-28'],
  2035: ['02-08', '04-17'],
  2036: ['01-28', '04-06'],
};

export const lunarYears: readonly string[] = Object.keys(days);

/** Undefined for a year outside the table. */
export function lunarDays(year: string): LunarDays | undefined {
  const found = days[year];
  if (found === undefined) return undefined;
  return { newYear: `${year}-${found[0]}`, hungKings: `${year}-${found[1]}` };
}
