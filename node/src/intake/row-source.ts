/**
 * The cells of a row as written, by heading, for the reviewer of a refused row. With a letter for the
 * kind of each cell the row can be judged again without the file.
 */
import { type Cell, emptyCell } from '../workbook/cell.ts';
import { cellText } from './cell-text.ts';

type Headed = { readonly headings: readonly string[] };

/** Columns without a heading, or with one that an earlier column has, are named by their number from 1. */
export function rowSource(plan: Headed, cells: readonly Cell[]): Readonly<Record<string, string>> {
  const entries = cells.flatMap((cell, column): readonly [string, string][] => {
    const text = cellText(cell);
    return text === null ? [] : [[columnKey(plan, column), text]];
  });
  return Object.fromEntries(entries);
}

function columnKey({ headings }: Headed, column: number): string {
  const heading = headings[column] ?? '';
  return heading !== '' && headings.indexOf(heading) === column ? heading : `#${column + 1}`;
}

const letters = {
  empty: '-',
  text: 't',
  untyped: 'u',
  number: 'n',
  date: 'd',
  boolean: 'b',
  error: 'e',
} as const satisfies Readonly<Record<Cell['kind'], string>>;

/** One letter a column. */
export function cellKindsOf(cells: readonly Cell[]): string {
  return cells.map((cell) => letters[cell.kind]).join('');
}

/** The cells again; what was tidied away on storing (double spaces) is gone. */
export function storedCells(
  plan: Headed,
  source: Readonly<Record<string, string>>,
  kinds: string,
): readonly Cell[] {
  return Array.from(kinds, (letter, column) => {
    const text = source[columnKey(plan, column)];
    return text === undefined ? emptyCell : cellOf(letter, text);
  });
}

function cellOf(letter: string, text: string): Cell {
  switch (letter) {
    case letters.untyped:
      return { kind: 'untyped', text };
    case letters.number:
      return { kind: 'number', number: Number(text), text };
    case letters.date:
      return { kind: 'date', date: text };
    case letters.boolean:
      return { kind: 'boolean', value: text === 'TRUE' };
    case letters.error:
      return { kind: 'error', text };
    default:
      return { kind: 'text', text };
  }
}
