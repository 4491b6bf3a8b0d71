import { createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { sectionByTag, sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { expect, test } from 'vitest';

import { openHubServer } from '../../../test/support/hub-server.ts';
import {
  linesOf,
  manifestOf,
  openBatches,
  putRecords,
  tree,
} from '../../../test/support/node-records.ts';
import {
  openNodePlace,
  openPair,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { limitRecords, sealAll } from '../../../test/support/whole-sync.ts';
import { ensureHello } from './say-hello.ts';
import { sealBatch } from './seal-batches.ts';

/** What would have to be as before after a seal that came to nothing. */
async function sealState(node: TestNode): Promise<unknown> {
  const { rows } = await node.database.pool.query(
    `select (select json_agg(l order by n) from sync.change_log l) as log,
      (select json_agg(r order by record_id) from sync.record r) as records,
      (select count(*) from sync.outbox_batch) as batches, c.head_seq, c.head_hash
     from sync.chain c`,
  );
  return rows;
}

test('versions rise by one with each batch, and many edits of a record travel as one', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  await putRecords(node.database, [...tree, person(16, pinOf(1))]);
  expect(await sealAll(node)).toBe(3);
  for (let i = 0; i < 10; i++) {
    await pool.query('update profile.identity set other_names = $1', [`Tên ${i}`]);
  }
  expect(await sealAll(node)).toBe(1);
  await pool.query(`update profile.employment set staff_number = 'A1'`);
  expect(await sealAll(node)).toBe(1);
  const [first, second, third, ...rest] = (await openBatches(node.database)).map((batch) => ({
    manifest: manifestOf(batch),
    identity: linesOf(batch.content, 10),
    employment: linesOf(batch.content, 11),
  }));
  expect(rest).toEqual([]);
  expect(first?.manifest.map(({ version, op, whole }) => [version, op, whole])).toEqual([
    [1, 'U', true],
    [1, 'U', true],
    [1, 'U', true],
  ]);
  expect(second?.manifest).toEqual([
    { id: recordId(16), kind: 2, version: 2, op: 'U', whole: false, sections: '{10}' },
  ]);
  expect(second?.identity).toEqual([expect.stringContaining('Tên 9')]);
  expect(second?.employment).toEqual([]);
  expect(third?.manifest).toEqual([
    { id: recordId(16), kind: 2, version: 3, op: 'U', whole: false, sections: '{11}' },
  ]);
  expect(await sealBatch(node)).toBeUndefined();
});

test('an emptied list is named without rows, and a deleted record is a tombstone with the next version', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  const reward = [{ year: '2001' }, { year: '2002' }];
  await putRecords(node.database, [...tree, person(16, pinOf(1), { more: { reward } })]);
  await sealAll(node);
  await pool.query('delete from profile.reward');
  await sealAll(node);
  await pool.query('delete from profile.record where record_id = $1', [recordId(16)]);
  await sealAll(node);
  // born and gone between two seals: nobody ever hears of it
  await putRecords(node.database, [person(17, pinOf(2))]);
  await pool.query('delete from profile.record where record_id = $1', [recordId(17)]);
  expect(await sealAll(node)).toBe(0);
  const [first, emptied, gone, ...rest] = await openBatches(node.database);
  expect(rest).toEqual([]);
  const { tag } = sectionNamed('reward');
  expect(first === undefined ? [] : linesOf(first.content, tag)).toHaveLength(2);
  expect(emptied === undefined ? [] : manifestOf(emptied)).toEqual([
    { id: recordId(16), kind: 2, version: 2, op: 'U', whole: false, sections: `{${tag}}` },
  ]);
  expect(emptied?.content.blocks.map((block) => block.section)).toEqual([0]);
  expect(gone === undefined ? [] : manifestOf(gone)).toMatchObject([
    { id: recordId(16), kind: 2, version: 3, op: 'D', whole: false },
  ]);
});

test('a record that becomes a state secret is a tombstone, and whole again when it is none any more', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  await putRecords(node.database, [
    ...tree,
    person(16, pinOf(1), { fields: { other_names: 'Trước khi mật' } }),
  ]);
  await putRecords(node.database, [person(17, pinOf(2), { fields: { other_names: 'Luôn mật' } })], {
    secret: true,
  });
  await sealAll(node);
  await pool.query(`update profile.record set state_secret = true where record_id = $1`, [
    recordId(16),
  ]);
  await sealAll(node);
  await pool.query(`update profile.identity set other_names = 'Trong khi mật'
    where record_id = '${recordId(16)}'`);
  await pool.query(
    `update profile.identity set religion = '02' where record_id = '${recordId(17)}'`,
  );
  await sealAll(node);
  await pool.query(`update profile.identity set other_names = 'Sau khi mật'
    where record_id = '${recordId(16)}'`);
  await pool.query(`update profile.record set state_secret = false
    where record_id = '${recordId(16)}'`);
  await sealAll(node);
  const batches = await openBatches(node.database);
  const person16 = batches.flatMap((batch) =>
    manifestOf(batch).filter((line) => line.id === recordId(16)),
  );
  expect(person16.map(({ version, op, whole }) => [version, op, whole])).toEqual([
    [1, 'U', true],
    [2, 'D', false],
    [3, 'U', true],
  ]);
  const everything = Buffer.concat(batches.map((batch) => batch.raw)).toString();
  // the search finds what does travel
  expect(everything).toContain('Trước khi mật');
  expect(everything).toContain('Sau khi mật');
  expect(everything).not.toContain('Trong khi mật');
  expect(everything).not.toContain('Luôn mật');
  expect(everything).not.toContain(pinOf(2));
  expect(everything).not.toContain(recordId(17));
});

test('a section of the unit alone is in no batch, and a sealed one is there as ciphertext only', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  await putRecords(node.database, [
    ...tree,
    person(16, pinOf(1), {
      more: {
        contact: [{ phone: '0900000001', email: 'one@example.invalid' }],
        health: [{ condition: 'Kín một' }],
      },
    }),
  ]);
  await sealAll(node);
  await pool.query(`update profile.contact set phone = '0900000002'`);
  expect(await sealAll(node)).toBe(0);
  await pool.query(`update profile.health set condition = 'Kín hai'`);
  expect(await sealAll(node)).toBe(1);
  const batches = await openBatches(node.database);
  const reaches = batches.map(({ content }) =>
    content.blocks.slice(1).map(({ section }) => sectionByTag(section)?.reach),
  );
  expect(reaches).toEqual([['national', 'national', 'national', 'sealed'], ['sealed']]);
  const everything = Buffer.concat(batches.map((batch) => batch.raw)).toString();
  expect(everything).toContain(pinOf(1));
  expect(everything).not.toMatch(/090000000|example\.invalid|Kín/u);
});

test('a batch holds no more records than the hub takes, and units go ahead of the people who name them', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await limitRecords(node, 3);
  const people = [16, 17, 18, 19, 20].map((n) => person(n, pinOf(n), { unit: 'H52.02' }));
  await putRecords(node.database, [...people, ...tree, orgUnit(3, 'H52.02', { parent: 'H52' })]);
  expect(await sealAll(node)).toBe(8);
  const batches = (await openBatches(node.database)).map((batch) => manifestOf(batch));
  expect(batches.map((lines) => lines.map((line) => line.kind))).toEqual([
    [1, 1, 1],
    [2, 2, 2],
    [2, 2],
  ]);
});

test('a batch that would be too large is made with fewer records, and one record too large is named', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  await limitRecords(node, 4);
  await putRecords(node.database, [...tree, person(16, pinOf(1)), person(17, pinOf(2))]);
  await sealAll(node);
  const grow = `insert into profile.training (record_id, ordinal, institution, field_of_study, qualification)
    select record_id, $1::integer + g, repeat('ệ', 250), repeat('ọ', 250), repeat('ế', 120)
    from profile.identity, generate_series(1, 17800) g where record_id = any ($2)`;
  // 34 MB a record: two do not fit into one batch
  await pool.query(grow, [0, [recordId(16), recordId(17)]]);
  expect(await sealAll(node)).toBe(2);
  const sizes = (await openBatches(node.database)).slice(-2).map((batch) => batch.header);
  expect(sizes.map((header) => header.recordCount)).toEqual([1, 1]);
  expect(sizes.every((header) => header.rawBytes > 33_600_000n)).toBe(true);
  await pool.query(grow, [17_800, [recordId(16)]]);
  await expect(sealBatch(node)).rejects.toMatchObject({ code: 'NODE_RECORD_TOO_LARGE' });
});

test('each batch is chained to the one before, hashed and signed by the node', async () => {
  await using pair = await openPair();
  const { node } = pair;
  for (const n of [16, 17, 18]) {
    if (n === 16) await putRecords(node.database, tree);
    await putRecords(node.database, [person(n, pinOf(n))]);
    await sealAll(node);
  }
  let prevHash: Buffer = Buffer.alloc(0);
  const batches = await openBatches(node.database);
  expect(batches.map((batch) => batch.seq)).toEqual([1n, 2n, 3n]);
  for (const batch of batches) {
    const { header } = batch;
    expect(Buffer.from(header.prevHash)).toEqual(prevHash);
    expect(sha256(batch.headerBytes)).toEqual(batch.headerHash);
    expect(header.seq).toBe(batch.seq);
    expect(header.agency).toBe('H52');
    expect(Buffer.from(header.audience)).toEqual(pair.hub.audience);
    const key = createPublicKey(node.signingKey);
    expect(verifyBytes(key, domains.batch, batch.headerBytes, batch.signature)).toBe(true);
    prevHash = batch.headerHash;
  }
  const { rows } = await node.database.pool.query('select head_seq, head_hash from sync.chain');
  expect(rows).toEqual([{ head_seq: 3n, head_hash: prevHash }]);
});

test('the marker rides on the last batch only, and on an empty one when nothing changed', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await limitRecords(node, 2);
  await putRecords(node.database, [...tree, person(16, pinOf(1))]);
  await sealAll(node, 'first marker');
  await sealAll(node, 'second marker');
  expect(
    (await openBatches(node.database)).map(({ header, content }) => [
      header.recordCount,
      content.marker,
    ]),
  ).toEqual([
    [2, ''],
    [1, 'first marker'],
    [0, 'second marker'],
  ]);
});

test('sealers in two processes number without a gap, and no change is sealed twice', async () => {
  await using pair = await openPair();
  await using other = await startNode(pair.server, pair.place);
  const { node } = pair;
  await limitRecords(node, 5);
  await ensureHello(other);
  await limitRecords(other, 5);
  const ids = Array.from({ length: 60 }, (_, i) => 16 + i);
  await putRecords(node.database, [...tree, ...ids.map((n) => person(n, pinOf(n)))]);
  const sealed = await Promise.all([node, other, node, other].map((one) => sealAll(one)));
  expect(sealed.reduce((sum, records) => sum + records, 0)).toBe(62);
  const batches = await openBatches(node.database);
  expect(batches.map((batch) => batch.seq)).toEqual(batches.map((_, i) => BigInt(i + 1)));
  const lines = batches.flatMap((batch) => manifestOf(batch));
  expect(new Set(lines.map((line) => line.id)).size).toBe(62);
  expect(lines.every((line) => line.version === 1)).toBe(true);
});

test('nothing is sealed before the hub has been greeted: with the hub down the log stays as it is', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await using node = await startNode(server, place);
  await putRecords(node.database, [...tree, person(16, pinOf(1))]);
  const before = await sealState(node);
  server.interfere = () => 'cut';
  await expect(sealBatch(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  expect(await sealState(node)).toEqual(before);
  server.interfere = undefined;
  expect(await sealAll(node)).toBe(3);
});

test('a sealer that is killed between two statements leaves log and chain as they were', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  await putRecords(node.database, [...tree, person(16, pinOf(1))]);
  await sealAll(node);
  await pool.query(`update profile.identity set other_names = 'Tên khác'`);
  const before = await sealState(node);
  // the last statement of the seal, after the log is emptied and the batch is in
  await pool.query(`create function public.sleepy() returns trigger language plpgsql as
    $$begin perform pg_sleep(30); return new; end$$;
    create trigger sleepy before update on sync.chain
      for each row execute function public.sleepy()`);
  const killed = sealBatch(node).then(
    () => 'sealed',
    () => 'killed',
  );
  await terminateSleeper(node);
  expect(await killed).toBe('killed');
  await pool.query('drop trigger sleepy on sync.chain');
  expect(await sealState(node)).toEqual(before);
  await using restarted = await startNode(pair.server, pair.place);
  expect(await sealAll(restarted)).toBe(1);
  const last = (await openBatches(node.database)).at(-1);
  expect(last === undefined ? [] : manifestOf(last)).toMatchObject([{ version: 2, op: 'U' }]);
});

/** Ends the connection that sleeps in a trigger, as a kill of the process or of the server would. */
async function terminateSleeper({ database }: TestNode): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and wait_event = 'PgSleep'`,
    );
    if (rowCount === 1) return;
    await sleep(10);
  }
  throw new Error('nobody sleeps');
}

test('a full disk at the node undoes the seal whole, and the next one goes on', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const { pool } = node.database;
  await putRecords(node.database, [...tree, person(16, pinOf(1))]);
  const before = await sealState(node);
  await pool.query(`create function public.full_disk() returns trigger language plpgsql as
    $$begin raise exception 'no space left on device' using errcode = '53100'; end$$;
    create trigger full_disk before insert on sync.outbox_batch
      for each row execute function public.full_disk()`);
  await expect(sealBatch(node)).rejects.toMatchObject({ code: '53100' });
  expect(await sealState(node)).toEqual(before);
  await pool.query('drop trigger full_disk on sync.outbox_batch');
  expect(await sealAll(node)).toBe(3);
});
