/**
 * Which rows below a header are records. Blank rows, the numbering row, a header that is repeated on
 * a new page, group titles, totals and signatures are none. A row that is numbered, carries a number
 * like a PIN, or fills several columns is a record, whatever is missing in it: it is reported and never
 * passed over.
 */
import { foldText } from '@lienthong/shared-schema/text/fold.ts';

import type { Cell, SheetRow } from '../workbook/cell.ts';
import { cellText } from './cell-text.ts';
import { headingOf } from './heading.ts';
import { looksLikePin } from './read-pin.ts';
import type { KnownSheet } from './sheet-plan.ts';

export type RowClass = 'record' | 'blank' | 'ignored';

/** A row without number and key counts as a record from this many values on; signatures have two or three. */
const valuesMin = 4;

export function classifyRow(plan: KnownSheet, { cells }: SheetRow): RowClass {
  if (cells.every((cell) => cellText(cell) === null)) return 'blank';
  if (isHeaderAgain(plan, cells) || isNumberingRow(cells)) return 'ignored';
  const values = mappedColumns(plan).filter((column) => cellText(cells[column]) !== null);
  if (runningNumber(plan, cells) !== null) return values.length > 0 ? 'record' : 'blank';
  if (values.length === 0) return 'ignored';
  if (hasKey(plan, cells)) return 'record';
  return values.length >= valuesMin && !isTotal(cells) ? 'record' : 'ignored';
}

/** The running number of the row, or null. */
export function runningNumber(plan: KnownSheet, cells: readonly Cell[]): number | null {
  if (plan.numberColumn === undefined) return null;
  const text = cellText(cells[plan.numberColumn]);
  return text !== null && /^\d{1,7}\.?$/u.test(text) ? Number.parseInt(text, 10) : null;
}

function mappedColumns(plan: KnownSheet): readonly number[] {
  const fields = plan.sections.flatMap((one) => one.fields.map((field) => field.column));
  switch (plan.kind) {
    case 'person':
      return fields;
    case 'list':
      return [plan.pinColumn, ...fields];
    case 'units':
      return [...fields, ...plan.posts.map((post) => post.column)];
  }
}

function hasKey(plan: KnownSheet, cells: readonly Cell[]): boolean {
  const textOf = (name: string): string | null => {
    const columns = plan.sections.flatMap((one) => one.fields);
    const column = columns.find((one) => one.field.name === name)?.column;
    return column === undefined ? null : cellText(cells[column]);
  };
  switch (plan.kind) {
    case 'person':
      return looksLikePin(textOf('pin'));
    case 'list':
      return looksLikePin(cellText(cells[plan.pinColumn]));
    case 'units':
      return /^[A-Z0-9]+(\.[A-Z0-9]+)*$/iu.test(textOf('code') ?? '') && textOf('name') !== null;
  }
}

/** `(1) (2) (3)`, `1 2 3` or `A B 1 2` below the header. */
function isNumberingRow(cells: readonly Cell[]): boolean {
  const texts = cells.map((cell) => cellText(cell)).filter((text) => text !== null);
  return texts.length > 1 && texts.every((text) => /^(\(?\d{1,3}\)?|[A-Z])$/u.test(text));
}

function isHeaderAgain(plan: KnownSheet, cells: readonly Cell[]): boolean {
  const same = cells.filter((cell, column) => {
    const heading = headingOf(cell);
    return (
      heading !== '' &&
      (heading === plan.headings[column] || heading === plan.lowerHeadings[column])
    );
  });
  return same.length > 1;
}

function isTotal(cells: readonly Cell[]): boolean {
  const first = cells.map((cell) => cellText(cell)).find((text) => text !== null) ?? '';
  return /^(tổng|cộng)( |$)/u.test(foldText(first));
}
