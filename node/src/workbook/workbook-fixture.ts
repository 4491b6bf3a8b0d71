/** Workbooks for tests: tables of plain values, written as an office's programs write them. */
import { Buffer } from 'node:buffer';
import { writeFile } from 'node:fs/promises';

import ExcelJS from 'exceljs';

export type FixtureValue = ExcelJS.CellValue;

export type FixtureSheet = {
  readonly name: string;
  readonly rows: readonly (readonly FixtureValue[])[];
};

/** An .xlsx; a Date becomes a date cell, an object what exceljs makes of it. */
export async function writeXlsx(path: string, sheets: readonly FixtureSheet[]): Promise<void> {
  const workbook = new ExcelJS.Workbook();
  for (const { name, rows } of sheets) {
    const sheet = workbook.addWorksheet(name);
    for (const values of rows) {
      const row = sheet.addRow(Array.from(values));
      for (const [i, value] of values.entries()) {
        if (isDate(value)) row.getCell(i + 1).numFmt = 'dd/mm/yyyy';
      }
    }
  }
  await workbook.xlsx.writeFile(path);
}

function isDate(value: FixtureValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Date || ('result' in value && value.result instanceof Date);
}

/** Everything that a stream gives. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export type CsvOptions = {
  readonly delimiter: ';' | ',' | '\t';
  /** `utf-16le` and `utf-16be` have their mark, the `-bare` ones have not. */
  readonly encoding:
    | 'utf-8'
    | 'utf-8-mark'
    | 'utf-16le'
    | 'utf-16be'
    | 'utf-16le-bare'
    | 'utf-16be-bare';
};

/** A CSV file; a Date as Excel prints it in Vietnam, `d/m/yyyy`. */
export async function writeCsv(
  path: string,
  rows: FixtureSheet['rows'],
  { delimiter, encoding }: CsvOptions,
): Promise<void> {
  const text = rows
    .map((row) => row.map((value) => csvValue(value, delimiter)).join(delimiter))
    .join('\r\n');
  await writeFile(path, encoded(`${text}\r\n`, encoding));
}

function csvValue(value: FixtureValue, delimiter: string): string {
  const text = csvText(value);
  return text.includes(delimiter) || text.includes('"') || text.includes('\n')
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}

function csvText(value: FixtureValue): string {
  if (value instanceof Date) {
    return `${value.getUTCDate()}/${value.getUTCMonth() + 1}/${value.getUTCFullYear()}`;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function encoded(text: string, encoding: CsvOptions['encoding']): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-8-mark':
      return Buffer.from(`\ufeff${text}`, 'utf8');
    case 'utf-16le':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf-16be':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'utf-16le-bare':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be-bare':
      return Buffer.from(text, 'utf16le').swap16();
  }
}
