/**
 * Opens a workbook (.xlsx) or a table (.csv, .tsv, .txt) for reading in passes: a peek at the top of
 * each sheet, then the rows of the sheets asked for, in the order asked for. What a file is, its
 * first bytes say, not its name. Streaming: no sheet is ever in memory as a whole.
 */
import { Buffer } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, extname } from 'node:path';

import type { SheetRow } from './cell.ts';
import { csvRows } from './csv.ts';
import { fileBytesMax, peekRows, rowsMax } from './limits.ts';
import { WorkbookError } from './workbook-error.ts';
import { openXlsxPackage } from './xlsx-package.ts';
import { peekedRows, readCellParts, xlsxRows } from './xlsx.ts';

export type Workbook = AsyncDisposable & {
  /** In the order of the tabs; the one sheet of a CSV file is named after the file. */
  readonly sheets: readonly string[];
  /** Those that Excel does not show. */
  readonly hidden: ReadonlySet<string>;
  /** The first rows of every sheet. */
  peek(): AsyncIterable<SheetRow>;
  /** All rows of these sheets, sheet after sheet. `onBytes` is told how many of how many are read. */
  rows(sheets: readonly string[], onBytes?: OnBytes): AsyncIterable<SheetRow>;
};

export type OnBytes = (done: number, total: number) => void;

/** Throws a WorkbookError that tells what to do when the file cannot be read as a workbook. */
export async function openWorkbook(path: string): Promise<Workbook> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    if (size > fileBytesMax) {
      const limit = fileBytesMax / 1024 / 1024;
      throw new WorkbookError('too-large', `The file is larger than ${limit} MiB: split it.`);
    }
    switch (await formatOf(file, path)) {
      case 'xlsx':
        return await openXlsx(file, size);
      case 'csv':
        return openCsv(file, size, basename(path, extname(path)));
    }
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** All rows of all sheets, in the order of the tabs. */
export async function* readWorkbook(path: string): AsyncGenerator<SheetRow> {
  await using workbook = await openWorkbook(path);
  yield* workbook.rows(workbook.sheets);
}

async function openXlsx(file: FileHandle, size: number): Promise<Workbook> {
  const opened = await openXlsxPackage(file, size);
  const parts = await readCellParts(file, opened);
  return {
    sheets: opened.sheets.map((sheet) => sheet.name),
    hidden: new Set(opened.sheets.flatMap((sheet) => (sheet.isHidden ? [sheet.name] : []))),
    peek: () => peekedRows(file, opened.sheets, parts),
    rows: (names, onBytes) => {
      const sheets = names.flatMap((name) => opened.sheets.filter((sheet) => sheet.name === name));
      return limited(xlsxRows(file, sheets, parts, onBytes));
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function openCsv(file: FileHandle, size: number, sheet: string): Workbook {
  return {
    sheets: [sheet],
    hidden: new Set(),
    peek: () => csvSheetRows(file, sheet, { max: peekRows }),
    rows: (names, onBytes) => {
      const max = names.includes(sheet) ? Number.POSITIVE_INFINITY : 0;
      return limited(csvSheetRows(file, sheet, { max, onBytes: (done) => onBytes?.(done, size) }));
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function* csvSheetRows(
  file: FileHandle,
  sheet: string,
  { max, onBytes }: { readonly max: number; readonly onBytes?: (done: number) => void },
): AsyncGenerator<SheetRow> {
  if (max === 0) return;
  for await (const { row, cells } of csvRows(file, onBytes)) {
    yield { sheet, row, cells };
    if (row >= max) return;
  }
}

async function* limited(rows: AsyncIterable<SheetRow>): AsyncGenerator<SheetRow> {
  let count = 0;
  for await (const row of rows) {
    count += 1;
    if (count > rowsMax) {
      throw new WorkbookError('too-large', `The workbook has more than ${rowsMax} rows: split it.`);
    }
    yield row;
  }
}

const zipStart = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
/** The compound file of .xls, and of an .xlsx that is protected by a password. */
const compoundStart = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
const tableEndings = new Set(['.csv', '.tsv', '.txt']);

async function formatOf(file: FileHandle, path: string): Promise<'xlsx' | 'csv'> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const name = basename(path);
  if (bytesRead === 0) {
    throw new WorkbookError(
      'empty',
      `Tệp ${name} trống: xuất lại tệp. / ${name} is empty: export it again.`,
    );
  }
  if (buffer.equals(zipStart)) return 'xlsx';
  if (buffer.equals(compoundStart)) {
    throw new WorkbookError(
      'old-or-encrypted',
      `Tệp ${name} là Excel đời cũ (.xls) hoặc có mật khẩu: lưu thành .xlsx, không đặt mật khẩu. / ` +
        `${name} is an old Excel file (.xls) or protected by a password: save it as .xlsx without a password.`,
    );
  }
  if (tableEndings.has(extname(path).toLowerCase())) return 'csv';
  throw new WorkbookError(
    'not-a-workbook',
    `Tệp ${name} không phải tệp Excel: lưu thành .xlsx, hoặc "CSV UTF-8" với đuôi .csv. / ` +
      `${name} is not an Excel workbook: save it as .xlsx, or as CSV UTF-8 with the ending .csv.`,
  );
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new WorkbookError('missing', `${basename(path)} cannot be opened: check the path.`, {
      cause,
    });
  }
}
