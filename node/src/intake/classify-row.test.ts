import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import type { Cell } from '../workbook/cell.ts';
import { classifyRow } from './classify-row.ts';
import { recogniseSheet } from './recognise-sheet.ts';
import type { KnownSheet } from './sheet-plan.ts';

const header = ['STT', 'Họ và tên', 'Số CCCD', 'Ngày sinh', 'Giới tính', 'Dân tộc', 'Ghi chú'];

const cells = (texts: readonly string[]): readonly Cell[] =>
  texts.map((text) => (text === '' ? { kind: 'empty' } : { kind: 'text', text }));

function plan(): KnownSheet {
  const rows = [{ sheet: 'A', row: 1, cells: cells(header) }];
  const found = recogniseSheet({ sheet: 'A', rows, today: '2026-11-21', codes: shippedBook });
  if (found.kind === 'unknown') throw new RangeError(found.reason);
  return found;
}

const classOf = (texts: readonly string[]) =>
  classifyRow(plan(), { sheet: 'A', row: 9, cells: cells(texts) });

test.each([
  ['with a number and a name only', ['7', 'Lê Văn Sơn']],
  ['with a number and the note alone filled beside one field', ['7.', '', '', '1985', '', '', 'x']],
  ['without a number, by its PIN', ['', '', '014085000001']],
  ['with a PIN that is faulty', ['', 'Lê Văn Sơn', '01408500OOO1']],
  ['without number and PIN, by what it fills', ['', 'Lê Văn Sơn', '', '1985', 'Nam', 'Kinh']],
])('a row %s is a record, so that it is reported', (_name, texts) => {
  expect(classOf(texts)).toBe('record');
});

test.each([
  ['a group title', ['I', 'SỞ NỘI VỤ']],
  ['the header again', header],
  ['the numbering row', ['(1)', '(2)', '(3)', '(4)']],
  ['letters as numbering', ['A', 'B', '1', '2']],
  ['a total with sums', ['', 'Tổng cộng', '300', '12', '4', '5']],
  ['signatures', ['', 'NGƯỜI LẬP BIỂU', '', '', 'GIÁM ĐỐC SỞ']],
  ['a date in the column of the PIN', ['', '', 'Ngày 31 tháng 10 năm 2026']],
])('%s is no record', (_name, texts) => {
  expect(classOf(texts)).toBe('ignored');
});

test.each([[['', '  ', '\u00a0']], [['12']]])('%j is blank', (texts) => {
  expect(classOf(texts)).toBe('blank');
});
