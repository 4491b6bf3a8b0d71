import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { recordRules } from '@lienthong/shared-schema/rules/rules.ts';
import { expect, test } from 'vitest';

import type { SheetRow } from '../workbook/cell.ts';
import { evaluateRows, type IntakeContext, readingOrder } from './evaluate-rows.ts';
import { keptLists, readListFacts, sheetsOfFacts } from './list-facts.ts';
import type { StoredPeople } from './people-in-chunks.ts';
import { recogniseSheet } from './recognise-sheet.ts';
import type { KnownSheet } from './sheet-plan.ts';

const today = '2026-11-21';
const codes = shippedBook;

type Sheets = Readonly<Record<string, readonly (readonly string[])[]>>;
type Stored = Readonly<Record<string, readonly DraftRow[]>>;

/** `row code field` of every finding, in the order in which the rows come. */
async function findingsOf(
  written: Sheets,
  context: Partial<IntakeContext> = {},
): Promise<readonly string[]> {
  const rows = Object.entries(written).flatMap(([sheet, lines]) =>
    lines.map((line, i): SheetRow => ({
      sheet,
      row: i + 1,
      cells: line.map((text) => (text === '' ? { kind: 'empty' } : { kind: 'text', text })),
    })),
  );
  const sheets = readingOrder(
    Object.keys(written).map((sheet) =>
      recogniseSheet({ sheet, rows: rows.filter((row) => row.sheet === sheet), today, codes }),
    ),
  );
  async function* rowsOf(of: readonly KnownSheet[]): AsyncGenerator<SheetRow> {
    for (const plan of of) yield* rows.filter((row) => row.sheet === plan.sheet);
  }
  const before = sheetsOfFacts(sheets);
  const listFacts = await readListFacts(before, rowsOf(before), { today, codes });
  const found: string[] = [];
  const known = { today, codes, listFacts, ...context };
  for await (const event of evaluateRows(sheets, rowsOf(sheets), known)) {
    if (!('findings' in event)) continue;
    for (const { code, field } of event.findings) found.push(`${event.row} ${code} ${field}`);
  }
  return found;
}

const pin = '014085000001';
const stored: Stored = {
  identity: [
    { pin, full_name: 'Lê Văn Sơn', birth_date: '1985-03-02', sex: '1', ethnic_group: '01' },
  ],
  employment: [{ object_class: '2', employing_unit: 'H52', managing_unit: 'H52', status: '1' }],
  salary_history: [{ from_date: '2022', rank_code: '01.003', step: '4', coefficient: '3.33' }],
};
const storedPeople: StoredPeople = async (pins, asked) => {
  const sections = Object.entries(stored).filter(([name]) => asked.has(name));
  return new Map(
    pins.includes(pin)
      ? [[pin, { sections: Object.fromEntries(sections), pinIsShared: false }]]
      : [],
  );
};

const raise = {
  'Nâng lương': [
    ['TT', 'Họ và tên', 'Số CCCD', 'Mã ngạch', 'Bậc', 'Hệ số', 'Ngày hưởng'],
    ['1', 'Lê Văn Sơn', pin, '01.003', '5', '3.66', '1/11/2026'],
  ],
};

test('a sheet with a part of the record needs no column for what the node has', async () => {
  expect(await findingsOf(raise)).toContain('2 required birth_date');
  expect(await findingsOf(raise, { storedPeople })).toEqual(['2 salary_not_in_history step']);
});

test('the stored list says nothing where the same file brings a new one', async () => {
  const both = {
    ...raise,
    'Quá trình lương': [
      ['Số CCCD', 'Từ ngày', 'Đến ngày', 'Mã ngạch', 'Bậc', 'Hệ số'],
      [pin, '01/2022', '10/2026', '01.003', '4', '3.33'],
      [pin, '11/2026', '', '01.003', '5', '3.66'],
    ],
  };
  expect(await findingsOf(both, { storedPeople })).toEqual([]);
});

const spanning = async (sheets: Sheets, context?: Partial<IntakeContext>) =>
  (await findingsOf(sheets, context)).filter((one) =>
    / (?:salary_not|highest_|list_exp)/u.test(one),
  );

const other = '014190000002';
const withLists: Sheets = {
  'Danh sách': [
    ['TT', 'Họ và tên', 'Số CCCD', 'Loại hồ sơ', 'Mã ngạch', 'Bậc', 'Trình độ chuyên môn'],
    ['1', 'Lê Văn Sơn', pin, 'Công chức', '01.003', '4', 'Thạc sĩ'],
    ['2', 'Trần Thị Lan', other, 'Công chức', '01.003', '5', 'Đại học'],
    ['3', 'Lò Thị Mai', '', 'Công chức', '01.003', '5', 'Đại học'],
  ],
  // as an office keeps it that sorts by date and not by person
  'Quá trình lương': [
    ['Số CCCD', 'Từ ngày', 'Đến ngày', 'Mã ngạch', 'Bậc'],
    [pin, '01/2019', '12/2021', '01.003', '3'],
    [other, '01/2020', '12/2022', '01.003', '3'],
    [pin, '01/2022', '', '01.003', '4'],
    [other, '01/2023', '', '01.003', '4'],
    [pin, '01/2027', '', '01.003', '5'],
  ],
  'Đào tạo': [
    ['Số CCCD', 'Từ', 'Đến', 'Tên trường', 'Chuyên ngành', 'Trình độ đào tạo'],
    [other, '2006', '2010', 'Trường Một', 'Luật', 'Đại học'],
    [pin, '2008', '2010', 'Trường Một', 'Luật', 'Cao đẳng'],
    [pin, '2004', '2008', 'Trường Một', 'Luật', 'Đại học'],
  ],
};

test('a person is judged by the lists of the file that come after the people, in whatever order', async () => {
  expect(await spanning(withLists)).toEqual([
    '2 highest_level_not_in_training highest_level',
    '3 salary_not_in_history step',
  ]);
});

test('of whom a list of the file has no row, the stored rows count', async () => {
  const people: Sheets = {
    'Danh sách': [
      ['TT', 'Họ và tên', 'Số CCCD', 'Loại hồ sơ', 'Mã ngạch', 'Bậc'],
      ['1', 'Lê Văn Sơn', pin, 'Công chức', '01.003', '5'],
    ],
  };
  const history = (number: string): Sheets => ({
    'Quá trình lương': [
      ['Số CCCD', 'Từ ngày', 'Đến ngày', 'Mã ngạch', 'Bậc'],
      [number, '01/2023', '', '01.003', '5'],
    ],
  });
  const told = ['2 salary_not_in_history step'];
  expect(await spanning({ ...people, ...history(pin) }, { storedPeople })).toEqual([]);
  expect(await spanning({ ...people, ...history(other) }, { storedPeople })).toEqual(told);
  // a list may come in parts: that somebody has no row in it says nothing
  expect(await spanning({ ...people, ...history(other) })).toEqual([]);
});

test('every rule that faults a person by a list looks at lists that are read beforehand', () => {
  const context = { today, codes, agency: null, units: undefined };
  const rules: string[] = [];
  for (const [code, rule] of Object.entries(recordRules)) {
    if (rule.kind !== 'person') continue;
    const faulted = checkRecord({ kind: 'person', sections: rule.refused.sections }, context);
    if (!faulted.some((one) => one.code === code && one.ordinal === undefined)) continue;
    const shown = [rule.accepted, rule.refused].flatMap(({ sections }) => Object.keys(sections));
    const lists = shown.filter((name) => sectionNamed(name).many);
    if (code === 'list_expected' || lists.length === 0) continue;
    expect(keptLists, code).toEqual(expect.arrayContaining(lists));
    rules.push(code);
  }
  expect(rules).toEqual(['salary_not_in_history', 'highest_level_not_in_training']);
});

test('rows of a list are judged by what the node has of people whom the file does not tell of', async () => {
  const family: Sheets = {
    'Quan hệ gia đình': [
      ['Số CCCD', 'Mối quan hệ', 'Họ và tên', 'Năm sinh'],
      [pin, 'Bố đẻ', 'Lê Văn Ba', '1990'],
      [other, 'Mẹ đẻ', 'Trần Thị Tư', '1995'],
    ],
  };
  expect(await findingsOf(family, { storedPeople })).toEqual([
    '2 family_birth_year family_own.birth_year',
    '3 person_unknown family_own.pin',
  ]);
  // the file has the person, without a date of birth
  expect(await findingsOf({ ...raise, ...family }, { storedPeople })).toContain(
    '2 family_birth_year family_own.birth_year',
  );
});

test('more list rows than one chunk keep their order and their runs', async () => {
  const asked: number[] = [];
  const rows = Array.from({ length: 1203 }, (_, i) => [
    pin,
    String(1990 + (i % 30)),
    String(1990 + (i % 30)),
  ]);
  const worked: Sheets = {
    'Quá trình công tác': [
      ['Số CCCD', 'Từ tháng/năm', 'Đến tháng/năm', 'Cơ quan, đơn vị', 'Chức danh'],
      ...rows.map((row) => [...row, 'Sở Một', 'Chuyên viên']),
      [pin, '1980', '1980', 'Sở Một', 'Chuyên viên'],
    ],
  };
  const counting: StoredPeople = async (pins, sections) => {
    asked.push(pins.length);
    return await storedPeople(pins, sections);
  };
  expect(await findingsOf(worked, { storedPeople: counting })).toEqual([
    '1205 before_birth work_history.from_date',
  ]);
  expect(asked).toEqual([1, 1, 1]);
});

const list = (...rows: readonly (readonly string[])[]): Sheets => ({
  'Danh sách': [
    ['TT', 'Họ và tên', 'Số CCCD', 'Ngày sinh', 'Mã ngạch'],
    ['1', 'Lê Văn Sơn', pin, '1985', '01.003'],
    ['2', 'Trần Thị Lan', '014190000002', '1990', '01.003'],
  ],
  'Quá trình công tác': [
    ['Số CCCD', 'Từ tháng/năm', 'Đến tháng/năm', 'Cơ quan, đơn vị', 'Chức danh'],
    ...rows.map((row) => [...row, 'Sở Một', 'Chuyên viên']),
  ],
});

const ofLists = async (sheets: Sheets): Promise<readonly string[]> =>
  (await findingsOf(sheets)).filter((one) => one.includes('work_history.'));

test('rows of a list are judged with those before them, and with their person', async () => {
  const rows = list(
    [pin, '01/2010', '06/2014'],
    [pin, '06/2014', ''],
    ['014190000002', '01/2012', ''],
    ['014190000002', '02/2011', '12/2013'],
    ['014190000002', '1989', '1989'],
  );
  expect(await ofLists(rows)).toEqual([
    '5 period_overlap work_history.from_date',
    '6 before_birth work_history.from_date',
  ]);
});

test('a list that is scattered is judged in its pieces, never by the rows of another person', async () => {
  const rows = list(
    [pin, '01/2010', ''],
    ['014190000002', '01/2012', '01/2013'],
    [pin, '01/2012', ''],
  );
  expect(await ofLists(rows)).toEqual([]);
});

test('a refused unit refuses those below it, as deep as it goes, unless the node has it', async () => {
  const tree: Sheets = {
    'Cơ cấu tổ chức': [
      ['Mã đơn vị', 'Tên đơn vị', 'Mã đơn vị cấp trên', 'Ngày thành lập'],
      ['H52', 'UBND tỉnh', '', ''],
      ['H52.01.01.01', 'Tổ Một', 'H52.01.01', ''],
      ['H52.01.01', 'Phòng Một', 'H52.01', ''],
      ['H52.01', 'Sở Một', 'H52', '31/02/2010'],
      ['H52.02', 'Sở Hai', 'H52', ''],
    ],
  };
  expect(await findingsOf(tree)).toEqual([
    '3 parent_unknown parent_code',
    '4 parent_unknown parent_code',
    '5 date_format established_on',
  ]);
  expect(await findingsOf(tree, { knownUnits: ['H52', 'H52.01'] })).toEqual([
    '5 date_format established_on',
  ]);
});

test('an active person in a unit that was closed is told of it; one who left may stay there', async () => {
  const people = (status: string): Sheets => ({
    'Danh sách': [
      ['TT', 'Họ và tên', 'Số CCCD', 'Mã đơn vị sử dụng', 'Mã đơn vị quản lý', 'Tình trạng hồ sơ'],
      ['1', 'Lê Văn Sơn', pin, 'H52.09', 'H52', status],
    ],
  });
  const context = {
    agency: 'H52',
    knownUnits: ['H52'],
    closedUnits: new Map([['H52.09', '2025-06-30']]),
  };
  const ofUnits = async (status: string): Promise<readonly string[]> =>
    (await findingsOf(people(status), context)).filter((one) => one.endsWith('_unit'));
  expect(await ofUnits('Đang công tác')).toEqual(['2 unit_closed employing_unit']);
  expect(await ofUnits('Nghỉ hưu')).toEqual([]);
});
