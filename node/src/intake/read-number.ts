/**
 * Numbers as clerks write them, as canonical text: a point, no exponent, exactly the digits that the
 * field's scale has. Text that is no number comes back as it is, for the check of the field to refuse.
 */
import type { Cell } from '../workbook/cell.ts';

/** Whole numbers; `7.0` in a number cell is 7. */
export function readInteger(cell: Cell, text: string): string {
  if (cell.kind === 'number') return plainDecimal(cell.number, 0) ?? text;
  const digits = withoutSpaces(text);
  return /^[+-]?\d{1,9}$/u.test(digits) ? String(Number(digits)) : text;
}

/** What stands before the sign in `85%`: of a field that counts in hundredths. */
export const withoutPercent = (text: string): string => text.replace(/ ?%$/u, '');

const stepsMax = 12;

/** The step in `Bậc 3` and in `3/9`, the third of nine. Other text comes back as it is. */
export function stepIn(text: string): string {
  const [, step, steps] = /^(?:bậc )?(\d{1,2})(?: ?\/ ?(\d{1,2}))?$/iu.exec(text) ?? [];
  if (step === undefined) return text;
  const isOfScale =
    steps === undefined || (Number(step) <= Number(steps) && Number(steps) <= stepsMax);
  return isOfScale ? step : text;
}

/**
 * Decimals with comma or point. Spaces may group the thousands; with no digits after the point commas
 * and points may as well.
 */
export function readDecimal(cell: Cell, text: string, scale: number): string {
  if (cell.kind === 'number') return plainDecimal(cell.number, scale) ?? text;
  const whole = withoutSpaces(text);
  const digits = scale === 0 && grouped.test(whole) ? whole.replaceAll(/[.,]/gu, '') : whole;
  const match = /^(-?)0*(\d+)(?:[.,](\d+))?$/u.exec(digits);
  if (match === null) return text;
  const [, sign = '', units = '', fraction = ''] = match;
  // Zeros beyond the scale say nothing; other digits would be lost, so the check refuses them.
  const kept = fraction.replace(/0+$/u, '').padEnd(scale, '0');
  return `${sign}${units}${kept === '' ? '' : `.${kept}`}`;
}

/** Thin spaces and others are plain ones in tidied text. */
const spaced = /^[+-]?\d{1,3}( \d{3})+([.,]\d+)?$/u;

const withoutSpaces = (text: string): string =>
  spaced.test(text) ? text.replaceAll(' ', '') : text;

const grouped = /^-?\d{1,3}([.,]\d{3})+$/u;

/** A double is off by less than this where arithmetic made it (`4.3200000000000003`). */
const noise = 1e-9;

function plainDecimal(number: number, scale: number): string | undefined {
  const rounded = number.toFixed(scale);
  const isExact = Math.abs(Number(rounded) - number) <= noise * Math.max(1, Math.abs(number));
  return isExact && !rounded.includes('e') ? rounded : undefined;
}
