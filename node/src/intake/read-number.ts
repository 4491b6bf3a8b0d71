/**
 * Numbers as clerks write them, as canonical text: a point, no exponent, exactly the digits that the
 * field's scale has. Text that is no number comes back as it is, for the check of the field to refuse.
 */
import type { Cell } from '../workbook/cell.ts';

/** Whole numbers; `7.0` in a number cell is 7. */
export function readInteger(cell: Cell, text: string): string {
  if (cell.kind === 'number') return plainDecimal(cell.number, 0) ?? text;
  return /^[+-]?\d{1,9}$/u.test(text) ? String(Number(text)) : text;
}

/** Decimals with comma or point. With no digits after the point, thousands may be grouped. */
export function readDecimal(cell: Cell, text: string, scale: number): string {
  if (cell.kind === 'number') return plainDecimal(cell.number, scale) ?? text;
  const digits = scale === 0 && grouped.test(text) ? text.replaceAll(/[.,]/gu, '') : text;
  const match = /^(-?)0*(\d+)(?:[.,](\d+))?$/u.exec(digits);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  // Zeros beyond the scale say nothing; other digits would be lost, so the check refuses them.
  const kept = fraction.replace(/0+$/u, '').padEnd(scale, '0');
  return `${sign}${whole}${kept === '' ? '' : `.${kept}`}`;
}

const grouped = /^-?\d{1,3}([.,]\d{3})+$/u;

/** A double is off by less than this where arithmetic made it (`4.3200000000000003`). */
const noise = 1e-9;

function plainDecimal(number: number, scale: number): string | undefined {
  const rounded = number.toFixed(scale);
  const isExact = Math.abs(Number(rounded) - number) <= noise * Math.max(1, Math.abs(number));
  return isExact && !rounded.includes('e') ? rounded : undefined;
}
