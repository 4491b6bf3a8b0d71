/**
 * What a spreadsheet gives us: rows of cells, already free of the reader's own types. A date is text
 * (`YYYY-MM-DD`), a formula is its last result, rich text is its letters, a share of a hundred is text
 * as it is seen (`85%`).
 */
export type Cell =
  | { readonly kind: 'empty' }
  /** Text as typed, also when it looks like a formula: nothing is ever evaluated. */
  | { readonly kind: 'text'; readonly text: string }
  /** A value of a CSV file: what kind of cell it once was nobody can tell. Never empty. */
  | { readonly kind: 'untyped'; readonly text: string }
  /** `text` is the shortest decimal that gives the number. */
  | { readonly kind: 'number'; readonly number: number; readonly text: string }
  | { readonly kind: 'date'; readonly date: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** An error value such as `#N/A` or `#REF!`. */
  | { readonly kind: 'error'; readonly text: string };

export type SheetRow = {
  readonly sheet: string;
  /** As the spreadsheet numbers its rows, from 1. */
  readonly row: number;
  /** By column from 0; columns after the last cell in use are not there. */
  readonly cells: readonly Cell[];
};

export const emptyCell: Cell = { kind: 'empty' };
