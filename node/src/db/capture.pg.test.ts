import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { from as copyFrom } from 'pg-copy-streams';
import { expect, test } from 'vitest';

import { compareSides } from '../../../test/constellation/compare.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type Pair, type TestNode } from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';

/** What is in the log: last digits of the record and section. */
async function logged({ database }: TestNode): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ entry: string }>(
    `select distinct ltrim(right(record_id::text, 12), '0') || ':' || section as entry
     from sync.change_log order by 1`,
  );
  return rows.map((row) => row.entry);
}

async function expectEqualSides(pair: Pair): Promise<void> {
  await syncPair(pair);
  const sides = await compareSides({ agency: 'H52', hub: pair.hub.url, node: pair.place.url });
  expect(sides).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true, differing: [] });
  expect(await logged(pair.node)).toEqual([]);
}

async function openFilledPair(): Promise<Pair> {
  const pair = await openPair();
  const more = { training: [{ institution: 'Trường một' }, { institution: 'Trường hai' }] };
  await putRecords(pair.node.database, [
    ...tree,
    ...[16, 17, 18].map((n) => person(n, pinOf(n), { more })),
  ]);
  await syncPair(pair);
  return pair;
}

test('I1: every statement that can write is logged with the records and the section it touched', async () => {
  await using pair = await openFilledPair();
  const { node } = pair;
  const { pool } = node.database;
  const after = async (statement: string): Promise<readonly string[]> => {
    await pool.query('delete from sync.change_log');
    await pool.query(statement);
    return logged(node);
  };
  const one = `record_id = '${recordId(16)}'`;
  expect(await after(`update profile.identity set religion = '02' where ${one}`)).toEqual([
    '10:10',
  ]);
  expect(await after(`update profile.identity set religion = '02' where false`)).toEqual([]);
  expect(await after(`update profile.employment set staff_number = 'A'`)).toEqual([
    '10:11',
    '11:11',
    '12:11',
  ]);
  expect(
    await after(`insert into profile.training (record_id, ordinal, institution)
      values ('${recordId(17)}', 1, 'Khác') on conflict (record_id, ordinal)
      do update set institution = excluded.institution`),
  ).toEqual([expect.stringMatching(/^11:/u)]);
  expect(
    await after(`merge into profile.training t using (values ('${recordId(18)}'::uuid)) v (id)
      on t.record_id = v.id and t.ordinal = 2 when matched then delete`),
  ).toEqual([expect.stringMatching(/^12:/u)]);
  // a row that goes from one record to another concerns both
  expect(
    await after(`update profile.training set record_id = '${recordId(17)}', ordinal = 9
      where ${one} and ordinal = 1`),
  ).toHaveLength(2);
  await expectRolledBack(pair);
});

async function expectRolledBack({ node }: Pair): Promise<void> {
  const client = await node.database.pool.connect();
  await client.query('delete from sync.change_log');
  await client.query('begin');
  await client.query(`update profile.identity set religion = '03'`);
  await client.query('rollback');
  await client.query('begin');
  await client.query('savepoint one');
  await client.query(`update profile.identity set religion = '03'`);
  await client.query('rollback to savepoint one');
  await client.query(`update profile.employment set staff_number = 'B'
    where record_id = '${recordId(16)}'`);
  await client.query('commit');
  client.release();
  expect(await logged(node)).toEqual(['10:11']);
}

test('I1: COPY, a cascade, TRUNCATE and the role of a replica are captured, and all sides agree after each', async () => {
  await using pair = await openFilledPair();
  const { node } = pair;
  const { pool } = node.database;

  const client = await pool.connect();
  await pipeline(
    Readable.from([`${recordId(16)}\t3\tTrường ba\n`, `${recordId(17)}\t3\tTrường ba\n`]),
    client.query(copyFrom('copy profile.training (record_id, ordinal, institution) from stdin')),
  );
  client.release();
  expect(await logged(node)).toHaveLength(2);
  await expectEqualSides(pair);

  await pool.query(`delete from profile.record where record_id = '${recordId(17)}'`);
  await expectEqualSides(pair);
  const { rows } = await pair.hub.database.pool.query(
    `select record_id from national.record where kind = 2 order by 1`,
  );
  expect(rows).toEqual([{ record_id: recordId(16) }, { record_id: recordId(18) }]);

  const replica = await pool.connect();
  await replica.query('set session_replication_role = replica');
  await replica.query(`update profile.identity set other_names = 'Bản sao'`);
  await replica.query(`delete from profile.training where ordinal = 1`);
  await replica.query('reset session_replication_role');
  replica.release();
  expect(await logged(node)).toHaveLength(4);
  await expectEqualSides(pair);

  await pool.query('truncate profile.training');
  await expectEqualSides(pair);
  const trained = await pair.hub.database.pool.query('select from national.training');
  expect(trained.rowCount).toBe(0);

  await pool.query('truncate profile.record cascade');
  await expectEqualSides(pair);
  const left = await pair.hub.database.pool.query('select from national.record');
  expect(left.rowCount).toBe(0);
});

test('I1: TRUNCATE under an older snapshot is refused, since it would not see all that it removes', async () => {
  await using pair = await openFilledPair();
  const { pool } = pair.node.database;
  const client = await pool.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('select from profile.record');
  const more = { training: [{ institution: 'Trường mới' }] };
  await putRecords(pair.node.database, [person(19, pinOf(19), { more })]);
  await syncPair(pair);
  const truncated = await client.query('truncate profile.training').catch(String);
  await client.query('commit');
  client.release();
  await expectEqualSides(pair);
  expect(truncated).toMatch(/read committed/u);
});

test('a section that never travels is not captured, every other one is', async () => {
  await using pair = await openPair();
  const { rows } = await pair.node.database.pool.query<{ name: string }>(
    `select c.relname::text as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'profile'::regnamespace and t.tgname ~ '^capture_' and t.tgenabled = 'A'
     group by c.relname having count(*) = 4 order by 1`,
  );
  const captured = sections.filter((section) => section.reach !== 'unit');
  expect(rows.map((row) => row.name)).toEqual(
    ['record', ...captured.map((section) => section.name)].toSorted(),
  );
});

test('I1: what commits after a seal that began before is in the next seal', async () => {
  await using pair = await openFilledPair();
  const { node } = pair;
  const late = await node.database.pool.connect();
  await late.query('begin');
  await late.query(`update profile.identity set other_names = 'Muộn'
    where record_id = '${recordId(16)}'`);
  await node.database.pool.query(`update profile.identity set other_names = 'Sớm'
    where record_id = '${recordId(18)}'`);
  expect(await syncPair(pair)).toBe(1);
  await late.query('commit');
  late.release();
  expect(await logged(node)).toEqual(['10:10']);
  expect(await syncPair(pair)).toBe(1);
  await expectEqualSides(pair);
});
