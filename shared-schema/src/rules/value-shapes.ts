/** Shapes of values in canonical text, as patterns that JavaScript and PostgreSQL read alike. */

/** Decision 20/2020/QĐ-TTg: level 1 first, groups of 0–9 and A–Z, at most 35 characters. */
export const unitCodePattern = '^[A-Z][0-9]{2}(\\.[0-9A-Z]{1,10})*$';
export const unitCodeMax = 35;

/** Digits of a decimal as the wire carries it: a point, no exponent, no leading sign but minus. */
export function decimalPattern(precision: number, scale: number): string {
  const whole = `^-?[0-9]{1,${precision - scale}}`;
  return scale === 0 ? `${whole}$` : `${whole}(\\.[0-9]{1,${scale}})?$`;
}
