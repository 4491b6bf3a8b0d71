/** The review from the file to the decision, on one database: who decided what, and that nothing is lost. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { openDatabase, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openScratch } from '../../../test/services/scratch.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { type NodePlace, openNodePlace } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { storeMappedCodes } from '../db/sources.ts';
import { countTasks, listTasks, type Task, type TaskPage } from '../db/tasks.ts';
import { writeXlsx } from '../workbook/workbook-fixture.ts';
import { ageOut } from './age-out.ts';
import { dryRunAtNode, importFile, type ImportResult } from './import-file.ts';
import { recheckImport } from './recheck-import.ts';
import { closePerson, reopenPerson } from './record-life.ts';
import { publishReviewed, rejectReviewed, showRow, takeUpReviewed } from './review.ts';

let place: NodePlace;
let database: ReturnType<typeof openDatabase>;
let folder: Awaited<ReturnType<typeof openScratch>>;
beforeAll(async () => {
  place = await openNodePlace('H52');
  database = openDatabase(place.url, { max: 4, applicationName: 'review-test' });
  folder = await openScratch();
  await putRecords(database, tree);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const today = '2026-11-22';
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
const son = [1, 'Lê Thử Sơn', '014085000001', '1985', 'Nam', 'Kinh', 'Công chức', 'H52.01', 'H52'];
const lan = [2, 'Trần Thử Lan', '014190000002', '1990', 'Nữ', 'Kihn', 'Viên chức', 'H52', 'H52'];
const mai = [3, 'Vũ Thử Mai', '014191000003', '1991', 'Nữ', 'Thái', 'Viên chức', 'H52', 'H52'];
const jobs = ['Số CCCD', 'Từ', 'Đến', 'Cơ quan, đơn vị'] as const;

let files = 0;
async function imported(
  people: readonly (readonly (string | number)[])[],
  lists: readonly (readonly (string | null)[])[] = [],
): Promise<ImportResult> {
  files += 1;
  const path = join(folder.path, `${files}.xlsx`);
  await writeXlsx(path, [
    { name: 'Người', rows: [header, ...people] },
    ...(lists.length === 0 ? [] : [{ name: 'Quá trình công tác', rows: [jobs, ...lists] }]),
  ]);
  return await importFile(database, { path, today, agency: 'H52', publish: false });
}

async function query(text: string): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await database.pool.query<unknown[]>({ text, rowMode: 'array' });
  return rows;
}
const people = () => query(`select full_name, ethnic_group from profile.identity order by pin`);
const at = (row: number, sheet = 'Người') => ({ sheet, row });

test('rows are looked at, published by name, rejected with a reason, taken up; each with who and when', async () => {
  const { importId } = await imported([son, lan, mai], [[String(son[2]), '2010', null, 'A']]);
  const shown = await showRow(database, importId, at(2));
  expect(shown).toMatchObject({
    state: 'waiting',
    record: null,
    written: { 'họ và tên': 'Lê Thử Sơn' },
    changedSince: false,
  });
  expect(shown.changes.fields.find((one) => one.field === 'full_name')).toMatchObject({
    section: 'identity',
    old: null,
    new: 'Lê Thử Sơn',
  });
  const options = { importId, by: 'Nguyễn Duyệt' };
  const done = await publishReviewed(database, { ...options, selection: { rows: [at(2)] } });
  expect(done).toMatchObject({ published: 1, past: [], changedSince: 0 });
  expect(await people()).toEqual([['Lê Thử Sơn', '01']]);
  const late = await publishReviewed(database, {
    importId,
    by: 'Người Khác',
    selection: { rows: [at(2), at(4)] },
  });
  expect(late).toMatchObject({
    published: 1,
    past: [{ sheet: 'Người', row: 2, state: 'published', decidedBy: 'Nguyễn Duyệt' }],
  });
  const reason = 'không thuộc đơn vị';
  expect(
    await rejectReviewed(database, { ...options, reason, selection: { rows: [at(3)] } }),
  ).toMatchObject({ rows: 1, past: [] });
  expect(
    await query(`select state, decided_by, reason from intake.row where import_id = '${importId}'
    and row_no = 3`),
  ).toEqual([['rejected', 'Nguyễn Duyệt', reason]]);
  expect(await takeUpReviewed(database, { ...options, selection: {} })).toMatchObject({ rows: 1 });
  const again = await showRow(database, importId, at(3));
  expect(again).toMatchObject({ state: 'refused', decidedBy: null });
  expect(again.decisions.map((one) => [one.action, one.decidedBy, one.reason])).toEqual([
    ['reject', 'Nguyễn Duyệt', reason],
    ['take-up', 'Nguyễn Duyệt', null],
  ]);
  await expect(
    publishReviewed(database, { ...options, selection: { rows: [at(99)] } }),
  ).rejects.toMatchObject({ code: 'NODE_ROW_UNKNOWN' });
  await expect(
    publishReviewed(database, { ...options, importId: recordId(9), selection: {} }),
  ).rejects.toMatchObject({ code: 'NODE_IMPORT_UNKNOWN' });
});

test('two reviewers at once: one publishes, the other is told who did', async () => {
  const { importId } = await imported([
    [4, 'Đỗ Thử An', '014085000004', '1985', 'Nam', 'Kinh', 'Công chức', 'H52', 'H52'],
  ]);
  const both = await Promise.all(
    ['Một', 'Hai'].map((by) =>
      publishReviewed(database, { importId, by, selection: { rows: [at(2)] } }),
    ),
  );
  expect(both.reduce((sum, one) => sum + one.published, 0)).toBe(1);
  const [first] = both.filter((one) => one.published === 0).flatMap((one) => one.past);
  expect(first).toMatchObject({ state: 'published' });
  expect(await query(`select count(*) from profile.identity where pin = '014085000004'`)).toEqual([
    [1n],
  ]);
  expect(
    await query(`select row_count, rows from intake.decision where import_id = '${importId}'`),
  ).toEqual([[1n, { Người: '{[2,3)}' }]]);
});

test('a record that changed since the row was judged is told, and left with --if-unchanged', async () => {
  const renamed = son.map((value) => (value === 'Lê Thử Sơn' ? 'Lê Thử Sơn Hà' : value));
  const { importId } = await imported([renamed]);
  expect(await showRow(database, importId, at(2))).toMatchObject({ changedSince: false });
  await database.pool.query(
    `update profile.identity set religion = '00' where pin = '014085000001'`,
  );
  const shown = await showRow(database, importId, at(2));
  expect(shown.changedSince).toBe(true);
  expect(shown.changes.fields).toMatchObject([
    { field: 'full_name', old: 'Lê Thử Sơn', new: 'Lê Thử Sơn Hà' },
  ]);
  const options = { importId, by: 'Một', selection: {} };
  expect(await publishReviewed(database, { ...options, ifUnchanged: true })).toMatchObject({
    published: 0,
    held: { changed: 1 },
    changedSince: 1,
  });
  expect(await publishReviewed(database, options)).toMatchObject({ published: 1, changedSince: 1 });
  // that its own publication changed the record is nothing to be told
  expect(await showRow(database, importId, at(2))).toMatchObject({ changedSince: false });
});

test('refused rows are judged again from what is kept: with the mapping they wait, and are published', async () => {
  const { importId } = await imported([lan], [[String(lan[2]), '2012', '2010', 'C']]);
  const before = await query(`select sheet, row_no, source from intake.row
    where import_id = '${importId}' order by 1, 2`);
  const recheck = { importId, agency: 'H52', today, by: 'Một' };
  expect(await recheckImport(database, recheck)).toEqual({
    before: { waiting: 1, refused: 1 },
    after: { waiting: 1, refused: 1 },
  });
  await storeMappedCodes(database.db, 'workbook', [{ list: 'DAN_TOC', value: 'kihn', code: '01' }]);
  expect(await recheckImport(database, recheck)).toMatchObject({
    after: { waiting: 2, refused: 0 },
  });
  expect(
    await query(`select sheet, row_no, source from intake.row
    where import_id = '${importId}' order by 1, 2`),
  ).toEqual(before);
  expect(
    await publishReviewed(database, { importId, by: 'Một', selection: { unit: 'H52' } }),
  ).toMatchObject({ published: 2 });
  expect(
    await query(`select ethnic_group from profile.identity where pin = '014190000002'`),
  ).toEqual([['01']]);
});

test('a refused row is no task any more once a mended file brings the person without errors', async () => {
  const row = (group: string) => [
    11,
    'Người Sửa',
    '014085000660',
    '1985',
    'Nam',
    group,
    'Công chức',
    'H52',
    'H52',
  ];
  const faulty = await imported([row('Kihm')]);
  expect(faulty.refused).toBe(1);
  const stateOf = () =>
    query(`select state from intake.row where import_id = '${faulty.importId}'`);
  expect((await imported([row('Kihmm')])).refused).toBe(1);
  expect(await stateOf()).toEqual([['refused']]);
  expect((await imported([row('Kinh')])).waiting).toBe(1);
  expect(await stateOf()).toEqual([['withdrawn']]);
});

test('tasks are one list of what waits for people, page by page, without a value of a person', async () => {
  const { importId } = await imported([
    [5, 'Hồ Thử Bê', '014085000005', '1985', 'Nam', 'Xyz', 'Công chức', 'H52', 'H52'],
    [6, 'Hồ Thử Xê', '014085000006', '1985', 'Nam', 'Kinh', 'Công chức', 'H52', 'H52'],
  ]);
  await database.pool.query(
    `insert into sync.verdict (record_id, version, seq, section, field, code)
     values ($1, 1, 1, 10, 'pin', 'pin_held_elsewhere')`,
    [recordId(900)],
  );
  const counts = await countTasks(database.db);
  expect(counts['record-refused']).toBe(1);
  expect(counts['row-waiting']).toBeGreaterThan(0);
  const all: Task[] = [];
  for (let after: TaskPage['after']; ;) {
    const page = await listTasks(database.db, { after, limit: 2 });
    all.push(...page);
    after = page.at(-1);
    if (page.length < 2) break;
  }
  expect(all).toHaveLength(Object.values(counts).reduce((sum, count) => sum + count, 0));
  expect(all.find((task) => task.subject === `${importId} Người:2`)).toMatchObject({
    kind: 'row-refused',
    codes: ['code_unknown'],
    due: null,
  });
  expect(JSON.stringify(all)).not.toMatch(/01408500000|Thử/u);
});

test('a row that would make a closed record active is refused when it is judged, in the dry run too', async () => {
  const pin = '014085000600';
  await putRecords(database, [
    person(600, pin, { status: '3', more: { contact: [{ phone: '1' }] } }),
  ]);
  const path = join(folder.path, 'revived.xlsx');
  await writeXlsx(path, [
    {
      name: 'Người',
      rows: [
        [...header, 'Tình trạng hồ sơ'],
        [7, 'Người Thử 600', pin, '1980', 'Nam', 'Kinh', 'Công chức', 'H52.01', 'H52.01', '1'],
      ],
    },
  ]);
  const options = { path, today, agency: 'H52' };
  const told = { ok: 0, warning: 0, error: 1 };
  expect((await dryRunAtNode(database, options)).totals).toEqual(told);
  const { importId, totals, refused } = await importFile(database, { ...options, publish: true });
  expect({ totals, refused }).toEqual({ totals: told, refused: 1 });
  await reopenPerson(database, { record: recordId(600), by: 'Một' });
  expect(await recheckImport(database, { ...options, importId, by: 'Một' })).toMatchObject({
    after: { waiting: 1, refused: 0 },
  });
});

test('a row that a publication left because its record is closed is not said to be of a changed record', async () => {
  const pin = '014085000610';
  await putRecords(database, [person(610, pin)]);
  await closePerson(database, {
    record: pin,
    by: 'Một',
    today,
    closing: { status: '3', date: '2026-05', decision: null },
  });
  const path = join(folder.path, 'closed.xlsx');
  await writeXlsx(path, [
    {
      name: 'Người',
      rows: [
        header,
        [8, 'Người Khác', pin, '1980', 'Nam', 'Kinh', 'Công chức', 'H52.01', 'H52.01'],
      ],
    },
  ]);
  const { importId, waiting } = await importFile(database, {
    path,
    today,
    agency: 'H52',
    publish: true,
  });
  expect(waiting).toBe(1);
  const corrected = await publishReviewed(database, {
    importId,
    by: 'Một',
    selection: {},
    correctsClosed: true,
    ifUnchanged: true,
  });
  expect(corrected).toMatchObject({ published: 1, changedSince: 0 });
});

test.each(['reject', 'recheck'] as const)(
  'a %s during a publication waits for it, and finds the rows decided',
  async (what) => {
    const n = what === 'reject' ? 620 : 630;
    const pin = `014085000${n}`;
    await putRecords(database, [person(n, pin, { unit: 'H52' })]);
    const { importId } = await imported([
      [9, 'Tên Mới', pin, '1980', 'Nam', 'Kinh', 'Công chức', 'H52', 'H52'],
    ]);
    await using other = openDatabase(place.url, { max: 1, applicationName: 'review-dba' });
    const client = await other.pool.connect();
    // a DBA holds the record, so that the publication stands still in the middle
    await client.query('begin');
    await client.query('select from profile.identity where pin = $1 for update', [pin]);
    const publishing = publishReviewed(database, { importId, by: 'Một', selection: {} });
    await until(async () => (await waitingOnLocks()) === 1);
    let isDone = false;
    const deciding =
      what === 'reject'
        ? rejectReviewed(database, { importId, by: 'Hai', reason: 'sai', selection: {} })
        : recheckImport(database, { importId, by: 'Hai', agency: 'H52', today: '2020-01-01' });
    void deciding.finally(() => {
      isDone = true;
    });
    await until(async () => isDone || (await waitingOnLocks()) === 2);
    await client.query('rollback');
    client.release();
    expect(await publishing).toMatchObject({ published: 1 });
    const decided = await deciding;
    expect('rows' in decided ? decided.rows : decided.before.waiting).toBe(0);
    expect(
      await query(`select state, decided_by from intake.row where import_id = '${importId}'`),
    ).toEqual([['published', 'Một']]);
  },
);

/** Sessions of this database that wait for a lock. */
async function waitingOnLocks(): Promise<number> {
  const [[count] = []] = await query(
    `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return Number(count);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

test('what is published stays as long as an older row of the same person could be published over it', async () => {
  const row = (name: string) => [
    10,
    name,
    '014085000640',
    '1985',
    'Nam',
    'Kinh',
    'Công chức',
    'H52',
    'H52',
  ];
  const older = await imported([row('Tên Cũ')]);
  // what waits and says the same fields is withdrawn; this one was rejected, and may be taken up
  const options = { importId: older.importId, by: 'Một', selection: {} };
  await rejectReviewed(database, { ...options, reason: 'chưa rõ' });
  const newer = await imported([row('Tên Mới')]);
  await publishReviewed(database, { ...options, importId: newer.importId });
  const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  await ageOut(database, { before: tomorrow, by: 'Một', dryRun: false });
  await takeUpReviewed(database, options);
  expect(await publishReviewed(database, options)).toMatchObject({
    published: 0,
    held: { overtaken: 1 },
  });
  await database.pool.query(`delete from intake.row where import_id = '${older.importId}'`);
  const gone = await ageOut(database, { before: tomorrow, by: 'Một', dryRun: false });
  expect(gone.states).toMatchObject({ published: 1 });
});

test('what is closed is aged out by a person, with its counts in the journal, which nobody can change', async () => {
  await database.pool.query(`delete from intake.row o
    where o.state in ('waiting', 'refused', 'rejected') and exists (
      select from intake.row n where n.pin = o.pin and n.import_id > o.import_id)`);
  const before = await query('select state, count(*) from intake.row group by 1 order by 1');
  const open = before.filter(([state]) =>
    ['waiting', 'refused', 'rejected'].includes(String(state)),
  );
  const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const past = await ageOut(database, { before: '2020-01-01', by: 'Một', dryRun: false });
  expect(past).toEqual({ imports: 0, states: {} });
  const counted = await ageOut(database, { before: tomorrow, by: 'Một', dryRun: true });
  expect(await query('select state, count(*) from intake.row group by 1 order by 1')).toEqual(
    before,
  );
  expect(await ageOut(database, { before: tomorrow, by: 'Một', dryRun: false })).toEqual(counted);
  expect(await query('select state, count(*) from intake.row group by 1 order by 1')).toEqual(open);
  expect(counted.states).toEqual(
    Object.fromEntries(
      before.filter((row) => !open.includes(row)).map(([state, n]) => [state, Number(n)]),
    ),
  );
  const journal = await query(
    `select details from intake.decision where action = 'age-out' order by id desc limit 1`,
  );
  expect(journal).toEqual([[{ before: tomorrow, ...counted }]]);
  for (const statement of [
    `update intake.decision set decided_by = 'x'`,
    'delete from intake.decision',
    'truncate intake.decision',
  ]) {
    await expect(transaction(database, ({ client }) => client.query(statement))).rejects.toThrow(
      /rows are only added/u,
    );
  }
});
