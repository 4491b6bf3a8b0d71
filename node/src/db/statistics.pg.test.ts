import { expect, test } from 'vitest';

import { reconcileReports } from '../../../hub/src/db/totals.ts';
import { putRecords } from '../../../test/support/node-records.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, type TestRecord } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { makeReport, reportTotals, sendReport } from '../sync/report-totals.ts';
import { computeFigures } from './statistics.ts';
import { unreceiptedReports } from './totals-report.ts';

const withPosts = (
  record: TestRecord,
  posts: readonly (readonly [string, string, string])[],
): TestRecord => ({
  ...record,
  rows: {
    ...record.rows,
    org_post: posts.map(([year, post_kind, assigned]) => ({ year, post_kind, assigned })),
  },
});

/** Counted by hand below; reports of 2026. */
const everybody: readonly TestRecord[] = [
  withPosts(orgUnit(1, 'H52'), [
    ['2025', '1', '100'],
    ['2026', '1', '120'],
    ['2026', '2', '30'],
  ]),
  withPosts(orgUnit(2, 'H52.01', { parent: 'H52' }), [['2024', '1', '7']]),
  person(16, pinOf(16), {
    fields: { birth_date: '1997-05', sex: '1', ethnic_group: '01' },
    more: {
      salary: [{ rank_code: '01.003', step: '1' }],
      education: [{ highest_level: '4' }],
      party: [{ admitted_on: '2020-02-03' }],
      position: [{ position_group: '2' }],
    },
  }),
  person(17, pinOf(17), {
    fields: { birth_date: '1996-12-31', sex: '0', ethnic_group: '02' },
    more: { salary: [{ rank_code: '01.003', step: '2' }], party: [{ card_no: '123' }] },
  }),
  person(18, pinOf(18), {
    fields: { birth_date: '1986', sex: '0', ethnic_group: '01' },
    more: { education: [{ highest_level: '4' }], salary: [{ rank_code: '01.002' }] },
  }),
  person(19, pinOf(19), { fields: { birth_date: '1985', sex: '1', ethnic_group: '03' } }),
  person(20, pinOf(20), { fields: { birth_date: '1976', sex: '1', ethnic_group: '01' } }),
  person(21, pinOf(21), { fields: { birth_date: '1975', sex: '1', ethnic_group: '01' } }),
  person(22, pinOf(22), { fields: { birth_date: '1971', sex: '1', ethnic_group: '01' } }),
  person(23, pinOf(23), { fields: { birth_date: '1970', sex: '1', ethnic_group: '01' } }),
  person(24, pinOf(24), { fields: { birth_date: '1966', sex: '0', ethnic_group: '01' } }),
  person(25, pinOf(25), { fields: { birth_date: '1965', sex: '0', ethnic_group: '01' } }),
  // retired: travels, and is not among the active
  person(26, pinOf(26), { status: '3', fields: { birth_date: '1960', sex: '0' } }),
];

/** Public employee, whose record is a state secret. */
const hidden = person(30, pinOf(30), {
  fields: { birth_date: '1990', sex: '0', ethnic_group: '02' },
});

const figuresByHand = {
  people: { travelling: 11n, secret: 1n, active: 11n },
  object_class: { 2: 10n, 3: 1n },
  sex: { 0: 5n, 1: 6n },
  ethnic_minority: { no: 8n, yes: 3n },
  age_band: {
    '<30': 1n,
    '30-40': 3n,
    '41-50': 2n,
    '51-55': 2n,
    '56-60': 2n,
    '>60': 1n,
  },
  rank_group: { A1: 2n, 'A2.1': 1n, '?': 8n },
  education: { 4: 2n, '?': 9n },
  party: { yes: 1n, no: 10n },
  position_group: { 2: 1n, '?': 10n },
  posts_assigned: { 1: 127n, 2: 30n },
  posts_filled: { 1: 10n, 2: 1n },
};

test('the figures of a small population are those counted by hand, and they agree with the hub', async () => {
  const now = new Date('2026-11-20T05:00:00Z');
  await using pair = await openPair({ now });
  const { node, hub } = pair;
  node.clock.now = now;
  await putRecords(node.database, everybody);
  const publicEmployee = [
    { object_class: '3', employing_unit: 'H52.01', managing_unit: 'H52.01', status: '1' },
  ];
  await putRecords(
    node.database,
    [{ ...hidden, rows: { ...hidden.rows, employment: publicEmployee } }],
    { secret: true },
  );
  const figures = await computeFigures(node.database.db, '2026-11-20');
  const counted: Record<string, Record<string, bigint>> = {};
  for (const { measure, key, value } of figures) (counted[measure] ??= {})[key] = value;
  expect(counted).toEqual(figuresByHand);
  expect(figures).toHaveLength(Object.values(counted).flatMap((keys) => Object.keys(keys)).length);

  await syncPair(pair);
  // and of each of the six measures of quality how many are counted, and are good
  expect(await reportTotals(node)).toBe(figures.length + 12);
  expect(await reconcileReports(hub.database.db)).toEqual([]);
  expect(await rowsOf(hub, 'select count(*) from national.record where kind = 2')).toEqual([[11n]]);
  expect(
    await rowsOf(hub, `select value from sync.totals_figure where measure = 'people' order by key`),
  ).toEqual([[11n], [1n], [11n]]);
  const { rows } = await node.database.pool.query(
    `select as_of, receipt is not null as receipted from sync.totals_report`,
  );
  expect(rows).toEqual([{ as_of: '2026-11-20', receipted: true }]);

  // a receipt is of the bytes that were sent, also where another process has made a newer report meanwhile
  const sent = await makeReport(node);
  await node.database.pool.query("update profile.identity set sex = '0' where pin = $1", [
    pinOf(17),
  ]);
  const newer = await makeReport(node);
  await sendReport(node, sent);
  expect(await unreceiptedReports(node.database.db, 5)).toEqual([
    expect.objectContaining({ report: Buffer.from(newer.report) }),
  ]);

  // a person whom the hub holds and the node denies is noticed at the next report
  await hub.database.pool.query(
    `delete from national.record where kind = 2
    and record_id in (select record_id from national.identity where pin = $1)`,
    [pinOf(20)],
  );
  expect(await reconcileReports(hub.database.db)).toEqual([
    { agency: 'H52', reported: 11n, counted: 10n },
  ]);
});

test('who has no employment section is active and of no known class, and a rank is of its group of that day', async () => {
  await using pair = await openPair();
  const someone = person(16, pinOf(16));
  await putRecords(pair.node.database, [
    { ...someone, rows: { identity: someone.rows?.['identity'] ?? [] } },
  ]);
  const figures = await computeFigures(pair.node.database.db, '2026-01-01');
  const of = (measure: string): unknown =>
    figures.filter((one) => one.measure === measure).map(({ key, value }) => [key, value]);
  expect(of('object_class')).toEqual([['?', 1n]]);
  expect(of('posts_filled')).toEqual([['?', 1n]]);
  expect(of('age_band')).toEqual([['41-50', 1n]]);

  // a code that was put into another group counts by the entry that is in force on the day
  const { db, pool } = pair.node.database;
  await pool.query(
    `insert into catalogue.code_value (list, code, label_vi, valid_from, valid_to, status, salary_group)
     values ('NGACH', 'X.1', 'Ngạch thử', '2020-01-01', '2025-12-31', 'unverified', 'B'),
       ('NGACH', 'X.1', 'Ngạch thử', '0000-01-01', '2019-12-31', 'unverified', 'A'),
       ('NGACH', 'X.1', 'Ngạch thử', '2026-01-01', '9999-12-31', 'unverified', 'C')`,
  );
  await pool.query(
    `insert into profile.salary (record_id, rank_code) select record_id, 'X.1' from profile.identity`,
  );
  for (const [asOf, group] of [
    ['2019-06-30', 'A'],
    ['2025-06-30', 'B'],
    ['2026-06-30', 'C'],
  ] as const) {
    const then = await computeFigures(db, asOf);
    expect(then.filter((one) => one.measure === 'rank_group')).toMatchObject([{ key: group }]);
  }
});
