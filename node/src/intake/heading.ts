/**
 * Headings as clerks write them, folded for comparison by equality: letter case, spacing, line breaks
 * and a trailing `*`, `(*)` or `:` do not matter. Also the columns that carry no field of ours.
 */
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import { foldText } from '@lienthong/shared-schema/text/fold.ts';

import type { Cell } from '../workbook/cell.ts';

/** The folded heading of a cell; empty for a cell that holds no text. */
export function headingOf(cell: Cell | undefined): string {
  if (cell?.kind !== 'text' && cell?.kind !== 'untyped') return '';
  return foldHeading(cell.text);
}

export function foldHeading(text: string): string {
  return foldText(text)
    .replace(/^\*+/u, '')
    .replace(/(?:\(\*+\)|[*:\s])+$/u, '')
    .trim();
}

/** Every heading under which a field is recognised, folded. */
export function headingsOf(field: Field): ReadonlySet<string> {
  return new Set([field.vi, ...field.headings].map(foldHeading));
}

const numberHeadings = new Set(['STT', 'TT', 'Số TT', 'Số thứ tự'].map(foldHeading));
const otherHeadings = new Set(['Ghi chú', 'Ghi chú khác'].map(foldHeading));

/** The running number of a row, in the office's own list. */
export function isNumberHeading(heading: string): boolean {
  return numberHeadings.has(heading);
}

/** Columns that are known to carry no field. */
export function isNonField(heading: string): boolean {
  return isNumberHeading(heading) || otherHeadings.has(heading);
}
