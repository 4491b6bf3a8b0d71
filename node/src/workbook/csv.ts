/**
 * Rows of a CSV file in Unicode: comma, semicolon or tab. Row numbers are those that Excel shows for
 * the same file: one for each record, blank ones included, and none for a first line such as `sep=;`.
 */
import type { FileHandle } from 'node:fs/promises';

import { CsvError, parse } from 'csv-parse';

import { type Cell, emptyCell } from './cell.ts';
import { decodedTexts } from './decoded-text.ts';
import { csvRecordCharactersMax } from './limits.ts';
import { WorkbookError } from './workbook-error.ts';

export type CsvRow = { readonly row: number; readonly cells: readonly Cell[] };

/** The rows of the file. Throws a WorkbookError `encoding`, `damaged` or `not-a-workbook`. */
export async function* csvRows(
  file: FileHandle,
  onBytes?: (done: number) => void,
): AsyncGenerator<CsvRow> {
  const texts = decodedTexts(file, onBytes);
  const first = await texts.next();
  if (first.done === true) return;
  const [line = '', stated] = separatorLine.exec(first.value) ?? [];
  const start = first.value.slice(line.length);
  const parser = parse({
    delimiter: stated ?? delimiterOf(start),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
    max_record_size: csvRecordCharactersMax,
  });
  const feeding = feed(parser, start, texts);
  // Reported by the parser's own error below; awaited at the end.
  feeding.catch(() => undefined);
  let row = 0;
  try {
    for await (const record of parser) {
      row += 1;
      yield { row, cells: recordCells(record) };
    }
    await feeding;
  } catch (cause) {
    throw cause instanceof CsvError ? damagedCsv(row + 1, cause) : cause;
  }
}

async function feed(
  parser: ReturnType<typeof parse>,
  first: string,
  rest: AsyncIterable<string>,
): Promise<void> {
  try {
    await write(parser, first);
    for await (const text of rest) await write(parser, text);
    parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

function write(parser: ReturnType<typeof parse>, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/** With it a file tells Excel how its values are separated. */
const separatorLine = /^sep=(.)\r?\n/iu;
const delimiters = [';', '\t', ','] as const;
const sampleLines = 60;

/**
 * The character that separates most values in one line among the first: the header has one for
 * each column, while labels and titles hold a few commas.
 */
export function delimiterOf(text: string): string {
  const lines = text.replaceAll(/"[^"]*"/gu, '').split(/\r?\n/u, sampleLines);
  let best: string = ',';
  let most = 0;
  for (const delimiter of delimiters) {
    const count = Math.max(...lines.map((line) => line.split(delimiter).length - 1));
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}

function recordCells(record: unknown): readonly Cell[] {
  return Array.isArray(record) ? record.map((value) => csvCell(value)) : [];
}

/** Excel writes the result of a broken formula as text. */
const errorValue = /^#(N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!)$/u;

function csvCell(value: unknown): Cell {
  if (typeof value !== 'string' || value.trim() === '') return emptyCell;
  return errorValue.test(value) ? { kind: 'error', text: value } : { kind: 'untyped', text: value };
}

function damagedCsv(row: number, error: CsvError): WorkbookError {
  // The parser's own message may quote the record; only its code is kept.
  return new WorkbookError(
    'damaged',
    `The CSV file cannot be read at row ${row} (${error.code}): check the quotation marks there.`,
  );
}
