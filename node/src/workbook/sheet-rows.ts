/**
 * The rows of one sheet as they stream by. Numbers of rows and columns may be left out, as some programs
 * do: then one follows the other. Of a formula only its last result is read. No Date is ever made: a
 * day is counted from the first day of the workbook's calendar.
 */
import type { Buffer } from 'node:buffer';

import type { Shown } from './cell-formats.ts';
import { type Cell, emptyCell, type SheetRow } from './cell.ts';
import { columnsMax, rowNumberMax } from './limits.ts';
import { newTextRuns } from './text-runs.ts';
import { damagedWorkbook } from './workbook-error.ts';
import { readXml } from './xml-part.ts';

/** What cells refer to. */
export type CellParts = {
  readonly texts: readonly string[];
  /** By style. */
  readonly styles: readonly Shown[];
  /** Whether days are counted from 1904, as programs for Macs did. */
  readonly is1904: boolean;
};

type OpenCell = {
  readonly column: number;
  readonly type: string;
  readonly style: number;
};

/** Throws a WorkbookError `damaged`. */
export async function* sheetRows(
  bytes: AsyncIterable<Buffer>,
  sheet: string,
  parts: CellParts,
): AsyncGenerator<SheetRow> {
  let done: SheetRow[] = [];
  let isData = false;
  let row = 0;
  let cells: Cell[] = [];
  let next = 0;
  let cell: OpenCell | undefined;
  let isValue = false;
  let value = '';
  const runs = newTextRuns();
  const pieces = readXml(bytes, {
    open(name, attributes) {
      if (name === 'sheetData') isData = true;
      if (!isData) return;
      switch (name) {
        case 'row':
          row = numberAfter(row, attributes['r']);
          cells = [];
          next = 0;
          return;
        case 'c': {
          const column = columnOf(attributes['r']) ?? next;
          if (column >= columnsMax) throw damagedWorkbook();
          const style = Number(attributes['s'] ?? 0);
          cell = { column, type: attributes['t'] ?? 'n', style };
          next = column + 1;
          value = '';
          return;
        }
        case 'v':
          isValue = true;
          return;
        default:
          runs.open(name);
      }
    },
    close(name) {
      if (!isData) return;
      switch (name) {
        case 'sheetData':
          isData = false;
          return;
        case 'row':
          done.push({ sheet, row, cells });
          return;
        case 'c':
          if (cell !== undefined) put(cells, cell, toCell(cell, value, parts));
          cell = undefined;
          return;
        case 'v':
          isValue = false;
          return;
        case 'is':
          value = runs.take();
          return;
        default:
          runs.close(name);
      }
    },
    text(piece) {
      if (isValue) value += piece;
      else if (isData) runs.add(piece);
    },
  });
  for await (const _piece of pieces) {
    yield* done;
    done = [];
  }
}

/** Rows come in ascending order: two of one number would be one row of the intake. */
function numberAfter(before: number, written: string | undefined): number {
  const number = written === undefined ? before + 1 : Number(written);
  if (Number.isInteger(number) && number > before && number <= rowNumberMax) return number;
  throw damagedWorkbook();
}

/** `A` is 0; undefined without a reference. */
function columnOf(reference: string | undefined): number | undefined {
  if (reference === undefined) return undefined;
  const letters = /^[A-Z]{1,3}(?=\d)/u.exec(reference)?.[0];
  if (letters === undefined) throw damagedWorkbook();
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

function put(cells: Cell[], { column }: OpenCell, cell: Cell): void {
  if (cell.kind === 'empty') return;
  while (cells.length < column) cells.push(emptyCell);
  cells[column] = cell;
}

function toCell({ type, style }: OpenCell, value: string, parts: CellParts): Cell {
  if (value === '') return emptyCell;
  switch (type) {
    case 's': {
      const text = parts.texts[Number(value)];
      if (text === undefined) throw damagedWorkbook();
      return textCell(text);
    }
    case 'b':
      return { kind: 'boolean', value: value === '1' || value === 'true' };
    case 'e':
      return { kind: 'error', text: value };
    case 'd':
      return isoDate.test(value) ? { kind: 'date', date: value.slice(0, 10) } : textCell(value);
    case 'n':
      return numberCell(Number(value), parts.styles[style] ?? 'number', parts);
    default:
      return textCell(value);
  }
}

/** With or without a time. */
const isoDate = /^\d{4}-\d{2}-\d{2}(?:T|$)/u;

/** `_x000D_` and the like stand for characters that XML cannot carry, `_x005F_` for an underscore. */
const escaped = /_x([0-9a-f]{4})_/giu;

function textCell(text: string): Cell {
  const whole = text.includes('_x') ? unescaped(text) : text;
  return whole === '' ? emptyCell : { kind: 'text', text: whole };
}

/** Halves of characters and zeros are no text that a database takes. */
const unescaped = (text: string): string =>
  text
    .replaceAll(escaped, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .toWellFormed()
    .replaceAll('\0', '');

function numberCell(number: number, shown: Shown, { is1904 }: CellParts): Cell {
  if (!Number.isFinite(number)) return { kind: 'error', text: '#NUM!' };
  if (shown === 'number') return { kind: 'number', number, text: String(number) };
  // without the noise of the multiplication
  if (shown === 'percent') {
    return { kind: 'text', text: `${Number((number * 100).toPrecision(15))}%` };
  }
  const serial = Math.floor(number + halfMs) + (is1904 ? days1904 : 0);
  // Excel shows such a cell as ####
  if (serial < 0 || serial > lastSerial) return { kind: 'error', text: '#VALUE!' };
  return { kind: 'date', date: dayOf(serial) };
}

const dayMs = 86_400_000;
/** Midnight may be off by the noise of arithmetic. */
const halfMs = 0.5 / dayMs;
const unixEpochSerial = 25_569;
/** From the first day of one calendar to that of the other. */
const days1904 = 1462;
/** 31 December 9999. */
const lastSerial = 2_958_465;

const dayOf = (serial: number): string =>
  new Date((serial - unixEpochSerial) * dayMs).toISOString().slice(0, 10);
