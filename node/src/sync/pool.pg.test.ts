/**
 * Few connections to the database: whoever holds one and needs a second would wait for somebody who
 * waits for it. Only what has the lock of the hello does so (a hello, a rejoin, a bundle), and the jobs
 * of a process share one hello; so two are enough for any number of jobs at once.
 */
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';
import { synchronise } from './synchronise.ts';
import { verifyState } from './verify.ts';

test('I15: with two connections to the database a node seals, sends, fetches, reports and verifies', async () => {
  await using pair = await openPair();
  await putRecords(pair.node.database, [...tree, person(16, '001080000016')]);
  await using database = openDatabase(pair.place.url, { max: 2, applicationName: 'tight node' });
  const node = { ...pair.node, database };
  expect(await synchronise(node, { proofTimeoutMs: 20_000 })).toMatchObject({ recordsSealed: 3 });
  expect(await verifyState(node)).toMatchObject({ comparable: true });
});

test('with two connections many jobs that begin at once greet the hub once, and all end', async () => {
  await using pair = await openPair();
  await using database = openDatabase(pair.place.url, { max: 2, applicationName: 'tight node' });
  const node = { ...pair.node, database };
  await Promise.all([
    ...[1, 2, 3, 4, 5, 6].map(() => ensureHello(node)),
    ...[1, 2].map(() => pushBatches(node)),
    ...[1, 2].map(() => pullFeed(node)),
  ]);
  const { rows } = await pair.hub.database.pool.query('select epoch from registry.unit');
  expect(rows).toEqual([{ epoch: 1n }]);
});
