import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import type { Cell } from '../workbook/cell.ts';
import { evaluatePerson, type PersonContext } from './evaluate-person.ts';
import { recogniseSheet } from './recognise-sheet.ts';

const header = [
  'STT',
  'Họ và tên',
  'Số CCCD',
  'Ngày sinh',
  'Giới tính',
  'Quê quán',
  'Học hàm',
  'Ngày phong học hàm',
  'Chức vụ',
  'Mã đơn vị sử dụng',
];
const son = ['7', 'Lê Văn Sơn', '014085000001', '1985', 'Nam', '', '', '', '', ''];

const cells = (texts: readonly string[]): readonly Cell[] =>
  texts.map((text) => (text === '' ? { kind: 'empty' } : { kind: 'text', text }));

function evaluate(changes: Readonly<Record<string, string>>, context: Partial<PersonContext> = {}) {
  const rows = [{ sheet: 'A', row: 1, cells: cells(header) }];
  const plan = recogniseSheet({ sheet: 'A', rows, today: '2026-11-21', codes: shippedBook });
  if (plan.kind !== 'person') throw new RangeError(plan.kind);
  const texts = son.map((text, i) => changes[header[i] ?? ''] ?? text);
  const known = {
    today: '2026-11-21',
    codes: shippedBook,
    agency: null,
    units: undefined,
    ...context,
  };
  return evaluatePerson(plan, { sheet: 'A', row: 2, cells: cells(texts) }, known);
}

const findingsOf = (...args: Parameters<typeof evaluate>) =>
  evaluate(...args).findings.map((finding) => `${finding.field} ${finding.code}`);

const always = [
  'ethnic_group required',
  'object_class required',
  'employing_unit required',
  'managing_unit required',
];

test('what every person needs is asked for, also where the sheet has no column for it', () => {
  expect(findingsOf({})).toEqual(always);
  expect(evaluate({}).verdict).toBe('error');
});

test('a value that is wrong is not called missing as well', () => {
  const found = findingsOf({ 'Số CCCD': '14085', 'Mã đơn vị sử dụng': 'Sở Y tế' });
  expect(found).toContain('pin pin_format');
  expect(found).toContain('employing_unit unit_code_format');
  expect(found).not.toContain('pin required');
  expect(found).not.toContain('employing_unit required');
});

test('a unit of another agency, and one that is not in the tree, are told apart', () => {
  const context = { agency: 'H52', units: new Map([['H52', null]]) };
  expect(findingsOf({ 'Mã đơn vị sử dụng': 'H520.01' }, context)).toContain(
    'employing_unit unit_code_format',
  );
  expect(findingsOf({ 'Mã đơn vị sử dụng': 'H53.01' }, context)).toContain(
    'employing_unit unit_outside_agency',
  );
  expect(findingsOf({ 'Mã đơn vị sử dụng': 'H52.01' }, context)).toContain(
    'employing_unit unit_unknown',
  );
  expect(findingsOf({ 'Mã đơn vị sử dụng': 'H52' }, context)).toEqual(
    always.filter((one) => !one.startsWith('employing')),
  );
});

test('sex and year of birth are compared with the PIN, and only warn', () => {
  const found = findingsOf({ 'Giới tính': 'Nữ', 'Ngày sinh': '2/9/1986' });
  expect(found).toContain('sex pin_sex_mismatch');
  expect(found).toContain('birth_date pin_birth_mismatch');
});

test('a birth date is in the future only when all of it is', () => {
  expect(findingsOf({ 'Ngày sinh': '2026' })).not.toContain('birth_date date_future');
  expect(findingsOf({ 'Ngày sinh': '12/2026' })).toContain('birth_date date_future');
});

test('what follows with certainty is filled in, and what does not is left empty', () => {
  const { draft } = evaluate({ 'Quê quán': 'Xã A, tỉnh SƠN LA', 'Chức vụ': 'trưởng phòng' });
  expect(draft.sections['identity']?.[0]).toMatchObject({ home_town_code: '14' });
  expect(draft.sections['position']).toEqual([{ title: 'trưởng phòng', title_code: '15' }]);
  expect(draft.sections['employment']).toEqual([{ status: '1' }]);
  // Lào Cai had another code before July 2025: which is meant, nobody can tell.
  const unsure = evaluate({ 'Quê quán': 'Xã A, tỉnh Lào Cai', 'Chức vụ': 'Tổ trưởng tổ 2' });
  expect(unsure.draft.sections['identity']?.[0]).not.toHaveProperty('home_town_code');
  expect(unsure.draft.sections['position']).toEqual([{ title: 'Tổ trưởng tổ 2' }]);
  expect(unsure.findings.map((finding) => finding.field)).not.toContain('home_town_code');
});

test('the row as written stays with it', () => {
  expect(evaluate({ 'Số CCCD': 'O14085' }).source).toMatchObject({ stt: '7', 'số cccd': 'O14085' });
});

test('a section of the sheet whose cells are all empty is there, and empty', () => {
  expect(evaluate({}).draft.sections).toMatchObject({ position: [], education: [] });
});
