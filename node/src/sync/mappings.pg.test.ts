import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Database, openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import ExcelJS from 'exceljs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openTestDatabase, templateDatabase } from '../../../test/support/database.ts';
import { migrateNode } from '../node.ts';
import { type FixtureValue, writeXlsx } from '../workbook/workbook-fixture.ts';
import { dryRunAtNode, importFile, type ImportOptions } from './import-file.ts';
import { exportMappings, importMappings } from './mapping-table.ts';
import {
  keepFileSource,
  removeMapping,
  showMappings,
  teachMappings,
  waitingValues,
} from './mappings.ts';

const applicationName = 'mappings-test';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mappings-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A node with the unit H52. */
async function openNode(): Promise<Database> {
  const template = await templateDatabase('node_mappings', async (url) => {
    await using prepared = openDatabase(url, { max: 1, applicationName });
    await migrateNode(prepared);
    await sql`
      with made as (
        insert into profile.record (record_id, kind) values (catalogue.new_record_id(), 1)
        returning record_id
      )
      insert into profile.org_unit (record_id, code, name)
      select record_id, 'H52', 'UBND tỉnh' from made`.execute(prepared.db);
  });
  const made = await openTestDatabase({ template });
  const database = openDatabase(made.url, { max: 4, applicationName });
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}

const heading = [
  'STT',
  'Họ và tên',
  'Số CCCD',
  'Ngày sinh',
  'Giới tính',
  'Dân tộc',
  'Loại hồ sơ',
  'Đơn vị sử dụng',
  'Đơn vị quản lý',
  'Trình độ CM',
];

const person = (n: number, ethnic: string, level: string | null): readonly FixtureValue[] => [
  n,
  `Lê Văn ${['Một', 'Hai', 'Ba', 'Bốn', 'Năm'][n]}`,
  `01408500000${n}`,
  '1985',
  'Nam',
  ethnic,
  'Công chức',
  'H52',
  'H52',
  level,
];

async function workbook(name: string, rows: readonly (readonly FixtureValue[])[]): Promise<string> {
  const path = join(folder, `${name}.xlsx`);
  await writeXlsx(path, [{ name: 'Danh sách', rows: [heading, ...rows] }]);
  return path;
}

const options = (path: string, more: Partial<ImportOptions> = {}): ImportOptions => ({
  path,
  today: '2026-11-21',
  agency: 'H52',
  publish: true,
  ...more,
});

type Said = Readonly<Record<string, unknown>>;

async function rowsOf({ db }: Database, query: string): Promise<readonly Said[]> {
  const { rows } = await sql<Said>`${sql.raw(query)}`.execute(db);
  return rows;
}

test('values of a source that nobody knows are listed with the rows that they hold back, and go through once mapped', async () => {
  await using database = await openNode();
  await keepFileSource(database, { name: 'qlcb', trusted: true });
  const path = await workbook('values', [
    person(0, 'DT-K', 'ĐH'),
    person(1, ' dt-k', 'ĐH'),
    person(2, '=Tày', 'ĐH'),
    person(3, 'Kinh', 'ĐH'),
  ]);
  const first = await importFile(database, options(path, { source: 'qlcb', publish: false }));
  expect(first).toMatchObject({ published: 1, refused: 3, waiting: 0 });
  expect(first.unrecognised).toEqual([{ sheet: 'Danh sách', headings: ['Trình độ CM'] }]);
  const decided = `select decided_by from intake.row where state = 'published'`;
  expect(await rowsOf(database, decided)).toEqual([{ decidedBy: 'source:qlcb' }]);
  const waiting = await waitingValues(database, 'qlcb');
  expect(waiting.map(({ list, value, rows, mapped }) => [list, value, rows, mapped])).toEqual([
    ['DAN_TOC', '=Tày', 1, null],
    ['DAN_TOC', 'DT-K', 1, null],
    ['DAN_TOC', 'dt-k', 1, null],
  ]);
  expect(waiting[0]?.fields).toEqual([expect.stringContaining('ethnic_group')]);
  expect(await waitingValues(database, undefined)).toEqual(waiting);

  await teachMappings(database, 'qlcb', {
    codes: [{ list: 'DAN_TOC', value: 'DT-K ', code: '01' }],
    headings: [{ heading: 'TRÌNH ĐỘ CM (*)', section: 'education', field: 'highest_level' }],
  });
  // letter case and spacing apart, as headings and labels are
  const since = await waitingValues(database, 'qlcb');
  expect(since.map(({ value, mapped }) => [value, mapped])).toEqual([
    ['=Tày', null],
    ['DT-K', '01'],
    ['dt-k', '01'],
  ]);
  const dry = await dryRunAtNode(database, options(path, { source: 'qlcb' }));
  // the column is read now, and nobody has said yet what its values mean
  expect(dry).toMatchObject({ totals: { error: 4 }, unrecognised: [] });
  await teachMappings(database, 'qlcb', {
    codes: [
      { list: 'DAN_TOC', value: '=Tày', code: '02' },
      { list: 'TRINH_DO_DAO_TAO', value: 'ĐH', code: '4' },
    ],
    headings: [],
  });
  const second = await importFile(database, options(path, { source: 'qlcb', publish: false }));
  expect(second).toMatchObject({ published: 4, refused: 0 });
  expect(await rowsOf(database, 'select ethnic_group from profile.identity order by pin')).toEqual(
    ['01', '01', '02', '01'].map((code) => ({ ethnicGroup: code })),
  );
  const levels = 'select count(highest_level)::integer as levels from profile.education';
  expect(await rowsOf(database, levels)).toEqual([{ levels: 4 }]);
  await removeMapping(database, 'qlcb', { heading: 'trình độ cm' });
  expect(await showMappings(database, 'qlcb')).toMatchObject([{ headings: [] }]);
  // another source has not learned it
  const other = await importFile(
    database,
    options(await workbook('other', [person(4, 'DT-K', null)])),
  );
  expect(other).toMatchObject({ published: 0, refused: 1 });
  const third = await importFile(database, options(path, { source: 'qlcb' }));
  expect(third).toMatchObject({ published: 0, unchanged: 4 });
});

test('a value of files in another letter case is the same value: the newer code counts, and it can be removed', async () => {
  await using database = await openNode();
  const teach = async (value: string, code: string) =>
    await teachMappings(database, 'workbook', {
      codes: [{ list: 'DAN_TOC', value, code }],
      headings: [],
    });
  await teach('dt-k', '02');
  await teach('DT-K', '01');
  expect(await showMappings(database, 'workbook')).toMatchObject([
    { codes: [{ list: 'DAN_TOC', value: 'DT-K', code: '01' }] },
  ]);
  await removeMapping(database, 'workbook', { list: 'DAN_TOC', value: 'Dt-k' });
  expect(await showMappings(database, 'workbook')).toMatchObject([{ codes: [] }]);
});

test('mappings that do not fit are refused together, with every fault, and sources keep their names', async () => {
  await using database = await openNode();
  const good = { list: 'DAN_TOC', value: 'K', code: '01' };
  const codes = [good, { list: 'DAN_TOC', value: 'x', code: '999' }, { ...good, list: 'KHONG_CO' }];
  const headings = [
    { heading: 'A', section: 'identity', field: 'nothing' },
    { heading: 'B', section: 'nowhere', field: 'pin' },
  ];
  const refused = teachMappings(database, 'workbook', { codes, headings });
  await expect(refused).rejects.toMatchObject({ code: 'NODE_MAPPING_INVALID' });
  await expect(refused).rejects.toThrow(/DAN_TOC has no code 999; .*KHONG_CO.*nothing.*nowhere/su);
  const [shown] = await showMappings(database, 'workbook');
  expect(shown).toMatchObject({ codes: [], headings: [] });
  await expect(removeMapping(database, 'workbook', good)).rejects.toMatchObject({
    code: 'NODE_MAPPING_NONE',
  });
  const nobody = { code: 'NODE_SOURCE_UNKNOWN' };
  await expect(teachMappings(database, 'x', { codes, headings })).rejects.toMatchObject(nobody);
  const path = await workbook('nobody', [person(0, 'Kinh', null)]);
  await expect(importFile(database, options(path, { source: 'x' }))).rejects.toMatchObject(nobody);
  await sql`insert into intake.source (name, kind, trusted) values ('hr', 'packet', true)`.execute(
    database.db,
  );
  for (const name of ['hr', 'Có dấu', '']) {
    await expect(keepFileSource(database, { name, trusted: true })).rejects.toMatchObject({
      code: 'NODE_SOURCE_NAME',
    });
  }
});

test('many values are filled in in a spreadsheet: what is exported comes back as it was, with the codes', async () => {
  await using database = await openNode();
  await keepFileSource(database, { name: 'qlcb', trusted: false });
  const odd = ['=1+1', "'=x", '-Kinh', 'a;"b", c', '@sum'];
  const path = await workbook(
    'odd',
    odd.map((value, n) => person(n, value, null)),
  );
  await importFile(database, options(path, { source: 'qlcb' }));
  const table = join(folder, 'table.csv');
  await teachMappings(database, 'qlcb', {
    codes: [],
    headings: [{ heading: 'Trình độ CM', section: 'education', field: 'degree' }],
  });
  expect(await exportMappings(database, 'qlcb', table)).toBe(6);
  const text = await readFile(table, 'utf8');
  // no value that a spreadsheet would evaluate
  expect(text.split(/[\r\n,]+/u).filter((cell) => /^"?[=+\-@]/u.test(cell))).toEqual([]);
  await expect(exportMappings(database, 'qlcb', table)).rejects.toMatchObject({
    code: 'NODE_FILE_UNWRITTEN',
  });
  const filled = text.replaceAll(/^(DAN_TOC,.*),,1,/gmu, '$1,02,1,');
  await writeFile(join(folder, 'filled.csv'), filled);
  expect(await importMappings(database, 'qlcb', join(folder, 'filled.csv'))).toBe(6);
  const [shown] = await showMappings(database, 'qlcb');
  expect(shown?.codes.map((one) => one.value).toSorted()).toEqual(odd.toSorted());
  const wrong = filled.replaceAll(',02,', ',77,');
  await writeFile(join(folder, 'wrong.csv'), wrong);
  await expect(importMappings(database, 'qlcb', join(folder, 'wrong.csv'))).rejects.toThrow(
    /DAN_TOC has no code 77/u,
  );
  await writeFile(join(folder, 'none.csv'), 'a,b,c\n');
  await expect(importMappings(database, 'qlcb', join(folder, 'none.csv'))).rejects.toMatchObject({
    code: 'NODE_MAPPING_INVALID',
  });
});

test('a spreadsheet that takes the zeros off codes and values does no harm where they are known', async () => {
  await using database = await openNode();
  await keepFileSource(database, { name: 'qlcb', trusted: false });
  const values = ['0071', '082', '0082'];
  const path = await workbook(
    'zeros',
    values.map((value, n) => person(n, value, null)),
  );
  await importFile(database, options(path, { source: 'qlcb' }));
  const table = join(folder, 'zeros.csv');
  await exportMappings(database, 'qlcb', table);
  const filled = (await readFile(table, 'utf8'))
    .replaceAll(/^(DAN_TOC,.*),,1,/gmu, '$1,02,1,')
    .replaceAll(/(?<=,)0+(?=\d)/gu, '');
  await writeFile(join(folder, 'saved.csv'), filled);
  expect(await importMappings(database, 'qlcb', join(folder, 'saved.csv'))).toBe(3);
  const [shown] = await showMappings(database, 'qlcb');
  // of 82 nobody can tell which of two was meant
  expect(shown?.codes.map((one) => [one.value, one.code])).toEqual([
    ['0071', '02'],
    ['82', '02'],
  ]);
});

test('a mended findings workbook publishes the mended rows and touches no other', async () => {
  await using database = await openNode();
  const path = await workbook('faulty', [
    person(0, 'Kinh', null),
    person(1, 'Kihn', null),
    person(2, 'Tày', null),
  ]);
  const findings = join(folder, 'findings.xlsx');
  const first = await importFile(database, options(path, { findings }));
  expect(first).toMatchObject({ published: 2, refused: 1 });
  await sql`delete from sync.change_log`.execute(database.db);
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(findings);
  const cell = book.getWorksheet('Danh sách')?.getCell('F3');
  expect(cell?.value).toBe('Kihn');
  if (cell !== undefined) cell.value = 'Kinh';
  await book.xlsx.writeFile(findings);
  const second = await importFile(database, options(findings));
  expect(second).toMatchObject({ published: 1, unchanged: 2, refused: 0 });
  const changed =
    'select distinct i.pin from sync.change_log join profile.identity i using (record_id)';
  expect(await rowsOf(database, changed)).toEqual([{ pin: '014085000001' }]);
});
