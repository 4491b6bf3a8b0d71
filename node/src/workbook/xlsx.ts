/**
 * An opened .xlsx workbook: the parts that all of its cells refer to, read once, and the rows of its
 * sheets, read as often as one asks. A reader of our own: that of exceljs 4.4.0 takes days written as
 * ISO text for numbers, dates of formulas in the calendar of 1904 for others and CDATA for nothing, all
 * without an error, and knows neither prefixes nor cells without a reference; SheetJS does not stream.
 */
import type { FileHandle } from 'node:fs/promises';

import { readStyles } from './cell-formats.ts';
import type { SheetRow } from './cell.ts';
import { peekRows } from './limits.ts';
import { readSharedStrings } from './shared-strings.ts';
import { type CellParts, sheetRows } from './sheet-rows.ts';
import type { XlsxPackage, XlsxSheet } from './xlsx-package.ts';
import { unpack, type ZipPart } from './zip-archive.ts';

/** Throws a WorkbookError `damaged`. */
export async function readCellParts(
  file: FileHandle,
  { is1904, styles, sharedStrings }: XlsxPackage,
): Promise<CellParts> {
  const bytesOf = (part: ZipPart) => unpack(file, part);
  return {
    is1904,
    styles: styles === undefined ? [] : await readStyles(bytesOf(styles)),
    texts: sharedStrings === undefined ? [] : await readSharedStrings(bytesOf(sharedStrings)),
  };
}

/** The first rows of each sheet. */
export async function* peekedRows(
  file: FileHandle,
  sheets: readonly XlsxSheet[],
  parts: CellParts,
): AsyncGenerator<SheetRow> {
  for (const { name, part } of sheets) {
    let rows = 0;
    for await (const row of sheetRows(unpack(file, part), name, parts)) {
      yield row;
      rows += 1;
      if (rows === peekRows) break;
    }
  }
}

/** All rows, sheet after sheet. `onBytes` is told how many of how many bytes of them are unpacked. */
export async function* xlsxRows(
  file: FileHandle,
  sheets: readonly XlsxSheet[],
  parts: CellParts,
  onBytes?: (done: number, total: number) => void,
): AsyncGenerator<SheetRow> {
  const total = sheets.reduce((sum, { part }) => sum + part.size, 0);
  let done = 0;
  for (const { name, part } of sheets) {
    const bytes = told(unpack(file, part), (length) => {
      done += length;
      onBytes?.(done, total);
    });
    yield* sheetRows(bytes, name, parts);
  }
}

/** The same bytes; each piece is counted when what came of it has been taken. */
async function* told<T extends { readonly length: number }>(
  pieces: AsyncIterable<T>,
  tell: (length: number) => void,
): AsyncGenerator<T> {
  for await (const piece of pieces) {
    yield piece;
    tell(piece.length);
  }
}
