/**
 * Writes an .xlsx of rows as they were read, with colours and comments on the cells that something is
 * to be said about. Text stays text, so no zero is lost and nothing is taken for a formula; it can be
 * mended and read again. Streaming: sheet after sheet, row after row, nothing of a sheet is kept but
 * its comments, of which the file holds a bounded number.
 */
import { createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';

import type ExcelJS from 'exceljs';

import type { Cell, SheetRow } from './cell.ts';
import { WorkbookError } from './workbook-error.ts';

export type Severity = 'error' | 'warning';

export type Mark = {
  /** From 0. */
  readonly column: number;
  readonly severity: Severity;
  readonly text: string;
};

export type SummaryLine = {
  readonly cells: readonly (string | number)[];
  readonly like?: Severity;
};

export type MarkedWorkbook = AsyncDisposable & {
  /** Rows of one sheet follow one another, in ascending order. */
  add(row: SheetRow, marks: readonly Mark[]): Promise<void>;
  /** Adds a sheet of that name with these lines, and gives the file its name. */
  finish(sheet: string, lines: readonly SummaryLine[]): Promise<void>;
};

/** Excel becomes slow with more comments, and they are kept in memory until their sheet is written. */
export const commentsMax = 20_000;
/** Rows between two looks at what else is to be done, so that written rows leave the memory. */
const breathRows = 200;

const fillOf = (argb: string): ExcelJS.Fill => ({
  type: 'pattern',
  pattern: 'solid',
  fgColor: { argb },
});
const fills = { error: fillOf('FFFFC7CE'), warning: fillOf('FFFFEB9C') } as const;
const formats = { text: '@', date: 'dd/mm/yyyy', other: 'General' } as const;

/** One object a style: the writer knows them again by identity. */
const styles = {
  plain: stylesOf(undefined),
  error: stylesOf(fills.error),
  warning: stylesOf(fills.warning),
};

function stylesOf(fill: ExcelJS.Fill | undefined) {
  const styled = (numFmt: string): Partial<ExcelJS.Style> => ({
    numFmt,
    ...(fill === undefined ? {} : { fill }),
  });
  return {
    text: styled(formats.text),
    date: styled(formats.date),
    other: styled(formats.other),
  };
}

/** Throws a WorkbookError `exists` where a file of the name is there. */
export async function checkIsFree(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new WorkbookError(
    'exists',
    `${basename(path)} is there already: give another name for the findings, or move it away.`,
  );
}

/**
 * In place of whatever has the name once it is finished; until then the file is another, and goes if it
 * never is. Sheets that were hidden are so again: shown, they would be imported the next time.
 */
export async function createMarkedWorkbook(
  path: string,
  hidden: ReadonlySet<string>,
): Promise<MarkedWorkbook> {
  // loaded where it is used: no other command should wait for it
  const { default: exceljs } = await import('exceljs');
  const part = `${path}.part`;
  const stream = createWriteStream(part);
  const written = finished(stream);
  written.catch(() => undefined);
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({
    stream,
    useStyles: true,
  });
  workbook.creator = 'Liên Thông';
  workbook.lastModifiedBy = workbook.creator;
  let sheet: ExcelJS.Worksheet | undefined;
  let name = '';
  let comments = 0;
  let rows = 0;
  const open = (wanted: string): ExcelJS.Worksheet => {
    sheet?.commit();
    name = wanted;
    sheet = workbook.addWorksheet(sheetName(workbook, wanted), {
      properties: { defaultColWidth: 16 },
      state: hidden.has(wanted) ? 'hidden' : 'visible',
    });
    return sheet;
  };
  return {
    async add({ sheet: wanted, row, cells }, marks) {
      const target = sheet === undefined || name !== wanted ? open(wanted) : sheet;
      const line = target.getRow(row);
      for (const [column, cell] of cells.entries()) {
        if (cell.kind !== 'empty') fillCell(line.getCell(column + 1), cell, 'plain');
      }
      for (const [column, found] of Map.groupBy(marks, (mark) => mark.column)) {
        const severity = found.some((mark) => mark.severity === 'error') ? 'error' : 'warning';
        const marked = line.getCell(column + 1);
        fillCell(marked, cells[column] ?? { kind: 'empty' }, severity);
        comments += 1;
        if (comments <= commentsMax) marked.note = noteOf(found);
      }
      line.commit();
      rows += 1;
      if (rows % breathRows === 0) await setImmediate();
      if (stream.errored !== null) throw unwritten(path, stream.errored);
    },
    async finish(wanted, lines) {
      const target = open(wanted);
      target.getColumn(1).width = 60;
      for (const { cells, like } of lines) {
        const line = target.addRow(Array.from(cells));
        if (like !== undefined) line.getCell(1).fill = fills[like];
        line.commit();
      }
      try {
        await workbook.commit();
        await written;
        await rename(part, path);
      } catch (cause) {
        throw unwritten(path, cause);
      }
    },
    async [Symbol.asyncDispose]() {
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}

function fillCell(target: ExcelJS.Cell, cell: Cell, kind: keyof typeof styles): void {
  const { value, format } = writtenCell(cell);
  target.value = value;
  target.style = styles[kind][format];
}

type Written = {
  readonly value: ExcelJS.CellValue;
  readonly format: 'text' | 'date' | 'other';
};

/** Whole numbers of a CSV file: as numbers they are read as they were, other values only as text. */
const wholeNumber = /^(0|-?[1-9]\d{0,14})$/u;
/** Excel has no days before. */
const firstDay = '1900-03-01';

function writtenCell(cell: Cell): Written {
  switch (cell.kind) {
    case 'empty':
      return { value: null, format: 'other' };
    case 'text':
      return { value: escaped(cell.text), format: 'text' };
    case 'untyped':
      return wholeNumber.test(cell.text)
        ? { value: Number(cell.text), format: 'other' }
        : { value: escaped(cell.text), format: 'text' };
    case 'number':
      return { value: cell.number, format: 'other' };
    case 'date':
      return cell.date < firstDay
        ? { value: cell.date, format: 'text' }
        : { value: new Date(`${cell.date}T00:00:00Z`), format: 'date' };
    case 'boolean':
      return { value: cell.value, format: 'other' };
    case 'error':
      return { value: errorValue(cell.text), format: 'other' };
  }
}

/** `_x000D_` in a text would be read as a line break. */
const escaped = (text: string): string =>
  text.replaceAll(/_x(?=[0-9a-f]{4}_)/giu, (mark) => `_x005F${mark}`);

const errorValues = ['#N/A', '#REF!', '#NAME?', '#DIV/0!', '#NULL!', '#VALUE!', '#NUM!'] as const;

function errorValue(text: string): ExcelJS.CellValue {
  const error = errorValues.find((one) => one === text);
  return error === undefined ? text : { error };
}

function noteOf(marks: readonly Mark[]): ExcelJS.Comment {
  const text = marks.map((mark) => mark.text).join('\n');
  return { texts: [{ font: { size: 10, name: 'Tahoma', family: 2 }, text }] };
}

/** What Excel allows as a name, and no name twice. */
function sheetName(workbook: ExcelJS.stream.xlsx.WorkbookWriter, wanted: string): string {
  const allowed = wanted.replaceAll(/[*?:\\/[\]]|^'|'$/gu, ' ').trim() || 'Sheet';
  for (let n = 1; ; n += 1) {
    const end = n === 1 ? '' : ` (${n})`;
    const name = allowed.slice(0, 31 - end.length) + end;
    if (workbook.getWorksheet(name) === undefined) return name;
  }
}

const unwritten = (path: string, cause: unknown): WorkbookError =>
  new WorkbookError(
    'unwritten',
    `${basename(path)} could not be written: make room there, or give another folder.`,
    { cause },
  );
