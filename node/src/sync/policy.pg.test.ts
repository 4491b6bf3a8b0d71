import { setTimeout as sleep } from 'node:timers/promises';

import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import type { ReachTable } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { createSigningKeyPair, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { policy, policyBody } from '@lienthong/shared-schema/wire/messages.ts';
import { reachesToWire } from '@lienthong/shared-schema/wire/policy-reaches.ts';
import { expect, test } from 'vitest';

import { appendToEveryFeed } from '../../../hub/src/db/feed.ts';
import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import {
  linesOf,
  manifestOf,
  openBatches,
  putRecords,
  tree,
} from '../../../test/support/node-records.ts';
import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { readFeedPosition } from '../db/feed-position.ts';
import { policyStatus } from './policy-status.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { sealBatch } from './seal-batches.ts';
import { verifyState } from './verify.ts';

const policyOf = (reaches: Readonly<Record<string, Reach>>): ReachTable =>
  new Map(Object.entries(reaches).map(([name, reach]) => [sectionNamed(name).tag, reach]));
const shipped = policyOf({});
const tagOf = (name: string): number => sectionNamed(name).tag;

type Pool = Pair['node']['database']['pool'];

async function columnOf(pool: Pool, query: string): Promise<readonly unknown[]> {
  const { rows } = await pool.query<unknown[]>({ text: query, rowMode: 'array' });
  return rows.map(([value]) => value);
}

/** Rows in plain text of each section named, and payloads by section: what a hub or mirror holds. */
async function heldBy(pool: Pool, names: readonly string[]): Promise<object> {
  const plain: Record<string, unknown> = {};
  for (const name of names) {
    [plain[name]] = await columnOf(pool, `select count(*)::integer from national.${name}`);
  }
  const { rows } = await pool.query<{ section: number; payloads: number }>(
    `select section, count(*)::integer as payloads from national.sealed group by section`,
  );
  const sealed = Object.fromEntries(
    names.map((name) => [name, rows.find((row) => row.section === tagOf(name))?.payloads ?? 0]),
  );
  return { plain, sealed };
}

/** What waits to be sealed: last digits of the record and the name of the section. */
async function logged({ node }: Pair, names: readonly string[]): Promise<readonly unknown[]> {
  const name = `case section ${names.map((one) => `when ${tagOf(one)} then '${one}'`).join(' ')} end`;
  return columnOf(
    node.database.pool,
    `select distinct right(record_id::text, 2) || ' ' || coalesce(${name}, section::text) as entry
     from sync.change_log order by entry`,
  );
}

const school = 'Trường giả định';
const relative = 'Người thân giả định';
const names = ['org_post', 'salary', 'training', 'family_own'];

/** Two people with a salary, one of them with two trainings and a relative, a third with nothing. */
async function openSyncedPair(): Promise<Pair> {
  const pair = await openPair();
  const { database } = pair.node;
  await putRecords(database, [
    ...tree,
    person(3, '001080000003', {
      more: {
        salary: [{ step: '2', coefficient: '4.40' }],
        training: [{ institution: school }, { institution: `${school} hai` }],
        family_own: [{ relationship: '1', full_name: relative }],
      },
    }),
    person(4, '001080000004', { more: { salary: [{ step: '3', coefficient: '4.74' }] } }),
    person(5, '001080000005'),
  ]);
  await database.pool.query(
    `insert into profile.org_post (record_id, ordinal, year, post_kind, assigned)
     values ('${recordId(1)}', 1, 2026, '1', 40), ('${recordId(1)}', 2, 2026, '2', 20)`,
  );
  await syncPair(pair);
  return pair;
}

const equal = { comparable: true, hubEqualsNode: true, mirrorEqualsHub: true, differing: [] };

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

type Crafted = {
  readonly version?: bigint;
  readonly audience?: Buffer;
  readonly reaches?: ReachTable;
  readonly forged?: boolean;
};

/** A policy as the hub, or somebody else, might put it on the feed. */
async function craft({ hub }: Pair, crafted: Crafted): Promise<void> {
  const {
    version = 2n,
    audience = hub.audience,
    reaches = policyOf({ training: 'unit' }),
  } = crafted;
  const body = policyBody.encode({
    hubIncarnation: 1n,
    version,
    audience,
    reaches: reachesToWire(reaches),
    asOf: '2026-09-01',
  });
  const key = crafted.forged === true ? createSigningKeyPair().privateKey : hub.signingKey;
  const signature = signBytes(key, domains.policy, body);
  await appendToEveryFeed(hub.database.db, {
    kind: 'policy',
    body: policy.encode({ body, signature }),
  });
}

test.each<readonly [string, Crafted]>([
  ['that the hub did not sign', { forged: true }],
  ['of another hub', { audience: Buffer.alloc(32, 7) }],
  ['of the version in force and other bytes', { version: 1n }],
  ['that narrows a head section', { reaches: policyOf({ identity: 'unit' }) }],
])('a policy %s is refused, and nothing of its page is taken', async (_, crafted) => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ salary: 'sealed' }));
  await pullFeed(node);
  await syncPair(pair);
  const { cursor } = await readFeedPosition(node.database.db);
  await craft(pair, crafted);
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  expect((await readFeedPosition(node.database.db)).cursor).toBe(cursor);
  expect(await policyStatus(node.database.db)).toEqual({
    policyVersion: '1',
    narrowed: { salary: 'sealed' },
  });
  expect(await logged(pair, names)).toEqual([]);
});

test('an older policy, and the one in force again, change nothing', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ training: 'unit' }));
  await setPolicy(hub, policyOf({ salary: 'sealed' }));
  await pullFeed(node);
  await syncPair(pair);
  await craft(pair, { version: 1n, reaches: policyOf({ training: 'sealed' }) });
  await hub.database.pool.query(`with moved as (
      update registry.unit set feed_head = feed_head + 1 returning agency, feed_head)
    insert into sync.feed_entry (agency, position, kind, body)
    select m.agency, m.feed_head, 'policy', e.body from moved m
    join sync.feed_entry e on e.agency = m.agency and e.position = (
      select position from sync.feed_entry where kind = 'policy'
      order by position desc limit 1 offset 1)`);
  await pullFeed(node);
  expect(await policyStatus(node.database.db)).toEqual({
    policyVersion: '2',
    narrowed: { salary: 'sealed' },
  });
  expect(await logged(pair, names)).toEqual([]);
  expect(await verifyState(node)).toMatchObject(equal);
});

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
