import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Database, openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openTestDatabase, templateDatabase } from '../../../test/support/database.ts';
import { migrateNode } from '../node.ts';
import { importFile, type ImportOptions } from '../sync/import-file.ts';
import type { FileProgress } from '../sync/judge-workbook.ts';
import { type FixtureValue, writeXlsx } from '../workbook/workbook-fixture.ts';

const sonLa = fileURLToPath(new URL('../../../test/fixtures/son-la.xlsx', import.meta.url));
const applicationName = 'intake-test';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'intake-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function openNode(): Promise<Database> {
  const template = await templateDatabase('node_intake', async (url) => {
    await using prepared = openDatabase(url, { max: 1, applicationName });
    await migrateNode(prepared);
  });
  const made = await openTestDatabase({ template });
  const database = openDatabase(made.url, { max: 2, applicationName });
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}

const options = (path: string, more: Partial<ImportOptions> = {}): ImportOptions => ({
  path,
  today: '2026-11-21',
  agency: 'H52',
  publish: true,
  ...more,
});

type Count = { readonly count: number };

async function countOf({ db }: Database, from: string): Promise<number> {
  const { rows } =
    await sql<Count>`select count(*)::integer as count from ${sql.raw(from)}`.execute(db);
  return rows[0]?.count ?? -1;
}

/** Everything in the profile tables, and every key that the triggers logged. */
async function profileState({ db }: Database): Promise<unknown> {
  const { rows } = await sql`
    select (select jsonb_agg(to_jsonb(t) order by record_id) from profile.record t) as record,
           (select jsonb_agg(to_jsonb(t) order by record_id) from profile.identity t) as identity,
           (select jsonb_agg(to_jsonb(t) order by record_id) from profile.employment t) as employment,
           (select jsonb_agg(to_jsonb(t) order by record_id) from profile.salary t) as salary,
           (select jsonb_agg(to_jsonb(t) order by record_id, ordinal) from profile.work_history t) as work,
           (select jsonb_agg(to_jsonb(t) order by record_id, ordinal) from profile.org_post t) as posts,
           (select count(*) from sync.change_log) as logged`.execute(db);
  return rows[0];
}

test('the sample workbook is published but for its refused rows, which stay with their reasons', async () => {
  await using database = await openNode();
  const progress: FileProgress[] = [];
  const result = await importFile(
    database,
    options(sonLa, { onProgress: (one) => progress.push(one) }),
  );
  expect(result).toMatchObject({ published: 204, unchanged: 0, waiting: 0, refused: 96 });
  expect(result.states.unit).toMatchObject({ published: 19, refused: 0 });
  expect(progress.at(-2)).toEqual({ phase: 'publish', done: 0, total: 1 });
  expect(await countOf(database, 'profile.identity')).toBe(204);
  expect(await countOf(database, 'profile.org_unit')).toBe(19);
  expect(await countOf(database, 'profile.record')).toBe(204 + 19);
  expect(await countOf(database, `intake.row where state = 'refused' and findings <> '[]'`)).toBe(
    96,
  );
  const { rows } = await sql<{ source: Readonly<Record<string, string>> }>`
    select source from intake.row where kind = 'person' and stt = 8`.execute(database.db);
  expect(rows[0]?.source['dân tộc']).toBe('Kihn');
});

test('what is published is the canonical form of what was written', async () => {
  await using database = await openNode();
  await importFile(database, options(sonLa));
  const { rows } = await sql`
    select i.full_name, i.birth_date, i.sex, i.home_town_code, e.status, e.object_class, s.rank_code,
           s.step, s.coefficient, p.title_code, c.phone
    from profile.identity i
    join profile.employment e using (record_id)
    join profile.salary s using (record_id)
    join profile.position p using (record_id)
    join profile.contact c using (record_id)
    where i.pin = '035094812781'`.execute(database.db);
  expect(rows).toEqual([
    {
      fullName: 'Dương Hữu Sơn',
      birthDate: '1994-09-03',
      sex: '1',
      homeTownCode: '14',
      status: '1',
      objectClass: '2',
      rankCode: '01.003',
      step: 4,
      coefficient: '3.33',
      titleCode: '14',
      phone: '0924360372',
    },
  ]);
  expect(await countOf(database, 'profile.identity where full_name is not nfc normalized')).toBe(0);
  const posts = await sql`
    select p.year, p.post_kind, p.assigned from profile.org_post p
    join profile.org_unit u using (record_id) where u.code = 'H52.01' order by ordinal`.execute(
    database.db,
  );
  expect(posts.rows).toEqual([
    { year: 2026, postKind: '1', assigned: 96 },
    { year: 2026, postKind: '2', assigned: 10 },
  ]);
});

test('the same file again writes nothing to the profile tables, and no trigger has anything to log', async () => {
  await using database = await openNode();
  await importFile(database, options(sonLa));
  const before = await profileState(database);
  const again = await importFile(database, options(sonLa));
  expect(await profileState(database)).toEqual(before);
  expect(again).toMatchObject({ published: 0, unchanged: 204, waiting: 0, refused: 96 });
  expect(again.states.unit).toMatchObject({ published: 0, unchanged: 19 });
  // The refused rows of the first time are not open twice.
  expect(await countOf(database, `intake.row where state = 'refused'`)).toBe(96);
});

test('without publication every good row waits, and the profile tables are empty', async () => {
  await using database = await openNode();
  const result = await importFile(database, options(sonLa, { publish: false }));
  expect(result).toMatchObject({ published: 0, unchanged: 0, waiting: 204, refused: 96 });
  expect(await countOf(database, 'profile.record')).toBe(0);
  const published = await importFile(database, options(sonLa));
  expect(published.published).toBe(204);
  expect(await countOf(database, `intake.row where state = 'withdrawn'`)).toBe(19 + 300 + 708);
});

const header = [
  'STT',
  'Họ và tên',
  'Số định danh cá nhân',
  'Ngày sinh',
  'Giới tính',
  'Dân tộc',
  'Loại hồ sơ',
  'Mã đơn vị sử dụng',
  'Mã đơn vị quản lý',
] as const;
const son = [
  1,
  'Lê Văn Sơn',
  '014085000001',
  '1985',
  'Nam',
  'Kinh',
  'Công chức',
  'H52',
  'H52',
] as const;
const lan = [
  2,
  'Trần Thị Lan',
  '014190000002',
  '1990',
  'Nữ',
  'Thái',
  'Viên chức',
  'H52',
  'H52',
] as const;
const tree = {
  name: 'Cơ cấu',
  rows: [
    ['BIÊN CHẾ NĂM 2026'],
    ['Mã đơn vị', 'Tên đơn vị', 'Biên chế công chức'],
    ['H52', 'UBND tỉnh', 5],
  ],
};

type Table = readonly (readonly FixtureValue[])[];

async function workbook(name: string, people: Table, lists: Readonly<Record<string, Table>> = {}) {
  const path = join(folder, `${name}.xlsx`);
  const sheets = Object.entries(lists).map(([sheet, rows]) => ({ name: sheet, rows }));
  await writeXlsx(path, [tree, { name: 'Người', rows: people }, ...sheets]);
  return path;
}

async function loggedSections({ db }: Database): Promise<readonly number[]> {
  const { rows } = await sql<{ section: number }>`
    delete from sync.change_log returning section`.execute(db);
  return Array.from(new Set(rows.map((row) => row.section))).toSorted((a, b) => a - b);
}

test('one changed cell changes one section of one record, under the record that was there', async () => {
  await using database = await openNode();
  await importFile(database, options(await workbook('one', [header, son, lan])));
  const before = await sql`select record_id, pin from profile.identity order by pin`.execute(
    database.db,
  );
  await loggedSections(database);
  const renamed = son.map((value, i) => (i === 1 ? 'Lê Văn Sơn Hà' : value));
  const result = await importFile(database, options(await workbook('two', [header, renamed, lan])));
  expect(result).toMatchObject({ published: 1, unchanged: 1 });
  expect(await loggedSections(database)).toEqual([10]);
  const after = await sql`select record_id, pin from profile.identity order by pin`.execute(
    database.db,
  );
  expect(after.rows).toEqual(before.rows);
});

test('columns that a file does not have stay as they are, and a cell that it has empty is emptied', async () => {
  await using database = await openNode();
  const wide = [...header, 'Số điện thoại', 'Tôn giáo', 'Chức vụ'];
  const first = [wide, [...son, '0901', 'Không', 'Trưởng phòng']];
  await importFile(database, options(await workbook('wide', first)));
  const renamed = son.map((value, i) => (i === 1 ? 'Lê Văn Sơn Hà' : value));
  const second = [
    [...header, 'Chức vụ'],
    [...renamed, null],
  ];
  await importFile(database, options(await workbook('narrow', second)));
  const { rows } = await sql`
    select i.full_name, i.religion, c.phone, p.title from profile.identity i
    left join profile.contact c using (record_id)
    left join profile.position p using (record_id)`.execute(database.db);
  expect(rows).toEqual([{ fullName: 'Lê Văn Sơn Hà', religion: '00', phone: '0901', title: null }]);
  // A section without any value has no row.
  expect(await countOf(database, 'profile.position')).toBe(0);
});

const jobs = ['Số CCCD', 'Từ', 'Đến', 'Cơ quan, đơn vị'] as const;

test('what waits for the same person is withdrawn by a newer file, so that nothing older is published over it', async () => {
  await using database = await openNode();
  const waiting = { publish: false };
  const older = await importFile(
    database,
    options(await workbook('w1', [header, son, lan]), waiting),
  );
  await importFile(database, options(await workbook('w2', [header, son]), waiting));
  const { rows } = await sql`
    select pin, state from intake.row
    where import_id = ${older.importId} and kind = 'person' order by pin`.execute(database.db);
  expect(rows).toEqual([
    { pin: son[2], state: 'withdrawn' },
    { pin: lan[2], state: 'waiting' },
  ]);
});

test('a list is replaced whole where it differs, and is left alone where it does not', async () => {
  await using database = await openNode();
  const pins = [son[2], lan[2]] as const;
  const first = [
    jobs,
    [pins[0], '2010', '2015', 'A'],
    [pins[0], '2015', null, 'B'],
    [pins[1], '2012', null, 'C'],
  ];
  await importFile(
    database,
    options(await workbook('jobs1', [header, son, lan], { 'Quá trình công tác': first })),
  );
  await loggedSections(database);
  const second = [jobs, [pins[0], '2015', null, 'B'], [pins[1], '2012', null, 'C']];
  const result = await importFile(
    database,
    options(await workbook('jobs2', [header, son, lan], { 'Quá trình công tác': second })),
  );
  expect(result.states['list-row']).toMatchObject({ published: 1, unchanged: 1 });
  expect(await loggedSections(database)).toEqual([40]);
  const { rows } = await sql`
    select i.pin, w.ordinal, w.unit_name from profile.work_history w
    join profile.identity i using (record_id) order by 1, 2`.execute(database.db);
  expect(rows).toEqual([
    { pin: pins[0], ordinal: 1, unitName: 'B' },
    { pin: pins[1], ordinal: 1, unitName: 'C' },
  ]);
});

test('a list with a refused row, or of a refused person, waits and deletes nothing', async () => {
  await using database = await openNode();
  const good = [jobs, [son[2], '2010', '2015', 'A'], [lan[2], '2012', null, 'C']];
  await importFile(
    database,
    options(await workbook('held1', [header, son, lan], { 'Quá trình công tác': good })),
  );
  const foreign = lan.map((value, i) => (i === 7 ? 'H52.77' : value));
  const faulty = [
    jobs,
    [son[2], '2010', '2015', 'mới'],
    [son[2], '32/13/2016', null, 'B'],
    [lan[2], '2019', null, 'D'],
  ];
  const result = await importFile(
    database,
    options(await workbook('held2', [header, son, foreign], { 'Quá trình công tác': faulty })),
  );
  expect(result).toMatchObject({ unchanged: 1, refused: 1 });
  expect(result.states['list-row']).toMatchObject({ waiting: 2, refused: 1, published: 0 });
  const { rows } = await sql`select unit_name from profile.work_history order by 1`.execute(
    database.db,
  );
  expect(rows).toEqual([{ unitName: 'A' }, { unitName: 'C' }]);
});

test('people may be imported after their units, and lists after their people', async () => {
  await using database = await openNode();
  await importFile(database, options(await workbook('base', [header, son])));
  const path = join(folder, 'later.xlsx');
  await writeXlsx(path, [
    { name: 'Người', rows: [header, lan] },
    { name: 'Quá trình công tác', rows: [jobs, [son[2], '2010', null, 'A']] },
  ]);
  const result = await importFile(database, options(path));
  expect(result).toMatchObject({ published: 1, refused: 0 });
  expect(result.states['list-row']).toMatchObject({ published: 1, refused: 0 });
});

test('posts of another year stay when those of this year are imported', async () => {
  await using database = await openNode();
  await importFile(database, options(await workbook('posts', [header, son])));
  await sql`
    insert into profile.org_post (record_id, ordinal, year, post_kind, assigned)
    select record_id, 2, 2025, '1', 4 from profile.org_unit`.execute(database.db);
  await importFile(database, options(await workbook('posts', [header, son])));
  const { rows } = await sql`select year, assigned from profile.org_post order by ordinal`.execute(
    database.db,
  );
  expect(rows).toEqual([
    { year: 2025, assigned: 4 },
    { year: 2026, assigned: 5 },
  ]);
});

test('a file of another agency is refused row by row, and nothing of it is published', async () => {
  await using database = await openNode();
  const result = await importFile(database, options(sonLa, { agency: 'H20' }));
  expect(result).toMatchObject({ published: 0, refused: 300 });
  expect(await countOf(database, 'profile.record')).toBe(0);
});

test('a publication that fails leaves the profile tables and the rows as they were', async () => {
  await using database = await openNode();
  await sql`alter table profile.salary add constraint no_step_12 check (step < 2)`.execute(
    database.db,
  );
  await expect(importFile(database, options(sonLa))).rejects.toThrow(/no_step_12/u);
  expect(await countOf(database, 'profile.record')).toBe(0);
  expect(await countOf(database, `intake.row where state = 'waiting' and kind = 'person'`)).toBe(
    204,
  );
});
