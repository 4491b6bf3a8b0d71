/** The examples of the rules that a reader of files checks, each read as it lies in a file. */
import { fieldNamed, sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { cellRules, fileRules } from '@lienthong/shared-schema/rules/reading-rules.ts';
import type { CellExample, FileExample } from '@lienthong/shared-schema/rules/rule.ts';
import { expect, test } from 'vitest';

import type { Cell, SheetRow } from '../workbook/cell.ts';
import { evaluateRows, readingOrder } from './evaluate-rows.ts';
import { readField } from './read-field.ts';
import { recogniseSheet } from './recognise-sheet.ts';

const today = '2026-11-21';
const codes = shippedBook;

function cellOf(written: CellExample['written']): Cell {
  if (typeof written === 'string') return { kind: 'text', text: written };
  if (typeof written === 'number') {
    return { kind: 'number', number: written, text: String(written) };
  }
  return { kind: 'error', text: written.error };
}

function codesOfCell({ field, written }: CellExample): readonly string[] {
  const [section = '', name = ''] = field.split('.');
  const reading = readField(fieldNamed(sectionNamed(section), name), cellOf(written), {
    codes,
    event: null,
  });
  return reading.findings.map((finding) => finding.code);
}

test.each(Object.entries(cellRules))(
  '%s accepts its good cell, and finds fault with the other',
  (code, rule) => {
    expect(codesOfCell(rule.accepted)).toEqual([]);
    expect(codesOfCell(rule.refused)).toEqual([code]);
  },
);

async function codesOfFile(example: FileExample): Promise<readonly string[]> {
  const rows = Object.entries(example).flatMap(([sheet, lines]) =>
    lines.map((line, i): SheetRow => ({
      sheet,
      row: i + 1,
      cells: line.map((text) => (text === '' ? { kind: 'empty' } : { kind: 'text', text })),
    })),
  );
  const plans = Object.keys(example).map((sheet) =>
    recogniseSheet({ sheet, rows: rows.filter((row) => row.sheet === sheet), today, codes }),
  );
  const sheets = readingOrder(plans);
  const inOrder = sheets.flatMap((plan) => rows.filter((row) => row.sheet === plan.sheet));
  const found: string[] = [];
  for await (const event of evaluateRows(sheets, streamed(inOrder), { today, codes })) {
    if ('findings' in event) found.push(...event.findings.map((finding) => finding.code));
  }
  return found;
}

async function* streamed(rows: readonly SheetRow[]): AsyncGenerator<SheetRow> {
  yield* rows;
}

test.each(Object.entries(fileRules))(
  '%s accepts its good file, and finds fault with the other',
  async (code, rule) => {
    expect(await codesOfFile(rule.accepted)).toEqual([]);
    expect(await codesOfFile(rule.refused)).toEqual([code]);
  },
);
