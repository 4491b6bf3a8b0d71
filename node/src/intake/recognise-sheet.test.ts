import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import type { Cell } from '../workbook/cell.ts';
import { headingsOf } from './heading.ts';
import { recogniseSheet } from './recognise-sheet.ts';
import { carriedFields } from './sheet-plan.ts';

const cells = (texts: readonly string[]): readonly Cell[] =>
  texts.map((text) => (text === '' ? { kind: 'empty' } : { kind: 'text', text }));

function recognise(sheet: string, ...rows: readonly (readonly string[])[]) {
  const numbered = rows.map((row, i) => ({ sheet, row: i + 1, cells: cells(row) }));
  return recogniseSheet({ sheet, rows: numbered, today: '2026-11-21', codes: shippedBook });
}

test('no two fields that one sheet may carry share a heading', () => {
  const groups = [
    sections.filter((one) => one.kind === 'person' && !one.many),
    ...sections.filter((one) => one.many).map((one) => [one]),
  ];
  const shared = groups.flatMap((group) => {
    const headings = group.flatMap((one) => one.fields).flatMap((field) => [...headingsOf(field)]);
    return headings.filter((heading, i) => headings.indexOf(heading) !== i);
  });
  expect(shared).toEqual([]);
});

test('every list section is recognised by the catalogue’s own labels and the name of its sheet', () => {
  const lists = sections.filter((one) => one.kind === 'person' && one.many);
  const found = lists.map((section) => {
    const plan = recognise(section.vi.slice(0, 31), [
      'Số CCCD',
      ...section.fields.map((field) => field.vi),
    ]);
    return plan.kind === 'list' ? plan.section.name : plan.kind;
  });
  expect(found).toEqual(lists.map((section) => section.name));
});

test('headings count by equality: a longer heading that contains a known one is unknown', () => {
  const plan = recognise(
    'A',
    ['DANH SÁCH'],
    [
      'STT',
      'HỌ VÀ TÊN (khai sinh)',
      'Họ và  Tên:',
      'Ngày sinh *',
      'giới tính',
      'Số CCCD (*)',
      'Ngày sinh con',
      'Ghi chú',
    ],
  );
  expect(plan).toMatchObject({ kind: 'person', headerRow: 2, numberColumn: 0 });
  expect(plan).toMatchObject({ unrecognised: ['HỌ VÀ TÊN (khai sinh)', 'Ngày sinh con'] });
  expect(carriedFields(plan)).toEqual({ identity: ['pin', 'full_name', 'birth_date', 'sex'] });
});

test('a heading that comes twice is taken once, and the second is listed', () => {
  const plan = recognise('A', ['Họ và tên', 'Số CCCD', 'Ngày sinh', 'Dân tộc', 'Ngày sinh']);
  expect(plan).toMatchObject({ kind: 'person' });
  expect(carriedFields(plan)).toEqual({
    identity: ['pin', 'full_name', 'birth_date', 'ethnic_group'],
  });
});

test('a salary list that repeats the names of its people is no list of people', () => {
  const plan = recognise('Lương', ['Số CCCD', 'Họ và tên', 'Từ ngày', 'Mã ngạch', 'Bậc', 'Hệ số']);
  expect(plan).toMatchObject({ kind: 'list', section: { name: 'salary_history' } });
});

test('where columns fit two lists the name of the sheet decides, and without it neither is guessed', () => {
  const columns = ['Số CCCD', 'Từ', 'Đến', 'Cơ sở đào tạo', 'Chứng chỉ được cấp'];
  expect(recognise('Tin học', columns)).toMatchObject({
    kind: 'list',
    section: { name: 'it_training' },
  });
  for (const numbered of ['6. TIN HỌC', '06_Tin ho\u0323c', '6 - Tin học']) {
    expect(recognise(numbered, columns)).toMatchObject({ section: { name: 'it_training' } });
  }
  expect(recognise('Sheet7', columns)).toEqual({
    kind: 'unknown',
    sheet: 'Sheet7',
    reason: 'ambiguous',
  });
});

test('the year of the posts is that of the title, else the current one', () => {
  const header = ['Mã đơn vị', 'Tên đơn vị', 'Hợp đồng lao động', 'Biên chế công chức'];
  const titled = recognise('A', ['BIÊN CHẾ GIAO NĂM 2024 CỦA TỈNH'], header);
  expect(titled).toMatchObject({
    kind: 'units',
    year: '2024',
    posts: [
      { column: 3, postKind: '1' },
      { column: 2, postKind: '3' },
    ],
  });
  const below = ['H52', 'Trường thành lập năm 2019', '', ''];
  expect(recognise('A', header, below)).toMatchObject({ kind: 'units', year: '2026' });
});

test('a sheet without a known header says so, and an empty one that it is empty', () => {
  expect(recognise('A', ['Họ và tên', 'Tuổi'])).toEqual({
    kind: 'unknown',
    sheet: 'A',
    reason: 'no-header',
  });
  expect(recognise('A', ['', ''])).toEqual({ kind: 'unknown', sheet: 'A', reason: 'empty' });
});
