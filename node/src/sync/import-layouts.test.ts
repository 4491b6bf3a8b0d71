import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { makeHeadingMapping, type MappedHeading } from '../intake/heading-mapping.ts';
import { shownInWestern } from '../workbook/legacy-fixture.ts';
import { openWorkbook } from '../workbook/read-workbook.ts';
import { writeXlsx } from '../workbook/workbook-fixture.ts';
import { type JudgedItem, judgeWorkbook } from './judge-workbook.ts';
import { recogniseWorkbook } from './recognise-workbook.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layouts-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Everything that is made of the file. */
async function read(path: string, mapped: readonly MappedHeading[] = []) {
  await using workbook = await openWorkbook(path);
  const context = {
    today: '2026-11-21',
    codes: shippedBook,
    headings: makeHeadingMapping(mapped),
  };
  const { plans } = await recogniseWorkbook(workbook, context);
  const items: JudgedItem[] = [];
  const judging = { workbook, fileName: 'x', plans, context };
  const summary = await judgeWorkbook(judging, {}, async (all) => {
    for await (const item of all) items.push(item);
  });
  return { summary, items, plans };
}

/** Section by section, as written in the catalogue. */
function drafts(items: readonly JudgedItem[]): readonly object[] {
  return items.map((item) => (item.kind === 'list-row' ? item.values : item.draft.sections));
}

/** Two rows of headings, some merged downwards and some over groups; titles merged above them. */
function groupedList(): ExcelJS.Workbook {
  const workbook = new ExcelJS.Workbook();
  const hidden = workbook.addWorksheet('Bản cũ', { state: 'veryHidden' });
  hidden.addRow(['STT', 'Họ và tên', 'Số CCCD', 'Ngày sinh', 'Dân tộc']);
  hidden.addRow([1, 'Người cũ', '014085000009', '1985', 'Kinh']);
  const lists = workbook.addWorksheet('Diễn biến lương');
  lists.addRow(['TT', 'Số căn cước', 'Thời gian', null, 'Ngạch, bậc lương', null, null]);
  lists.addRow([null, null, 'Từ', 'Đến', 'Mã số', 'Bậc', 'Hệ số']);
  lists.mergeCells('A1:A2');
  lists.mergeCells('B1:B2');
  lists.mergeCells('C1:D1');
  lists.mergeCells('E1:G1');
  lists.addRow([1, '014085000001', '01/2018', '12/2020', '01.003', 3, '3,00']);
  lists.addRow([2, '014085000001', 44_197, null, '01.003', 4, 3.33]);

  const people = workbook.addWorksheet('Tổng hợp');
  people.addRow(['DANH SÁCH CÔNG CHỨC, VIÊN CHỨC']);
  people.mergeCells('A1:N1');
  people.addRow([]);
  people.addRow(
    [
      'TT, Họ tên, Căn cước, , Giới tính, Ngày tháng năm sinh, Trình độ, , Lương hiện hưởng, , , ',
      'Phụ cấp, Đối tượng, Đơn vị, , Dân tộc',
    ]
      .join('')
      .split(', '),
  );
  people.addRow([
    null,
    null,
    'CCCD',
    'Ngày cấp',
    null,
    null,
    'Chuyên môn',
    'Lý luận chính trị',
    'Mã ngạch',
    'Bậc',
    'Hệ số',
    'Hệ số',
    null,
    'Đơn vị sử dụng',
    'Đơn vị quản lý',
    null,
  ]);
  for (const range of ['A3:A4', 'B3:B4', 'C3:D3', 'E3:E4', 'F3:F4', 'G3:H3', 'I3:K3', 'N3:O3']) {
    people.mergeCells(range);
  }
  people.addRow(Array.from({ length: 16 }, (_, i) => `(${i + 1})`));
  const birth = new Date('1985-05-02T00:00:00Z');
  const row = people.addRow([
    1,
    { formula: '"Lê"&" Văn Sơn"', result: 'Lê Văn Sơn' },
    14_085_000_001,
    '2021-03-04',
    'Nam',
    { formula: 'DATE(1985,5,2)', result: birth },
    'Đại học',
    'Cao cấp',
    '01.003',
    4,
    3.33,
    0.6,
    'Công chức',
    'H14',
    'H14',
    'Kinh',
  ]);
  row.getCell(6).numFmt = 'dd/mm/yyyy';
  people.addRow(['Phòng Hành chính']);
  people.mergeCells('A7:P7');
  people.addRow([
    2,
    'Trần Thị Lan',
    '014190000002',
    '3/2021',
    'Nữ',
    '1990',
    'Thạc sĩ',
    null,
    'Chuyên viên',
    '3',
    '3.00',
    '0\u20095',
    'Viên chức',
    'H14',
    'H14',
    'mÔNG',
  ]);
  return workbook;
}

test('two rows of headings, merged cells, formulas, hidden sheets and dates in any form read as meant', async () => {
  const path = join(folder, 'grouped.xlsx');
  await groupedList().xlsx.writeFile(path);
  const { summary, items, plans } = await read(path);
  expect(summary.sheets.map((one) => [one.sheet, one.carries, one.reason, one.headerRow])).toEqual([
    ['Bản cũ', null, 'hidden', null],
    ['Diễn biến lương', 'salary_history', null, 2],
    ['Tổng hợp', 'person', null, 4],
  ]);
  const [son, lan, ...history] = drafts(items);
  expect(son).toMatchObject({
    identity: [
      { full_name: 'Lê Văn Sơn', pin: '014085000001', birth_date: '1985-05-02', sex: '1' },
    ],
    id_paper: [{ issued_on: '2021-03-04' }],
    education: [{ highest_level: expect.any(String), political_theory: expect.any(String) }],
    salary: [{ rank_code: '01.003', step: '4', coefficient: '3.33' }],
    employment: [{ employing_unit: 'H14', managing_unit: 'H14' }],
  });
  expect(lan).toMatchObject({
    identity: [{ full_name: 'Trần Thị Lan', birth_date: '1990' }],
    id_paper: [{ issued_on: '2021-03' }],
    salary: [{ rank_code: '01.003', step: '3', coefficient: '3.00' }],
  });
  expect(history).toEqual([
    {
      from_date: '2018-01',
      to_date: '2020-12',
      rank_code: '01.003',
      step: '3',
      coefficient: '3.00',
    },
    { from_date: '2021-01-01', rank_code: '01.003', step: '4', coefficient: '3.33' },
  ]);
  // what stands below another group is not taken for what it is not
  expect(summary.unrecognised).toEqual([{ sheet: 'Tổng hợp', headings: ['Phụ cấp: Hệ số'] }]);
  expect(summary.sheets[2]?.ignoredRows).toEqual([5, 7]);
  expect(plans.map((plan) => plan.kind)).toEqual(['unknown', 'list', 'person']);
  expect(JSON.stringify(items)).not.toContain('Người cũ');
});

test('a heading that somebody has mapped is read as its field, below a group as well', async () => {
  const path = join(folder, 'mapped.xlsx');
  await groupedList().xlsx.writeFile(path);
  const mapped = [{ heading: 'PHỤ CẤP:  hệ số', section: 'salary', field: 'position_allowance' }];
  const { summary, items } = await read(path, mapped);
  expect(summary.unrecognised).toEqual([]);
  expect(drafts(items)[0]).toMatchObject({ salary: [{ position_allowance: '0.60' }] });
});

test('a mapped heading takes its column from the field that it would be by name', async () => {
  const path = join(folder, 'renamed.xlsx');
  const header = ['Họ và tên', 'Số CCCD', 'Ngày sinh', 'Dân tộc', 'Chức vụ', 'Mã NV'];
  const row = ['Lê Văn Sơn', '014085000001', '1985', 'Kinh', 'A1', 'Trưởng phòng'];
  await writeXlsx(path, [{ name: 'A', rows: [header, row] }]);
  const { items } = await read(path, [
    { heading: 'Chức vụ', section: 'employment', field: 'staff_number' },
    { heading: 'Mã NV', section: 'position', field: 'title' },
  ]);
  expect(drafts(items)[0]).toMatchObject({
    employment: [{ staff_number: 'A1' }],
    position: [{ title: 'Trưởng phòng' }],
  });
});

test('a first row of data is never taken for a second row of headings', async () => {
  const path = join(folder, 'plain.xlsx');
  const header = ['Họ và tên', 'Số CCCD', 'Ngày sinh', 'Dân tộc', 'Cỡ giày', 'Nơi khác'];
  const row = [null, '014085000001', '1985', 'Kinh', 'Giới tính', 'Quê quán'];
  await writeXlsx(path, [{ name: 'A', rows: [header, row] }]);
  const { summary } = await read(path);
  expect(summary.sheets[0]?.headerRow).toBe(1);
  expect(summary.totals).toEqual({ ok: 0, warning: 0, error: 1 });
});

test.each(['TCVN3', 'VNI'] as const)(
  'a workbook whose headings are typed in a font of %s is refused and named, and a sheet of it listed',
  async (encoding) => {
    const shown = (texts: readonly string[]) => texts.map((one) => shownInWestern(one, encoding));
    const header = ['Số thứ tự', 'Họ và tên', 'Số định danh cá nhân', 'Ngày sinh', 'Giới tính'];
    const sheet = { name: 'Cũ', rows: [shown(header), shown(['1', 'Nguyễn Văn Sơn'])] };
    const alone = join(folder, `${encoding}.xlsx`);
    await writeXlsx(alone, [sheet]);
    await expect(read(alone)).rejects.toMatchObject({ fault: 'encoding' });
    await expect(read(alone)).rejects.toThrow(new RegExp(encoding, 'u'));
    const people = {
      name: 'Mới',
      rows: [
        ['Họ và tên', 'Số CCCD', 'Ngày sinh', 'Dân tộc'],
        [shownInWestern('Nguyễn Văn Sơn', encoding), '014085000001', '1985', 'Kinh'],
      ],
    };
    const both = join(folder, `${encoding}-both.xlsx`);
    await writeXlsx(both, [sheet, people]);
    const { summary, items } = await read(both);
    expect(summary.sheets.map((one) => one.reason)).toEqual(['encoding', null]);
    expect(items[0]?.findings.map((one) => one.code)).toContain('legacy_font');
    expect(items[0]?.verdict).toBe('error');
  },
);
