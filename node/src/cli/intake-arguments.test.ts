import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';

import {
  dayArgument,
  identifier,
  pageLimit,
  pageNumber,
  recordName,
  rowCursor,
  rowKey,
} from './intake-arguments.ts';

const id = '01939d7e-6f00-7000-8000-000000000001';

test('a row is sheet and number, with the last colon between; a cursor has the import before it', () => {
  expect(rowKey('Danh sách:12')).toEqual({ sheet: 'Danh sách', row: 12 });
  expect(rowKey('đợt 1: cấp xã:7')).toEqual({ sheet: 'đợt 1: cấp xã', row: 7 });
  expect(rowCursor(`${id} Danh sách 2:12`)).toEqual({
    importId: id,
    sheet: 'Danh sách 2',
    row: 12,
  });
  expect(recordName('014085000001')).toBe('014085000001');
  expect(recordName(id)).toBe(id);
});

test.each([
  ['a row without a number', () => rowKey('Danh sách')],
  ['a row of no sheet', () => rowKey(':12')],
  ['half an identifier', () => identifier(id.slice(0, 8))],
  ['a number of eleven digits', () => recordName('14085000001')],
  ['a cursor without its import', () => rowCursor('Danh sách:12')],
  ['an empty page', () => pageLimit('0')],
  ['a page without end', () => pageLimit('10001')],
  ['a page that is no number', () => pageNumber('12a')],
  ['a month of no year', () => dayArgument('2026-13-01')],
  ['a day that does not exist', () => dayArgument('2026-02-30')],
])('%s is refused before anything is asked of the database', (_, parse) => {
  expect(parse).toThrow(InvalidArgumentError);
});
