/** The rules over what lies in the tables, written by plain SQL as a DBA does. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import { expect, test } from 'vitest';

import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openNodePlace } from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { claimDatabase } from '../db/link.ts';
import { readStoredPeople, readUnitTree } from '../db/stored-people.ts';
import { checkedRecords, checkOneRule, checkSummary } from './check-records.ts';

/** The command on a node's database: its exit code, and what it answered. */
async function check(
  url: string,
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly answer: unknown }> {
  const run = spawn(process.execPath, ['node/src/cli/main.ts', '--json', 'check', ...args], {
    env: { NODE_DATABASE_URL: url, NODE_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  run.on('close', resolve);
  const answer: unknown = JSON.parse(await text(run.stdout));
  return { code: await promise, answer };
}

const complete = {
  recruitment: [{ first_recruited_on: '2008' }],
  insurance: [{ social_insurance_no: '0116049999' }],
  education: [{ highest_level: '4' }],
  salary: [{ rank_code: '01.003', step: '4', coefficient: '3.33', step_since: '2022' }],
  salary_history: [
    { from_date: '2019', to_date: '2022', rank_code: '01.003', step: '3', coefficient: '3.00' },
    { from_date: '2022', rank_code: '01.003', step: '4', coefficient: '3.33' },
  ],
  work_history: [{ from_date: '2008', unit_name: 'Sở Một', position: 'Chuyên viên' }],
} as const;

const fields = { full_name: 'Người Thử', birth_date: '1980-05' } as const;

/** More than a page of people by one statement. */
const crowd = `
  with made as (
    insert into profile.record (record_id, kind)
    select ('01900000-0000-7000-8000-' || lpad(to_hex(100000 + n), 12, '0'))::uuid, 2
    from generate_series(1, 1100) n returning record_id
  ), numbered as (select record_id, row_number() over (order by record_id) as n from made)
  insert into profile.identity (record_id, pin, full_name, birth_date, sex, ethnic_group)
  select record_id, '001080' || lpad((500000 + n)::text, 6, '0'), 'Người Thử', '1980', '1', '01'
  from numbered`;

test('what SQL wrote past the intake is found, by rule and record, and nothing is changed', async () => {
  await using opened = await openNodePlace('H52');
  await using database = openDatabase(opened.url, { max: 2, applicationName: 'check-test' });
  const node = { database, agency: 'H52', now: () => new Date('2026-11-21T03:00:00Z') };
  await putRecords(database, [
    ...tree,
    orgUnit(3, 'H52.09', { parent: 'H52' }),
    person(11, pinOf(11), { more: complete, fields }),
    person(12, pinOf(12), { more: complete, fields }),
    person(13, pinOf(13), { more: complete, fields, unit: 'H52.09' }),
  ]);
  const { pool } = database;
  await pool.query(`update profile.employment set staff_number = 'H52-1'`);
  expect(await checkSummary(node, {})).toEqual({
    records: 6,
    withErrors: 0,
    withWarnings: 0,
    rules: [],
  });

  await pool.query(`update profile.org_unit set closed_on = '2026-06-30' where code = 'H52.09'`);
  await pool.query(`update profile.identity set ethnic_group = 'Kinh' where pin = $1`, [pinOf(11)]);
  await pool.query(
    `update profile.salary set step = 5, coefficient = 3.60 where record_id = any($1)`,
    [[recordId(11), recordId(12)]],
  );
  await pool.query(`update profile.work_history set from_date = '1979-12' where record_id = $1`, [
    recordId(12),
  ]);
  const found = await checkSummary(node, {});
  expect(found).toMatchObject({ records: 6, withErrors: 3, withWarnings: 2 });
  const counts = found.rules.map(({ code, severity, records, firstRecords }) => [
    code,
    severity,
    records,
    firstRecords,
  ]);
  expect(counts).toEqual([
    ['code_unknown', 'error', 1, [recordId(11)]],
    ['before_birth', 'error', 1, [recordId(12)]],
    ['unit_closed', 'error', 1, [recordId(13)]],
    ['coefficient_off_scale', 'warning', 2, [recordId(11), recordId(12)]],
    ['salary_not_in_history', 'warning', 2, [recordId(11), recordId(12)]],
  ]);
  await pool.query(`update profile.org_unit set parent_code = 'H52.77' where code = 'H52.01'`);
  await pool.query(`update profile.identity set pin = $1 where pin = $2`, [pinOf(11), pinOf(12)]);
  const among = await checkSummary(node, {});
  expect(among.rules.map(({ code, firstRecords }) => [code, firstRecords])).toEqual(
    expect.arrayContaining([
      ['parent_unknown', [recordId(2)]],
      ['pin_held_elsewhere', [recordId(11), recordId(12)]],
    ]),
  );
  await pool.query(`update profile.org_unit set parent_code = 'H52.09' where code = 'H52.01'`);
  await pool.query(`update profile.org_unit set parent_code = 'H52.01' where code = 'H52.09'`);
  const round = await checkSummary(node, {});
  expect(round.rules).toContainEqual(
    expect.objectContaining({ code: 'parent_unknown', firstRecords: [recordId(2), recordId(3)] }),
  );
  await pool.query(`update profile.org_unit set parent_code = 'H52' where code = 'H52.09'`);
  await pool.query(`update profile.identity set pin = $1 where record_id = $2`, [
    pinOf(12),
    recordId(12),
  ]);
  const ofSection = await checkSummary(node, { section: 'work_history' });
  expect(ofSection.rules.map((one) => one.code)).toEqual(['before_birth']);

  const first = await checkOneRule(node, 'coefficient_off_scale', { limit: 1 });
  expect(first.places).toEqual([
    { recordId: recordId(11), section: 'salary', ordinal: null, field: 'coefficient' },
  ]);
  expect(first.next).toBe(recordId(11));
  const after = first.next ?? undefined;
  const second = await checkOneRule(node, 'coefficient_off_scale', { limit: 1, after });
  expect(second.places.map((one) => one.recordId)).toEqual([recordId(12)]);
  expect(second.next).toBeNull();

  await pool.query(`delete from profile.identity where record_id = $1`, [recordId(13)]);
  await pool.query(crowd);
  const ids: string[] = [];
  for await (const one of checkedRecords(node, {})) ids.push(one.recordId);
  expect(ids).toHaveLength(1106);
  expect(ids).toEqual(ids.toSorted());
  const headless = await checkOneRule(node, 'head_missing', { limit: 10 });
  expect(headless.places.map((one) => one.recordId)).toEqual([recordId(13)]);

  await claimDatabase(database.db, 'H52');
  expect(await check(opened.url)).toMatchObject({
    code: exitCodes.failed,
    answer: {
      records: 1106,
      rules: expect.arrayContaining([
        expect.objectContaining({ code: 'head_missing', vi: expect.any(String) }),
      ]),
    },
  });
  expect(await check(opened.url, '--rule', 'unit_closed')).toMatchObject({
    code: exitCodes.ok,
    answer: {
      places: [{ recordId: recordId(13), field: 'employing_unit' }, { field: 'managing_unit' }],
      next: null,
    },
  });

  const stored = await readStoredPeople(database.db, [pinOf(11), pinOf(999)], new Set(['salary']));
  expect(Array.from(stored)).toEqual([
    [
      pinOf(11),
      {
        sections: { salary: [{ ...complete.salary[0], step: '5', coefficient: '3.60' }] },
        pinIsShared: false,
      },
    ],
  ]);
  expect(await readUnitTree(database.db)).toEqual(
    new Map([
      ['H52', null],
      ['H52.01', null],
      ['H52.09', '2026-06-30'],
    ]),
  );
});
