/** Publication of rows that any source brought: lists carried whole, records named, removals, guards. */
import { openDatabase, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openNodePlace, type NodePlace } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { standingFindings } from '../intake/standing-findings.ts';
import { appendRows, beginImport, type NewRow, withdrawOlderRows } from './intake.ts';
import { type Publication, publishRows, type PublishOptions } from './publish-intake.ts';
import { readRecordTags } from './record-tags.ts';
import { listRemoved, restoreRecord } from './removed-records.ts';
import { readStoredPeople } from './stored-people.ts';
import { readStoredSections } from './stored-sections.ts';

let place: NodePlace;
let database: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  place = await openNodePlace('H52');
  database = openDatabase(place.url, { max: 4, applicationName: 'publish-test' });
  await putRecords(database, tree);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const pinOf = (n: number): string => `0140850${String(n).padStart(5, '0')}`;

/** A row of a person as a packet brings it: the sections named are all that it carries. */
function rowOf(pin: string, sections: NewRow['sections'], more: Partial<NewRow> = {}): NewRow {
  const carries = Object.fromEntries(
    Object.entries(sections).map(([name, rows]) => [
      name,
      Object.keys(rows[0] ?? { from_date: '' }),
    ]),
  );
  return {
    sheet: 'packet',
    row_no: 1,
    kind: 'person',
    unit_code: null,
    pin,
    verdict: 'ok',
    findings: [],
    sections,
    carries,
    source: {},
    ...more,
  };
}

const importOf = (rows: readonly NewRow[]): Promise<string> =>
  transaction(database, async ({ db }) => {
    const id = await beginImport(db, { source: 'workbook' });
    await appendRows(db, id, rows);
    await withdrawOlderRows(db, id);
    return id;
  });

const publish = (options: PublishOptions): Promise<Publication> =>
  transaction(database, ({ db }) => publishRows(db, options));

const none = {
  closed: 0,
  overtaken: 0,
  changed: 0,
  gone: 0,
  twice: 0,
  'no-unit': 0,
  'no-person': 0,
  refused: 0,
};

async function query(text: string): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await database.pool.query<unknown[]>({ text, rowMode: 'array' });
  return rows;
}

const statesOf = (importId: string): Promise<readonly (readonly unknown[])[]> =>
  query(
    `select sheet, row_no, state from intake.row where import_id = '${importId}' order by 1, 2`,
  );

const stored = async (id: string) => (await readStoredSections(database.db, [id])).get(id);

const jobs = [
  { from_date: '2010', to_date: '2015', unit_name: 'A' },
  { from_date: '2015', unit_name: 'B' },
];

test('lists that a row carries are replaced whole, an empty one empties, one that it has not stays', async () => {
  const [id, pin] = [recordId(100), pinOf(100)];
  await putRecords(database, [
    person(100, pin, { more: { work_history: jobs, evaluation: [{ year: '2024', grade: '2' }] } }),
  ]);
  const [one] = jobs;
  const first = await importOf([rowOf(pin, { work_history: one === undefined ? [] : [one] })]);
  expect(await publish({ importId: first })).toEqual({ published: 1, unchanged: 0, held: none });
  expect(await stored(id)).toMatchObject({
    work_history: [one],
    evaluation: [{ year: '2024', grade: '2' }],
  });
  const again = await importOf([rowOf(pin, { work_history: one === undefined ? [] : [one] })]);
  await database.pool.query('delete from sync.change_log');
  expect(await publish({ importId: again })).toMatchObject({ published: 0, unchanged: 1 });
  expect(await query('select * from sync.change_log')).toEqual([]);
  const empty = await importOf([rowOf(pin, { work_history: [] })]);
  expect(await publish({ importId: empty })).toMatchObject({ published: 1 });
  expect(await stored(id)).not.toHaveProperty('work_history');
  expect(await query('select record_id, section from sync.change_log')).toEqual([[id, 40]]);
});

test('the record that a row names is meant, whatever its number; who decided is told', async () => {
  const [id, pin] = [recordId(101), pinOf(101)];
  await putRecords(database, [person(101, pin)]);
  const importId = await importOf([
    rowOf(pinOf(102), { identity: [{ pin: pinOf(102) }] }, { record_id: id }),
  ]);
  await publish({ importId });
  expect((await stored(id))?.['identity']?.[0]?.['pin']).toBe(pinOf(102));
  expect(
    await query(`select decided_by, decided_at is not null, record_id from intake.row
      where import_id = '${importId}'`),
  ).toEqual([['source:workbook', true, id]]);
});

test('a person waits for the unit that it names, and a unit for the one above it', async () => {
  const unit = (row_no: number, code: string, parent_code: string): NewRow => ({
    ...rowOf('', { org_unit: [{ code, name: code, parent_code }] }),
    kind: 'unit',
    unit_code: code,
    pin: null,
    row_no,
  });
  const pin = pinOf(990);
  const someone = rowOf(
    pin,
    {
      identity: [{ pin, full_name: 'Người Thử', birth_date: '1985', sex: '1', ethnic_group: '01' }],
      employment: [
        { object_class: '2', employing_unit: 'H52.30.01', managing_unit: 'H52', status: '1' },
      ],
    },
    { row_no: 3 },
  );
  const importId = await importOf([
    unit(1, 'H52.30', 'H52'),
    unit(2, 'H52.30.01', 'H52.30'),
    someone,
  ]);
  const below = [2, 3].map((row) => ({ sheet: 'packet', row }));
  expect(await publish({ importId, rows: below })).toEqual({
    published: 0,
    unchanged: 0,
    held: { ...none, 'no-unit': 2 },
  });
  expect(await publish({ importId })).toEqual({ published: 3, unchanged: 0, held: none });
});

test('of a selection only those rows are published, and of a list row its whole list', async () => {
  const [first, second] = [pinOf(110), pinOf(111)];
  await putRecords(database, [person(110, first), person(111, second)]);
  const listRow = (row_no: number, pin: string, unit_name: string): NewRow => ({
    ...rowOf(pin, { work_history: [{ from_date: `20${row_no}`, unit_name }] }),
    kind: 'list-row',
    section: 'work_history',
    row_no,
  });
  const importId = await importOf([
    listRow(10, first, 'A'),
    listRow(11, second, 'B'),
    listRow(12, first, 'C'),
  ]);
  const done = await publish({
    importId,
    rows: [{ sheet: 'packet', row: 12 }],
    decidedBy: 'Nguyễn Duyệt',
  });
  expect(done.published).toBe(2);
  expect((await statesOf(importId)).map((row) => row[2])).toEqual([
    'published',
    'waiting',
    'published',
  ]);
  expect((await stored(recordId(110)))?.['work_history']?.map((row) => row['unit_name'])).toEqual([
    'A',
    'C',
  ]);
  expect(await stored(recordId(111))).not.toHaveProperty('work_history');
});

test('a removed record is kept whole, leaves the tables by a tombstone, and comes back as it was', async () => {
  const [id, pin] = [recordId(120), pinOf(120)];
  await putRecords(database, [
    person(120, pin, { more: { work_history: jobs, salary: [{ coefficient: '3.30' }] } }),
  ]);
  const before = await stored(id);
  const tag = (await readRecordTags(database.db, [id])).get(id);
  await database.pool.query('delete from sync.change_log');
  const importId = await importOf([rowOf(pin, {}, { action: 'remove' })]);
  expect(await publish({ importId, reason: 'ghi nhầm' })).toMatchObject({ published: 1 });
  expect(await query(`select count(*) from profile.record where record_id = '${id}'`)).toEqual([
    [0n],
  ]);
  expect(await query('select distinct section from sync.change_log order by 1')).toEqual(
    [0, 10, 11, 23, 40].map((section) => [section]),
  );
  expect(await listRemoved(database.db, { limit: 10 })).toMatchObject([
    { recordId: id, removedBy: 'source:workbook', source: 'workbook', reason: 'ghi nhầm' },
  ]);
  const again = await importOf([rowOf(pin, {}, { action: 'remove' })]);
  expect(await publish({ importId: again })).toMatchObject({ published: 0, unchanged: 1 });
  const restore = () => transaction(database, ({ db }) => restoreRecord(db, id, 'Lê Phục'));
  expect(await restore()).toBe('restored');
  expect(await stored(id)).toEqual(before);
  expect((await readRecordTags(database.db, [id])).get(id)).toBe(tag);
  expect(await restore()).toBe('absent');
});

test('nothing of a record that is gone, twice, overtaken or another by now is written', async () => {
  const [id, pin] = [recordId(130), pinOf(130)];
  await putRecords(database, [person(130, pin)]);
  const gone = await importOf([rowOf(pin, { identity: [{ pin }] }, { record_id: recordId(131) })]);
  expect((await publish({ importId: gone })).held).toMatchObject({ gone: 1 });
  const older = await importOf([
    rowOf(pin, { identity: [{ full_name: 'Cũ' }], contact: [{ phone: '01' }] }),
    rowOf(pin, { contact: [{ phone: '02' }] }, { row_no: 2 }),
  ]);
  const newer = await importOf([rowOf(pin, { identity: [{ full_name: 'Mới' }] })]);
  expect(await publish({ importId: newer })).toMatchObject({ published: 1 });
  expect((await publish({ importId: older })).held).toMatchObject({ overtaken: 1, twice: 1 });
  expect(await stored(id)).toMatchObject({ identity: [{ full_name: 'Mới' }] });
  const seen = await importOf([rowOf(pin, { contact: [{ phone: '03' }] })]);
  await database.pool.query(
    `update intake.row set record_tag = '\\x00' where import_id = '${seen}'`,
  );
  expect((await publish({ importId: seen, ifUnchanged: true })).held).toMatchObject({ changed: 1 });
  expect(await publish({ importId: seen })).toMatchObject({ published: 1 });
});

test('a closed record is corrected by a person alone, and no import makes it active', async () => {
  const [id, pin] = [recordId(140), pinOf(140)];
  await putRecords(database, [person(140, pin, { status: '3', more: { work_history: jobs } })]);
  const same = await importOf([
    rowOf(pin, { identity: [{ birth_date: '1980-05' }], work_history: jobs }),
  ]);
  expect(await publish({ importId: same })).toMatchObject({ unchanged: 1 });
  const other = await importOf([
    rowOf(pin, { identity: [{ birth_date: '1980-06' }], work_history: [] }),
  ]);
  expect((await publish({ importId: other })).held).toMatchObject({ closed: 1 });
  expect((await publish({ importId: other })).held).toMatchObject({ closed: 1 });
  expect(
    await query(`select state, verdict, jsonb_path_query_array(findings, '$.code') from intake.row
      where import_id = '${other}'`),
  ).toEqual([['waiting', 'warning', ['record_closed_differs']]]);
  const lists = await importOf([rowOf(pin, { work_history: [] })]);
  expect((await publish({ importId: lists })).held).toMatchObject({ closed: 1 });
  expect((await stored(id))?.['work_history']).toEqual(jobs);
  const corrects = { correctsClosed: true, decidedBy: 'Trần Soát' };
  expect(await publish({ importId: other, ...corrects })).toMatchObject({ published: 1 });
  expect(await stored(id)).toMatchObject({ identity: [{ birth_date: '1980-06' }] });
  const revived = await importOf([rowOf(pin, { employment: [{ status: '1' }] })]);
  expect((await publish({ importId: revived, ...corrects })).held).toMatchObject({ refused: 1 });
  expect(
    await query(`select state, verdict, findings -> 0 ->> 'code' from intake.row
    where import_id = '${revived}'`),
  ).toEqual([['refused', 'error', 'record_closed']]);
  expect((await stored(id))?.['employment']?.[0]?.['status']).toBe('3');
});

test('a number that another active record has is refused; of two with one number the active one is meant', async () => {
  const pin = pinOf(150);
  await putRecords(database, [
    person(150, pin, { status: '2' }),
    person(151, pin),
    person(152, pinOf(152)),
  ]);
  const taken = await importOf([rowOf(pin, { identity: [{ pin }] }, { record_id: recordId(152) })]);
  expect((await publish({ importId: taken })).held).toMatchObject({ refused: 1 });
  const found = await importOf([rowOf(pin, { contact: [{ phone: '0' }] })]);
  await publish({ importId: found });
  expect(await query(`select record_id from profile.contact where phone = '0'`)).toEqual([
    [recordId(151)],
  ]);
});

test('two publications at once of the same new person make one record', async () => {
  const pin = pinOf(160);
  const whole = person(160, pin).rows ?? {};
  const ids = [
    await importOf([rowOf(pin, whole)]),
    await importOf([rowOf(pin, { ...whole, contact: [{ phone: '1' }] })]),
  ];
  await database.pool.query(`update intake.row set state = 'waiting' where pin = '${pin}'`);
  await Promise.all(ids.map((importId) => publish({ importId })));
  expect(await query(`select count(*) from profile.identity where pin = '${pin}'`)).toEqual([[1n]]);
});

test('a row with a part of a person who was removed meanwhile waits, and stops no other row', async () => {
  const [pin, other] = [pinOf(170), pinOf(171)];
  await putRecords(database, [person(170, pin), person(171, other)]);
  const raise = (row_no: number, number: string): NewRow =>
    rowOf(
      number,
      { identity: [{ pin: number, full_name: 'Người Thử' }], salary: [{ coefficient: '3.66' }] },
      { row_no },
    );
  const importId = await importOf([raise(1, pin), raise(2, other)]);
  await database.pool.query('delete from profile.record where record_id = $1', [recordId(170)]);
  expect(await publish({ importId })).toEqual({
    published: 1,
    unchanged: 0,
    held: { ...none, gone: 1 },
  });
  expect(await stored(recordId(171))).toMatchObject({ salary: [{ coefficient: '3.66' }] });
});

test('a list that comes with the row by which its person leaves is written with it', async () => {
  const [id, pin] = [recordId(180), pinOf(180)];
  await putRecords(database, [person(180, pin)]);
  const [job = {}] = jobs;
  const importId = await importOf([
    rowOf(pin, { employment: [{ status: '3', status_date: '2026-05' }] }),
    rowOf(pin, { work_history: [job] }, { kind: 'list-row', section: 'work_history', row_no: 2 }),
  ]);
  expect(await publish({ importId })).toEqual({ published: 2, unchanged: 0, held: none });
  expect(await stored(id)).toMatchObject({
    employment: [{ status: '3', status_date: '2026-05' }],
    work_history: [job],
  });
});

test('posts of a year are those of the sheet that speaks of the year, whichever rows are published', async () => {
  const sheetRow = (
    sheet: string,
    code: string,
    row_no: number,
    posts: NewRow['sections'][string],
  ) => ({
    ...rowOf('', { org_unit: [{ code, name: code, parent_code: 'H52' }], org_post: posts }),
    carries: {
      org_unit: ['code', 'name', 'parent_code'],
      org_post: ['year', 'post_kind', 'assigned'],
    },
    kind: 'unit' as const,
    unit_code: code,
    pin: null,
    sheet,
    row_no,
  });
  const post = (year: string, assigned: string) => ({ year, post_kind: '1', assigned });
  const postsOf = (code: string) =>
    query(`select p.year, p.assigned from profile.org_post p join profile.org_unit u using (record_id)
      where u.code = '${code}' order by p.ordinal`);
  for (const [year, assigned] of [
    ['2025', '5'],
    ['2026', '6'],
  ] as const) {
    await publish({
      importId: await importOf([
        sheetRow('A', 'H52.41', 1, [post(year, assigned)]),
        sheetRow('A', 'H52.42', 2, [post(year, assigned)]),
      ]),
    });
  }
  // one sheet speaks of 2025, the other of 2026
  const parted = await importOf([
    sheetRow('2025', 'H52.41', 1, [post('2025', '7')]),
    sheetRow('2026', 'H52.42', 1, [post('2026', '8')]),
  ]);
  expect(await publish({ importId: parted })).toMatchObject({ published: 2 });
  expect(await postsOf('H52.41')).toEqual([
    [2025, 7],
    [2026, 6],
  ]);
  expect(await postsOf('H52.42')).toEqual([
    [2025, 5],
    [2026, 8],
  ]);
  // a unit without posts in a sheet that has those of 2026 for another
  const emptied = await importOf([
    sheetRow('2026', 'H52.41', 1, []),
    sheetRow('2026', 'H52.42', 2, [post('2026', '8')]),
  ]);
  await publish({ importId: emptied, rows: [{ sheet: '2026', row: 1 }] });
  expect(await postsOf('H52.41')).toEqual([[2025, 7]]);
});

test('a row that names a section and nothing of it changes nothing', async () => {
  const pin = pinOf(190);
  await putRecords(database, [person(190, pin)]);
  const importId = await importOf([rowOf(pin, { contact: [{}] })]);
  expect(await publish({ importId })).toMatchObject({ published: 0, unchanged: 1 });
});

test('the row of a removal that found nothing still names the record that was meant', async () => {
  const importId = await importOf([
    rowOf(pinOf(195), {}, { action: 'remove', record_id: recordId(195) }),
  ]);
  expect(await publish({ importId })).toMatchObject({ unchanged: 1 });
  expect(await query(`select record_id from intake.row where import_id = '${importId}'`)).toEqual([
    [recordId(195)],
  ]);
});

test.each([
  ['a closed record called active', 300, ['3'], { employment: ['status'] }, 'record_closed'],
  ['a closed record, its unit alone', 310, ['3'], { employment: ['employing_unit'] }, null],
  ['a closed record, its number alone', 320, ['3'], { identity: ['pin'] }, null],
  ['one that came back beside the closed one', 330, ['3', '1'], { employment: ['status'] }, null],
  ['an active record', 340, ['1'], { employment: ['status'], identity: ['pin'] }, null],
  ['a number of two active records', 350, ['1', '1'], { identity: ['pin'] }, 'pin_held_elsewhere'],
  ['two such, the number not named', 360, ['1', '1'], { employment: ['status'] }, null],
] as const)(
  '%s: a row is judged as its publication will find it',
  async (_, base, statuses, carries, code) => {
    const pin = pinOf(base);
    await putRecords(
      database,
      statuses.map((status, i) => person(base + i, pin, { status })),
    );
    const whole = person(base, pin).rows ?? {};
    const row = {
      sections: { identity: whole['identity'] ?? [], employment: whole['employment'] ?? [] },
      carries,
    };
    const known = await readStoredPeople(database.db, [pin], new Set(['identity', 'employment']));
    const judged = standingFindings(row, known.get(pin) ?? { sections: {}, pinIsShared: false });
    const importId = await importOf([rowOf(pin, row.sections, { carries })]);
    await publish({ importId });
    const { rows } = await database.pool.query<{ state: string; findings: { code: string }[] }>(
      'select state, findings from intake.row where import_id = $1',
      [importId],
    );
    const refused = rows.filter((one) => one.state === 'refused').flatMap((one) => one.findings);
    expect(judged.map((one) => one.code)).toEqual(code === null ? [] : [code]);
    expect(refused).toEqual(judged);
  },
);
