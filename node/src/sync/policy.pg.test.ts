import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import {
  linesOf,
  manifestOf,
  openBatches,
  putRecords,
} from '../../../test/support/node-records.ts';
import {
  policyOf,
  shipped,
  tagOf,
  columnOf,
  heldBy,
  logged,
  school,
  relative,
  names,
  openSyncedPair,
  equal,
  type Pool,
} from '../../../test/support/policy-pair.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { policyStatus } from './policy-status.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { sealBatch } from './seal-batches.ts';
import { verifyState } from './verify.ts';

test('I14: a policy goes the whole way there and back, and all sides are equal after each', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  const plainNames = ['org_post', 'salary', 'training'];
  const atFirst = {
    plain: { org_post: 2, salary: 2, training: 2 },
    sealed: { org_post: 0, salary: 0, training: 0 },
  };
  expect(await heldBy(hub.database.pool, plainNames)).toEqual(atFirst);
  const narrow = policyOf({
    org_post: 'sealed',
    salary: 'sealed',
    training: 'unit',
    family_own: 'unit',
  });
  expect((await setPolicy(hub, narrow)).changes).toEqual([
    { section: 'org_post', from: 'national', to: 'sealed', rows: 2n, units: 1 },
    { section: 'salary', from: 'national', to: 'sealed', rows: 2n, units: 1 },
    { section: 'training', from: 'national', to: 'unit', rows: 2n, units: 1 },
    { section: 'family_own', from: 'sealed', to: 'unit', rows: 1n, units: 1 },
  ]);

  // the hub obeys at once, and the mirror follows with the page that brings the policy
  const none = {
    plain: { org_post: 0, salary: 0, training: 0 },
    sealed: { org_post: 0, salary: 0, training: 0 },
  };
  expect(await heldBy(hub.database.pool, plainNames)).toEqual(none);
  expect(await columnOf(hub.database.pool, 'select section from national.sealed')).toEqual([]);
  await pullFeed(node);
  expect(await heldBy(node.database.pool, plainNames)).toEqual(none);
  expect(await columnOf(node.database.pool, 'select section from national.sealed')).toEqual([]);
  expect(await policyStatus(node.database.db)).toEqual({
    policyVersion: '1',
    narrowed: { org_post: 'sealed', salary: 'sealed', training: 'unit', family_own: 'unit' },
  });
  // exactly the records that have rows in these sections
  expect(await logged(pair, names)).toEqual([
    '01 org_post',
    '03 family_own',
    '03 salary',
    '03 training',
    '04 salary',
  ]);
  expect(await verifyState(node)).toMatchObject({ comparable: false });

  expect(await syncPair(pair)).toBe(3);
  const sealed = {
    plain: { org_post: 0, salary: 0, training: 0 },
    sealed: { org_post: 1, salary: 2, training: 0 },
  };
  expect(await heldBy(hub.database.pool, plainNames)).toEqual(sealed);
  expect(await heldBy(node.database.pool, plainNames)).toEqual(sealed);
  expect(await verifyState(node)).toMatchObject(equal);
  const [first, second] = await openBatches(node.database);
  expect([first?.header.policyVersion, second?.header.policyVersion]).toEqual([0n, 1n]);
  expect(second && manifestOf(second).map(({ id, sections }) => [id.slice(-1), sections])).toEqual([
    ['1', `{${tagOf('org_post')}}`],
    ['3', `{${tagOf('salary')},${tagOf('training')},${tagOf('family_own')}}`],
    ['4', `{${tagOf('salary')}}`],
  ]);
  expect(second && linesOf(second.content, tagOf('training'))).toEqual([]);
  expect(first?.raw.includes(school)).toBe(true);
  for (const text of [school, relative, '4.74']) expect(second?.raw.includes(text)).toBe(false);

  // what changes now travels as the policy says, or not at all
  await node.database.pool.query(`update profile.training set institution = '${school} ba'
    where ordinal = 2`);
  await node.database.pool.query(`update profile.salary set step = 5`);
  await node.database.pool.query(`delete from profile.org_post`);
  await syncPair(pair);
  expect(await heldBy(hub.database.pool, plainNames)).toEqual({
    ...sealed,
    sealed: { org_post: 0, salary: 2, training: 0 },
  });
  expect(await verifyState(node)).toMatchObject(equal);

  const back = await setPolicy(hub, shipped);
  expect(back).toMatchObject({ version: 2n, stored: true, feeds: 1 });
  expect(back.changes.map(({ section, to, rows }) => [section, to, rows])).toEqual([
    ['org_post', 'national', 0n],
    ['salary', 'national', 0n],
    ['training', 'national', 0n],
    ['family_own', 'sealed', 0n],
  ]);
  // nothing is missing until the plain rows come
  expect(await heldBy(hub.database.pool, ['salary'])).toEqual({
    plain: { salary: 0 },
    sealed: { salary: 2 },
  });
  await pullFeed(node);
  await syncPair(pair);
  for (const side of [hub, node]) {
    expect(await heldBy(side.database.pool, plainNames)).toEqual({
      plain: { org_post: 0, salary: 2, training: 2 },
      sealed: { org_post: 0, salary: 0, training: 0 },
    });
    expect(await columnOf(side.database.pool, 'select section from national.sealed')).toEqual([
      tagOf('family_own'),
    ]);
  }
  expect(await verifyState(node)).toMatchObject(equal);
  expect(await policyStatus(node.database.db)).toEqual({ policyVersion: '2', narrowed: {} });
});

test('a batch sealed before the policy keeps its bytes, and nothing of it comes where it may not be', async () => {
  await using pair = await openSyncedPair();
  const { hub, node, server } = pair;
  await putRecords(node.database, [
    person(6, '001080000006', {
      more: { salary: [{ step: '2', coefficient: '4.40' }], training: [{ institution: school }] },
    }),
  ]);
  // a value that the checks would refuse is none of the hub's business any more
  await node.database.pool.query(
    `update profile.salary set rank_code = 'none' where record_id = '${recordId(6)}'`,
  );
  await sealAll(node);
  const content = (await openBatches(node.database)).at(-1)?.raw;
  expect(content?.includes(school)).toBe(true);
  await setPolicy(hub, policyOf({ salary: 'sealed', training: 'unit' }));
  await pushBatches(node);
  await server.settled();
  const held = { plain: { salary: 0, training: 0 }, sealed: { salary: 0, training: 0 } };
  expect(await heldBy(hub.database.pool, ['salary', 'training'])).toEqual(held);
  expect(await columnOf(hub.database.pool, 'select agency from sync.held_record')).toEqual([]);
  expect(
    await columnOf(
      hub.database.pool,
      `select records_accepted from sync.inbox order by seq desc limit 1`,
    ),
  ).toEqual([1]);
  // what was signed is kept as it came
  const newest = 'order by seq desc limit 1';
  expect(await columnOf(hub.database.pool, `select content from sync.inbox ${newest}`)).toEqual(
    await columnOf(node.database.pool, `select content from sync.outbox_batch ${newest}`),
  );
  await pullFeed(node);
  await syncPair(pair);
  expect(await heldBy(hub.database.pool, ['salary', 'training'])).toEqual({
    plain: { salary: 0, training: 0 },
    sealed: { salary: 3, training: 0 },
  });
  expect(await verifyState(node)).toMatchObject(equal);
});

test('a payload that comes after its section was set back is not stored, and the rows come again', async () => {
  await using pair = await openSyncedPair();
  const { hub, node, server } = pair;
  await setPolicy(hub, policyOf({ salary: 'sealed' }));
  await pullFeed(node);
  await sealAll(node);
  await setPolicy(hub, shipped);
  await pushBatches(node);
  await server.settled();
  expect(await heldBy(hub.database.pool, ['salary'])).toEqual({
    plain: { salary: 0 },
    sealed: { salary: 0 },
  });
  await pullFeed(node);
  await syncPair(pair);
  expect(await heldBy(hub.database.pool, ['salary'])).toEqual({
    plain: { salary: 2 },
    sealed: { salary: 0 },
  });
  expect(await verifyState(node)).toMatchObject(equal);
});

test('two policies on one page are taken in turn: what the hub removed for the first comes again', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ salary: 'unit' }));
  await setPolicy(hub, policyOf({ training: 'sealed' }));
  await pullFeed(node);
  expect(await policyStatus(node.database.db)).toEqual({
    policyVersion: '2',
    narrowed: { training: 'sealed' },
  });
  expect(await logged(pair, names)).toEqual(['03 salary', '03 training', '04 salary']);
  await syncPair(pair);
  expect(await heldBy(hub.database.pool, ['salary', 'training'])).toEqual({
    plain: { salary: 2, training: 0 },
    sealed: { salary: 0, training: 1 },
  });
  expect(await verifyState(node)).toMatchObject(equal);
});

test('a seal under way is over before a policy is taken, and what it took is sent again', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ salary: 'sealed' }));
  await putRecords(node.database, [
    person(6, '001080000006', { more: { salary: [{ step: '2', coefficient: '4.40' }] } }),
  ]);
  const holder = await node.database.pool.connect();
  await holder.query('begin; lock table sync.outbox_batch in share mode');
  const sealing = sealBatch(node);
  await untilWaiting(node.database.pool, 1);
  const pulling = pullFeed(node);
  await untilWaiting(node.database.pool, 2);
  await holder.query('commit');
  holder.release();
  expect((await sealing)?.records).toBe(1);
  await pulling;
  const batch = (await openBatches(node.database)).at(-1);
  expect(batch?.header.policyVersion).toBe(0n);
  expect(await logged(pair, names)).toEqual(['03 salary', '04 salary', '06 salary']);
  await syncPair(pair);
  expect(await heldBy(hub.database.pool, ['salary'])).toEqual({
    plain: { salary: 0 },
    sealed: { salary: 3 },
  });
  expect(await verifyState(node)).toMatchObject(equal);
});

async function untilWaiting(pool: Pool, connections: number): Promise<void> {
  const waiting = `select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await columnOf(pool, waiting)).length < connections) await sleep(5);
}

test('rows in a form that the policy does not allow are a difference', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ salary: 'sealed', training: 'unit' }));
  await pullFeed(node);
  await syncPair(pair);
  expect(await verifyState(node)).toMatchObject(equal);
  await hub.database.pool
    .query(`insert into national.training (record_id, ordinal, agency, institution)
    values ('${recordId(3)}', 1, 'H52', '${school}')`);
  expect(await verifyState(node)).toMatchObject({ hubEqualsNode: false, mirrorEqualsHub: false });
  await hub.database.pool.query('delete from national.training');
  await hub.database.pool.query(`insert into national.salary (record_id, agency, step)
    values ('${recordId(3)}', 'H52', 1)`);
  expect(await verifyState(node)).toMatchObject({ mirrorEqualsHub: false });
});
