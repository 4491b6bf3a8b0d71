/**
 * Rows of an .xlsx workbook, streamed by exceljs from the package that `xlsx-package.ts` puts in
 * order. This module is the only one that sees exceljs's values; a Date never leaves it.
 */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

import type ExcelJS from 'exceljs';

import { type Cell, emptyCell, type SheetRow } from './cell.ts';
import { peekRows } from './limits.ts';
import { WorkbookError } from './workbook-error.ts';
import { packageStream, type XlsxPackage, type XlsxSheet } from './xlsx-package.ts';

export type XlsxRowsOptions = {
  readonly sheets: readonly XlsxSheet[];
  readonly peek: boolean;
  /** Told how many of how many bytes of the sheets are unpacked. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
};

/** The rows of the given sheets, in their order. With `peek`, the first rows of each. */
export async function* xlsxRows(
  file: FileHandle,
  opened: XlsxPackage,
  options: XlsxRowsOptions,
): AsyncGenerator<SheetRow> {
  const source = failingStream(counted(packageStream(file, opened, options), opened, options));
  // loaded where it is used: no other command should wait for it
  const { default: exceljs } = await import('exceljs');
  const reader = new exceljs.stream.xlsx.WorkbookReader(source.stream, {
    worksheets: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    entries: 'ignore',
  });
  let next = 0;
  for await (const worksheet of untilFailure(reader, source)) {
    const sheet = options.sheets[next]?.name ?? '';
    next += 1;
    let rows = 0;
    // A sheet is always read to its end: the stream behind it goes no further otherwise.
    for await (const row of untilFailure(worksheet, source)) {
      rows += 1;
      if (options.peek && rows > peekRows) continue;
      yield { sheet, row: row.number, cells: rowCells(row) };
    }
  }
}

/** The same bytes; what stands before the sheets (the shared texts) counts with them. */
async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  { sharedStrings }: XlsxPackage,
  { sheets, onBytes }: XlsxRowsOptions,
): AsyncGenerator<Uint8Array> {
  const read = [sharedStrings, ...sheets.map((sheet) => sheet.part)];
  const total = read.reduce((sum, part) => sum + (part?.size ?? 0), 0);
  let done = 0;
  for await (const chunk of bytes) {
    yield chunk;
    done = Math.min(total, done + chunk.length);
    onBytes?.(done, total);
  }
}

type FailingStream = {
  readonly stream: Readable;
  /** What the promise gives, or the failure of the stream as soon as there is one. */
  readonly orFailure: <T>(promise: Promise<T>) => Promise<T>;
};

/**
 * A stream whose error is told apart from it: exceljs pipes its input and would wait for ever for the
 * rest of one that failed. No promise lives as long as the stream: one that every row is raced with
 * would keep all rows in memory.
 */
function failingStream(bytes: AsyncIterable<Uint8Array>): FailingStream {
  const stream = Readable.from(bytes);
  const waiting = new Set<(error: Error) => void>();
  stream.on('error', (error) => {
    for (const reject of waiting) reject(error);
  });
  return {
    stream,
    orFailure: (promise) =>
      new Promise((resolve, reject) => {
        if (stream.errored !== null) reject(stream.errored);
        waiting.add(reject);
        promise.then(resolve, reject).finally(() => waiting.delete(reject));
      }),
  };
}

/** The items of `source`, or the failure as soon as there is one; other errors become `damaged`. */
async function* untilFailure<T>(
  source: AsyncIterable<T>,
  { orFailure }: FailingStream,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  while (true) {
    let result: IteratorResult<T>;
    try {
      result = await orFailure(iterator.next());
    } catch (cause) {
      if (cause instanceof WorkbookError) throw cause;
      throw new WorkbookError(
        'damaged',
        'The workbook cannot be read: open it in Excel, save it under a new name and import that.',
        { cause },
      );
    }
    if (result.done === true) return;
    yield result.value;
  }
}

function rowCells(row: ExcelJS.Row): readonly Cell[] {
  const cells: Cell[] = [];
  row.eachCell({ includeEmpty: false }, (cell, column) => {
    while (cells.length < column - 1) cells.push(emptyCell);
    cells.push(toCell(cell.value, cell.numFmt));
  });
  return cells;
}

function toCell(value: ExcelJS.CellValue, format: string | undefined): Cell {
  if (value === null || value === undefined) return emptyCell;
  if (typeof value === 'string') return textCell(value);
  if (typeof value === 'number') return numberCell(value);
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (value instanceof Date) return dateCell(value);
  if ('richText' in value) return textCell(value.richText.map((run) => run.text ?? '').join(''));
  if ('error' in value) return { kind: 'error', text: value.error };
  if ('hyperlink' in value) return textCell(value.text);
  return resultCell(value.result, format);
}

/** The stream reader gives the result of a formula as it lies in the file: a date as its number. */
function resultCell(result: ExcelJS.CellFormulaValue['result'], format: string | undefined): Cell {
  if (result === undefined) return emptyCell;
  if (typeof result !== 'number') return toCell(result, format);
  if (Number.isNaN(result)) return { kind: 'error', text: '#N/A' };
  return isDateFormat(format) ? dateCell(serialDate(result)) : numberCell(result);
}

/** `_x000D_` and the like stand for characters that XML cannot carry, `_x005F_` for an underscore. */
const escaped = /_x([0-9a-f]{4})_/giu;

function textCell(text: string): Cell {
  if (text === '') return emptyCell;
  const whole = text.includes('_x')
    ? text.replaceAll(escaped, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
  return { kind: 'text', text: whole };
}

function numberCell(number: number): Cell {
  return Number.isFinite(number)
    ? { kind: 'number', number, text: String(number) }
    : { kind: 'error', text: '#NUM!' };
}

/** Excel's days have no zone; exceljs puts them at midnight UTC. */
function dateCell(date: Date): Cell {
  return Number.isNaN(date.getTime())
    ? { kind: 'error', text: '#VALUE!' }
    : { kind: 'date', date: date.toISOString().slice(0, 10) };
}

const dayMs = 86_400_000;
const unixEpochSerial = 25_569;

const serialDate = (serial: number): Date =>
  new Date(Math.round((serial - unixEpochSerial) * dayMs));

/** True when the format shows days, months or years; quoted words and colours apart. */
const isDateFormat = (format: string | undefined): boolean =>
  /[ymd]/iu.test((format ?? '').replaceAll(/\[[^\]]*\]|"[^"]*"|\\./gu, ''));
