import { fieldNamed, sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import type { Cell } from '../workbook/cell.ts';
import { readField } from './read-field.ts';

const text = (value: string): Cell => ({ kind: 'text', text: value });
const untyped = (value: string): Cell => ({ kind: 'untyped', text: value });
const number = (value: number): Cell => ({ kind: 'number', number: value, text: String(value) });

function read(name: string, cell: Cell, event: string | null = null) {
  const [section = '', field = ''] = name.split('.');
  const { value, findings } = readField(fieldNamed(sectionNamed(section), field), cell, {
    codes: shippedBook,
    event,
  });
  return [value, ...findings.map((finding) => finding.code)];
}

test.each([
  [text('014085000001'), '014085000001'],
  [text(" '014 085 000 001 "), '014085000001'],
  [number(14_085_000_001), '014085000001', 'pin_zero_restored'],
  [number(1_085_000_001), '001085000001', 'pin_zero_restored'],
  [untyped('14085000001'), '014085000001', 'pin_zero_restored'],
  // Typed as text a digit may be missing anywhere.
  [text('14085000001'), null, 'pin_format'],
  [text('123456789'), null, 'pin_old_id'],
  [number(123_456_789), null, 'pin_old_id'],
  [text('01408500000O'), null, 'pin_format'],
  [number(14_085_000_001.5), null, 'pin_format'],
  [untyped('1.4085E+10'), null, 'pin_format'],
])('a PIN written as %j', (cell, ...expected) => {
  expect(read('identity.pin', cell)).toEqual(expected);
});

test.each([
  [{ kind: 'date', date: '1968-01-01' } as const, '1968-01-01'],
  [text('1/2/1975'), '1975-02-01'],
  [text('09/1975'), '1975-09'],
  [number(1975), '1975'],
  [number(27_426), '1975-02-01'],
  [text('27426'), '1975-02-01'],
  [untyped('1975-02-01 00:00:00'), '1975-02-01'],
  [text('01 / 02 / 1975'), '1975-02-01'],
  [text('Ngày 01 tháng 2 năm 1975'), '1975-02-01'],
  [text('tháng 2 năm 1975'), '1975-02'],
  [text('năm 1975'), '1975'],
  [text('ngày 1 năm 1975'), null, 'date_format'],
  // of which century nobody can tell
  [text('01/02/75'), null, 'date_format'],
  [text('31/2/1975'), null, 'date_format'],
  [number(197), null, 'date_format'],
  [{ kind: 'date', date: '1700-01-01' } as const, null, 'date_format'],
])('a date written as %j', (cell, ...expected) => {
  expect(read('identity.birth_date', cell)).toEqual(expected);
});

test.each([
  [number(4.32), '4.32'],
  [number(8), '8.00'],
  [number(4.320_000_000_000_000_3), '4.32'],
  [text('4,32'), '4.32'],
  [text('04.3'), '4.30'],
  [text('4,3200'), '4.32'],
  [number(4.325), null, 'number_format'],
  [text('4,325'), null, 'number_format'],
  [text('bậc 3'), null, 'number_format'],
])('a coefficient written as %j', (cell, ...expected) => {
  expect(read('salary.coefficient', cell)).toEqual(expected);
});

test('a sign for per cent belongs to a field that counts in them, and to no other', () => {
  expect(read('salary.percent_paid', text('85%'))).toEqual(['85.00']);
  expect(read('salary.percent_paid', untyped('85,5 %'))).toEqual(['85.50']);
  expect(read('allowance_history.coefficient', text('25%'))).toEqual([null, 'number_format']);
});

test('a step may be written as it is spoken, and with the number of steps of its scale', () => {
  for (const written of ['3', 'Bậc 3', 'bậc 3/9', '3/9', '3 / 9']) {
    expect(read('salary.step', text(written))).toEqual(['3']);
  }
  for (const written of ['9/3', '3/20', '3/9/2020']) {
    expect(read('salary.step', text(written))).toEqual([null, 'number_format']);
  }
  expect(read('salary.step', { kind: 'date', date: '2020-09-03' })).toEqual([
    null,
    'number_format',
  ]);
});

test('an amount without decimals may group its thousands', () => {
  expect(read('allowance_history.amount', text('1.800.000'))).toEqual(['1800000']);
  expect(read('allowance_history.amount', text('1,800,000'))).toEqual(['1800000']);
  expect(read('allowance_history.amount', text('1.80'))).toEqual([null, 'number_format']);
});

test('thousands may be grouped by spaces, thin ones too, and by nothing else that is white', () => {
  expect(read('allowance_history.amount', text('1\u2009800\u202f000'))).toEqual(['1800000']);
  expect(read('allowance_history.amount', text('1\u00a0800\u00a0000'))).toEqual(['1800000']);
  expect(read('allowance_history.amount', text('1 234,00'))).toEqual(['1234']);
  expect(read('allowance_history.amount', text('18 000 00'))).toEqual([null, 'number_format']);
});

test('a cell typed in a font of before Unicode is refused, whatever its field', () => {
  const said = (name: string, value: string) => read(name, text(value));
  expect(said('identity.full_name', 'NguyÔn V¨n S¬n')).toEqual([null, 'legacy_font']);
  expect(said('identity.full_name', 'Nguyeãn Vaên Sôn')).toEqual([null, 'legacy_font']);
  expect(said('identity.ethnic_group', 'Tµy')).toEqual([null, 'legacy_font']);
  expect(said('identity.full_name', 'Lê Hà')).toEqual(['Lê Hà']);
  expect(said('identity.full_name', 'H’Nhê Niê')).toEqual(['H’Nhê Niê']);
});

test.each([
  [number(7), '7'],
  [text('07'), '7'],
  [number(7.5), null, 'number_format'],
  [number(13), null, 'number_range'],
])('a step written as %j', (cell, ...expected) => {
  expect(read('salary.step', cell)).toEqual(expected);
});

test.each([
  [text('01.003'), '01.003'],
  [text('v.07.03.29'), 'V.07.03.29'],
  [number(1.003), '01.003', 'rank_as_number'],
  [untyped('1,003'), '01.003', 'rank_as_number'],
  [text('Chuyên viên'), '01.003'],
  [number(1.999), null, 'code_unknown'],
])('a rank written as %j', (cell, ...expected) => {
  expect(read('salary.rank_code', cell)).toEqual(expected);
});

test('a code is checked as of the date of its event', () => {
  const expelled = text('4');
  expect(read('discipline.form', expelled, '2024-03-01')).toEqual(['4']);
  expect(read('discipline.form', expelled, '2025-08-01')).toEqual([null, 'code_not_valid_then']);
});

test('text is composed and tidied, a number in a text field is its digits, an error cell is an error', () => {
  expect(read('identity.full_name', text(' Lê \u00a0 Thuỷ '.normalize('NFD')))).toEqual([
    'Lê Thuỷ',
  ]);
  expect(read('contact.phone', number(912_345_678))).toEqual(['912345678']);
  expect(read('contact.phone', { kind: 'error', text: '#N/A' })).toEqual([null, 'cell_error']);
  expect(read('identity.other_names', text('=1+1'))).toEqual(['=1+1']);
  expect(read('identity.full_name', { kind: 'empty' })).toEqual([null]);
});

test.each([
  [text('h52.03 '), 'H52.03'],
  [text('000.00.00.H49'), 'H49'],
  [text('000.00.03.H49'), 'H49.03'],
  [text('Sở Nội vụ'), null, 'unit_code_format'],
])('a unit code written as %j', (cell, ...expected) => {
  expect(read('employment.employing_unit', cell)).toEqual(expected);
});
