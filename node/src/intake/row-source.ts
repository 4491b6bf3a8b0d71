/** The cells of a row as written, by heading, for the reviewer of a refused row. */
import type { Cell } from '../workbook/cell.ts';
import { cellText } from './cell-text.ts';
import type { KnownSheet } from './sheet-plan.ts';

/** Columns without a heading, or with one that occurred before, are named by their number from 1. */
export function rowSource(
  plan: KnownSheet,
  cells: readonly Cell[],
): Readonly<Record<string, string>> {
  const source = new Map<string, string>();
  for (const [column, cell] of cells.entries()) {
    const text = cellText(cell);
    const heading = plan.headings[column] ?? '';
    const isNew = heading !== '' && !source.has(heading);
    if (text !== null) source.set(isNew ? heading : `#${column + 1}`, text);
  }
  return Object.fromEntries(source);
}
