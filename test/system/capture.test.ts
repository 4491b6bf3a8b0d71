/** Capture under load: `CAPTURE_SECONDS` is the length of the storm, 60 unless told otherwise. */
import { setTimeout as sleep } from 'node:timers/promises';

import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { batchContent, batchHeader } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { pullFeed } from '../../node/src/sync/pull-feed.ts';
import { pushBatches } from '../../node/src/sync/push-batches.ts';
import { sealBatch } from '../../node/src/sync/seal-batches.ts';
import { verifyState } from '../../node/src/sync/verify.ts';
import { withRetries } from '../../node/src/sync/with-retries.ts';
import { compareSides } from '../constellation/compare.ts';
import { runStorm, undoneText } from '../support/capture-storm.ts';
import { manifestOf, putRecords, tree } from '../support/node-records.ts';
import type { TestHub } from '../support/test-hub.ts';
import { openPair, type Pair, type TestNode } from '../support/test-node.ts';
import { person, recordId } from '../support/test-records.ts';
import { limitRecords, syncPair } from '../support/whole-sync.ts';

const stormMs = Number(process.env['CAPTURE_SECONDS'] ?? 60) * 1_000;
const batchRecords = 50;
const pinOf = (n: number): string => `001081${String(n).padStart(6, '0')}`;

/** A storm outruns the hub's appliers: a node that is told to come later does. */
const patiently = (act: () => Promise<unknown>): Promise<unknown> =>
  withRetries(act, { deadline: performance.now() + 120_000 });

/** Seals, pushes and pulls without a pause until the signal aborts, each in a loop of its own. */
async function keepSyncing(node: TestNode, signal: AbortSignal): Promise<void> {
  await limitRecords(node, batchRecords);
  const loop = async (work: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      await patiently(work);
      await sleep(5);
    }
  };
  await Promise.all([
    loop(() => sealBatch(node)),
    loop(() => pushBatches(node)),
    loop(() => pullFeed(node)),
  ]);
}

async function headSeq(node: TestNode): Promise<bigint> {
  const { rows } = await node.database.pool.query<{ head_seq: bigint }>(
    'select head_seq from sync.chain',
  );
  return rows[0]?.head_seq ?? 0n;
}

/** Transactions that stay open until three more batches are sealed, one after the other. */
async function keepTransactionsOpen(node: TestNode, signal: AbortSignal): Promise<number> {
  const client = await node.database.pool.connect();
  let done = 0;
  try {
    for (let n = 500_000; !signal.aborted; n++) {
      const id = recordId(n);
      await client.query('begin');
      await client.query('insert into profile.record (record_id, kind) values ($1, 2)', [id]);
      await client.query(
        `insert into profile.identity (record_id, pin, full_name, birth_date, sex, ethnic_group)
         values ($1, $2, 'Người Chậm', '1970-02', '0', '01')`,
        [id, pinOf(n)],
      );
      const goal = (await headSeq(node)) + 3n;
      while (!signal.aborted && (await headSeq(node)) < goal) await sleep(10);
      await client.query('commit');
      done += 1;
    }
  } finally {
    client.release();
  }
  return done;
}

type Archived = {
  readonly lines: ReturnType<typeof manifestOf>;
  readonly text: string;
};

/** Every batch that the hub has accepted, in order, expanded. */
async function archive(hub: TestHub): Promise<readonly Archived[]> {
  const { rows } = await hub.database.pool.query<{ header: Buffer; content: Buffer }>(
    'select header, content from sync.inbox order by seq',
  );
  return Promise.all(
    rows.map(async (row) => {
      const raw = await expand(row.content, Number(batchHeader.decode(row.header).rawBytes));
      if (raw === undefined) throw new Error('a batch does not expand');
      return { lines: manifestOf({ content: batchContent.decode(raw) }), text: raw.toString() };
    }),
  );
}

/** By plain SQL, and the sealed sections by the one who can open them. */
async function expectEqualSides(pair: Pair): Promise<void> {
  expect(await verifyState(pair.node)).toMatchObject({
    comparable: true,
    differing: [],
    hubEqualsNode: true,
    mirrorEqualsHub: true,
  });
  const sides = await compareSides({ agency: 'H52', hub: pair.hub.url, node: pair.place.url });
  expect(sides).toMatchObject({ differing: [], hubEqualsNode: true, mirrorEqualsHub: true });
}

async function expectNothingRefused(hub: TestHub): Promise<void> {
  const { rows } = await hub.database.pool.query(
    `select seq, records_refused, records_ignored from sync.inbox
     where records_refused + records_ignored > 0`,
  );
  expect(rows).toEqual([]);
}

test('I1, I2: sixteen writers in a storm of changes lose nothing, and nothing stale or rolled back arrives', async () => {
  await using pair = await openPair({ logLevel: 'error' });
  const { node, hub, server } = pair;
  await using writers = openDatabase(pair.place.url, { max: 20, applicationName: 'writers' });
  await putRecords(node.database, tree);
  const stopWriting = AbortSignal.timeout(stormMs);
  const stopSyncing = new AbortController();
  const syncing = keepSyncing(node, stopSyncing.signal);
  const [counts, slow] = await Promise.all([
    runStorm(writers, { writers: 16, people: 300, signal: stopWriting }),
    keepTransactionsOpen(node, stopWriting),
  ]).finally(() => stopSyncing.abort());
  await syncing;
  await patiently(() => syncPair(pair));
  await patiently(() => syncPair(pair));
  expect(server.faults).toEqual([]);

  // the storm was one
  expect(counts.committed).toBeGreaterThan(stormMs / 20);
  expect(counts.rolledBack).toBeGreaterThan(stormMs / 400);
  expect(slow).toBeGreaterThan(1);
  const batches = await archive(hub);
  // beside other tests of whole processes a seal takes its time
  expect(batches.length).toBeGreaterThan(stormMs / 600);
  expect(Math.max(...batches.map((batch) => batch.lines.length))).toBeLessThanOrEqual(batchRecords);

  await expectNothingRefused(hub);
  await expectEqualSides(pair);
  const { rows } = await node.database.pool.query('select from sync.change_log');
  expect(rows).toEqual([]);
  expect(batches.filter((batch) => batch.text.includes(undoneText))).toEqual([]);

  // I2: versions of each record are 1, 2, 3 … in the order of the chain, and the hub has the last
  const versions = new Map<string, number>();
  const tombstones = new Set<string>();
  for (const line of batches.flatMap((batch) => batch.lines)) {
    expect(line.version).toBe((versions.get(line.id) ?? 0) + 1);
    versions.set(line.id, line.version);
    if (line.op === 'D') tombstones.add(line.id);
    else tombstones.delete(line.id);
  }
  const atHub = await hub.database.pool.query<{ record_id: string; version: bigint }>(
    'select record_id, version from national.record',
  );
  const living = [...versions].filter(([id]) => !tombstones.has(id));
  expect(new Map(atHub.rows.map((row) => [row.record_id, Number(row.version)]))).toEqual(
    new Map(living),
  );
});

test('I1: a transaction open through three seals loses none of its rows and delays nobody else', async () => {
  await using pair = await openPair({ logLevel: 'error' });
  const { node, hub } = pair;
  await limitRecords(node, batchRecords);
  const before = person(16, pinOf(16), { more: { training: [{ institution: 'Trường cũ' }] } });
  await putRecords(node.database, [...tree, before]);
  await syncPair(pair);
  const slow = await node.database.pool.connect();
  const idsAtHub = async (): Promise<readonly string[]> => {
    const { rows } = await hub.database.pool.query<{ record_id: string }>(
      'select record_id from national.record where kind = 2 order by 1',
    );
    return rows.map((row) => row.record_id);
  };
  const slowIds = Array.from({ length: 120 }, (_, i) => recordId(10_000 + i));
  const quickIds: string[] = [recordId(16)];
  await slow.query('begin');
  for (const [i, id] of slowIds.entries()) {
    await slow.query('insert into profile.record (record_id, kind) values ($1, 2)', [id]);
    await slow.query(
      `insert into profile.identity (record_id, pin, full_name, birth_date, sex, ethnic_group)
       values ($1, $2, 'Người Chậm', '1970-02', '0', '01')`,
      [id, pinOf(10_000 + i)],
    );
    // forty rows before each of the three seals, so that their numbers in the log lie apart
    if (i % 40 !== 39) continue;
    await slow.query(`update profile.training set institution = 'Trường mới ${i}'`);
    for (let k = 0; k < 30; k++) {
      const n = 20_000 + i * 100 + k;
      quickIds.push(recordId(n));
      await putRecords(node.database, [person(n, pinOf(n))]);
    }
    await syncPair(pair);
    expect(await idsAtHub()).toEqual(quickIds.toSorted());
  }
  await slow.query('commit');
  slow.release();
  await syncPair(pair);
  await expectNothingRefused(hub);
  expect(await idsAtHub()).toEqual([...quickIds, ...slowIds].toSorted());
  const { rows } = await hub.database.pool.query('select institution from national.training');
  expect(rows).toEqual([{ institution: 'Trường mới 119' }]);
  await expectEqualSides(pair);
});
