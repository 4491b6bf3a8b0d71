import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { releaseUnit } from '../../../hub/src/db/units.ts';
import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import { breakingDatabase } from '../../../test/support/breaking-database.ts';
import { type HubServer, openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { live, queryNode } from '../../../test/support/restored-hub.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import {
  type NodePlace,
  openNodePlace,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { listRemoved, readRemoved } from '../db/removed-records.ts';
import { pullFeed } from './pull-feed.ts';
import { removePerson, restorePerson } from './record-life.ts';
import { rejoin, type RejoinResult } from './rejoin.ts';
import { ensureHello } from './say-hello.ts';
import { verifyState } from './verify.ts';

const family = { full_name: 'Người Nhà Thử', relationship: '01' };

const rename = (node: TestNode, n: number, name: string): Promise<unknown> =>
  node.database.pool.query('update profile.identity set full_name = $2 where record_id = $1', [
    recordId(n),
    name,
  ]);

const nameOf = async (node: TestNode, n: number): Promise<unknown> =>
  (
    await queryNode(
      node,
      `select full_name from profile.identity where record_id = '${recordId(n)}'`,
    )
  )[0];

/** After everything is sent and has come back. */
async function expectEqual(server: HubServer, node: TestNode): Promise<void> {
  await syncPair({ node, server });
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: true,
    mirrorEqualsHub: true,
  });
  expect(server.faults).toEqual([]);
}

const counts = (result: RejoinResult): readonly number[] => [
  result.batchesFetched,
  result.batchesAbandoned,
  result.recordsRestored,
  result.recordsDeleted,
  result.recordsLocal,
];

/** A unit that was backed up after its first batch and then had three more. */
async function openRestored(): Promise<
  AsyncDisposable & {
    readonly server: HubServer;
    readonly place: NodePlace;
    readonly backup: NodePlace;
  }
> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await openHubServer());
  const place = stack.use(await openNodePlace('H52'));
  await live(server, place, async (node) => {
    await putRecords(node.database, [
      ...tree,
      person(16, pinOf(16), { more: { family_own: [family] } }),
      person(17, pinOf(17)),
      person(18, pinOf(18)),
    ]);
  });
  const backup = stack.use(await openNodePlace('H52', { copyOf: place }));
  await live(server, place, async (node) => {
    await rename(node, 16, 'Tên Mới Một');
    await putRecords(node.database, [
      person(19, pinOf(19), { more: { family_own: [family, { ...family, relationship: '02' }] } }),
    ]);
  });
  await live(server, place, async (node) => {
    await rename(node, 16, 'Tên Mới Hai');
    await node.database.pool.query(`delete from profile.record where record_id = $1`, [
      recordId(17),
    ]);
  });
  await live(server, place, async (node) => {
    await node.database.pool.query(
      `update profile.family_own set full_name = 'Người Nhà Khác' where record_id = $1`,
      [recordId(16)],
    );
  });
  const open = stack.move();
  return { server, place, backup, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

test('I6: a restored node takes back what the hub has, sealed sections and deletions included', async () => {
  await using world = await openRestored();
  const { server, backup } = world;
  await using node = await startNode(server, backup);
  await expect(sealAll(node)).rejects.toMatchObject({ code: 'NODE_BEHIND' });
  await expect(rejoin(node, { dryRun: false })).rejects.toMatchObject({
    code: 'NODE_REJOIN_REFUSED',
  });
  expect(await releaseUnit(server.hub.database.db, 'H52')).toBe('active');
  const before = await queryNode(node, 'select count(*) from sync.outbox_batch');
  const foreseen = await rejoin(node, { dryRun: true });
  expect(await queryNode(node, 'select count(*) from sync.outbox_batch')).toEqual(before);
  expect(counts(foreseen)).toEqual([3, 0, 2, 1, 0]);
  expect(await rejoin(node, { dryRun: false })).toEqual(foreseen);
  expect(foreseen).toMatchObject({ unitSectionsAsInBackup: 1, unitSectionsMissing: 1 });
  expect(await nameOf(node, 16)).toEqual({ full_name: 'Tên Mới Hai' });
  expect(
    await queryNode(node, 'select record_id, full_name from profile.family_own order by 1, 2'),
  ).toEqual([
    { record_id: recordId(16), full_name: 'Người Nhà Khác' },
    { record_id: recordId(19), full_name: family.full_name },
    { record_id: recordId(19), full_name: family.full_name },
  ]);
  // nothing of it counts as a change made here
  expect(await queryNode(node, 'select from sync.change_log')).toEqual([]);
  await expectEqual(server, node);
  // and the next change is the next version
  await rename(node, 16, 'Tên Mới Ba');
  await expectEqual(server, node);
  expect(await rejoin(node, { dryRun: false })).toMatchObject({ needed: false });
});

test('what a rejoin takes out is kept as every removed record is, and what it brings back is none any more', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  const by = 'Một';
  await live(server, place, async ({ database }) => {
    await putRecords(database, [...tree, person(17, pinOf(17)), person(18, pinOf(18))]);
  });
  await live(server, place, async ({ database }) => {
    await removePerson(database, { record: recordId(18), by, reason: 'ghi nhầm' });
  });
  await using backup = await openNodePlace('H52', { copyOf: place });
  await live(server, place, async ({ database }) => {
    await restorePerson(database, { recordId: recordId(18), by });
    await removePerson(database, { record: recordId(17), by, reason: 'ghi nhầm' });
  });
  await using node = await startNode(server, backup);
  await releaseUnit(server.hub.database.db, 'H52');
  await rejoin(node, { dryRun: false });
  const removed = await listRemoved(node.database.db, { limit: 10 });
  expect(removed).toMatchObject([{ recordId: recordId(17), removedBy: 'rejoin', source: null }]);
  const { sections } = (await readRemoved(node.database.db, recordId(17))) ?? {};
  expect(sections).toMatchObject({ identity: [{ pin: pinOf(17) }] });
  await removePerson(node.database, { record: recordId(18), by, reason: 'ghi nhầm' });
});

test('what was changed here since the restore wins, and is sealed behind what comes back', async () => {
  await using world = await openRestored();
  const { server, backup } = world;
  await using node = await startNode(server, backup);
  await rename(node, 16, 'Sửa Sau Phục Hồi');
  await putRecords(node.database, [person(20, pinOf(20))]);
  await node.database.pool.query(`delete from profile.record where record_id = $1`, [recordId(18)]);
  // a change here of what the other life deleted
  await rename(node, 17, 'Vẫn Còn Đây');
  await releaseUnit(server.hub.database.db, 'H52');
  expect(counts(await rejoin(node, { dryRun: false }))).toEqual([3, 0, 2, 0, 2]);
  expect(await nameOf(node, 16)).toEqual({ full_name: 'Sửa Sau Phục Hồi' });
  expect(
    await queryNode(
      node,
      `select full_name from profile.family_own where record_id = '${recordId(16)}'`,
    ),
  ).toEqual([{ full_name: 'Người Nhà Khác' }]);
  await expectEqual(server, node);
  expect(
    await rowsOf(
      server.hub,
      'select record_id, version from national.record where kind = 2 order by 1',
    ),
  ).toEqual([
    [recordId(16), 5n],
    [recordId(17), 3n],
    [recordId(19), 1n],
    [recordId(20), 1n],
  ]);
});

test('what was changed before the backup and sealed after it is not taken for a change made since', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await live(server, place, (node) =>
    putRecords(node.database, [...tree, person(16, pinOf(16)), person(17, pinOf(17))]),
  );
  {
    await using node = await startNode(server, place);
    await rename(node, 16, 'Chưa Gửi');
    await putRecords(node.database, [person(18, pinOf(18))]);
  }
  await using backup = await openNodePlace('H52', { copyOf: place });
  await live(server, place, async () => undefined);
  await live(server, place, async (node) => {
    await rename(node, 16, 'Gửi Sau');
    await rename(node, 18, 'Gửi Sau Nữa');
  });
  await using node = await startNode(server, backup);
  await releaseUnit(server.hub.database.db, 'H52');
  expect(counts(await rejoin(node, { dryRun: false }))).toEqual([2, 0, 2, 0, 0]);
  expect(await nameOf(node, 16)).toEqual({ full_name: 'Gửi Sau' });
  expect(await nameOf(node, 18)).toEqual({ full_name: 'Gửi Sau Nữa' });
  expect(await queryNode(node, 'select from sync.change_log')).toEqual([]);
  await expectEqual(server, node);
});

test('I3: the loser of a clone rejoins after a release, and its own batches are sealed anew behind', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await live(server, place, (node) =>
    putRecords(node.database, [...tree, person(16, pinOf(16)), person(17, pinOf(17))]),
  );
  await using copy = await openNodePlace('H52', { copyOf: place });
  {
    // the loser seals before it is cut off, and never gets to push
    await using loser = await startNode(server, copy);
    await ensureHello(loser);
    // the same record in two of its batches: it has the version of before the first one again
    for (const name of ['Của Máy', 'Của Máy Thua']) {
      await rename(loser, 16, name);
      await sealAll(loser);
    }
    await putRecords(loser.database, [person(18, pinOf(18))]);
    await sealAll(loser);
    await loser.database.pool.query(`delete from profile.record where record_id = $1`, [
      recordId(17),
    ]);
    await sealAll(loser);
  }
  await using winner = await startNode(server, place);
  await expect(ensureHello(winner)).rejects.toMatchObject({ code: 'NODE_CLONED' });
  await releaseUnit(server.hub.database.db, 'H52');
  await putRecords(winner.database, [person(19, pinOf(19))]);
  await winner.database.pool.query(
    `update profile.identity set religion = '02' where record_id = $1`,
    [recordId(17)],
  );
  await syncPair({ node: winner, server });

  await using loser = await startNode(server, copy);
  // its chain is longer than the hub's, so only it can see that the two part below
  await expect(ensureHello(loser)).rejects.toMatchObject({ code: 'NODE_CLONED' });
  await releaseUnit(server.hub.database.db, 'H52');
  await expect(ensureHello(loser)).rejects.toMatchObject({ code: 'NODE_FORKED' });
  const result = await rejoin(loser, { dryRun: false });
  expect(result).toMatchObject({ common: 1n, recordsAbandoned: 3 });
  expect(counts(result)).toEqual([1, 4, 1, 0, 1]);
  expect(await queryNode(loser, 'select count(*) from sync.abandoned_batch')).toEqual([
    { count: 4n },
  ]);
  await expectEqual(server, loser);
  expect(await nameOf(loser, 16)).toEqual({ full_name: 'Của Máy Thua' });
  expect(
    await rowsOf(
      server.hub,
      'select record_id, version from national.record where kind = 2 order by 1',
    ),
  ).toEqual([
    [recordId(16), 2n],
    [recordId(18), 1n],
    [recordId(19), 1n],
  ]);
  // the machine that rejoined is the unit now
  await using late = await startNode(server, place);
  await expect(ensureHello(late)).rejects.toMatchObject({ code: 'NODE_BEHIND' });
});

test('a machine with the same number of other batches is refused again and again, and frozen once', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await live(server, place, (node) => putRecords(node.database, tree));
  await using copy = await openNodePlace('H52', { copyOf: place });
  {
    await using loser = await startNode(server, copy);
    await putRecords(loser.database, [person(16, pinOf(16))]);
    await sealAll(loser);
  }
  await releaseUnit(server.hub.database.db, 'H52');
  await live(server, place, (node) => putRecords(node.database, [person(17, pinOf(17))]));
  await using loser = await startNode(server, copy);
  const status = 'select status, frozen_reason from registry.unit';
  await expect(ensureHello(loser)).rejects.toMatchObject({ code: 'NODE_FORKED' });
  expect(await rowsOf(server.hub, status)).toEqual([['frozen', 'FORKED']]);
  await releaseUnit(server.hub.database.db, 'H52');
  await expect(ensureHello(loser)).rejects.toMatchObject({ code: 'NODE_FORKED' });
  expect(await rowsOf(server.hub, status)).toEqual([['active', null]]);
  expect(counts(await rejoin(loser, { dryRun: false }))).toEqual([1, 1, 1, 0, 0]);
  await expectEqual(server, loser);
});

test('a rejoin that loses its connection before or after any statement goes on when run again', async () => {
  await using world = await openRestored();
  const { server, backup } = world;
  await using node = await startNode(server, backup);
  await rename(node, 16, 'Sửa Sau Phục Hồi');
  await releaseUnit(server.hub.database.db, 'H52');
  let broken = 0;
  // every 23rd, so that breaks fall into each of the steps; each attempt keeps what it has finished
  for (let statement = 1; ; statement += 23) {
    for (const when of ['before', 'after'] as const) {
      const database = breakingDatabase(node.database, { statement, when });
      const outcome = await rejoin({ ...node, database }, { dryRun: false }).catch(() => undefined);
      if (outcome === undefined) broken += 1;
    }
    if (!(await rejoin(node, { dryRun: true })).needed) break;
  }
  expect(broken).toBeGreaterThan(4);
  expect(await nameOf(node, 16)).toEqual({ full_name: 'Sửa Sau Phục Hồi' });
  node.session.ready = false;
  await pullFeed(node);
  await expectEqual(server, node);
});

test('an archived batch with a flipped byte is not taken over', async () => {
  await using world = await openRestored();
  const { server, backup } = world;
  await using node = await startNode(server, backup);
  await releaseUnit(server.hub.database.db, 'H52');
  await server.hub.database.pool.query(
    `update sync.inbox set content = set_byte(content, 40, get_byte(content, 40) # 1) where seq = 3`,
  );
  await expect(rejoin(node, { dryRun: false })).rejects.toMatchObject({
    code: 'NODE_HUB_UNTRUSTED',
    message: expect.stringContaining('batch 3'),
  });
  // what came before it is there, and nothing of it
  expect(await queryNode(node, 'select head_seq from sync.chain')).toEqual([{ head_seq: 2n }]);
});

test('an archive that does not end where the hub says that it does is taken for none, and nothing is sealed', async () => {
  await using world = await openRestored();
  const { server, backup } = world;
  await using node = await startNode(server, backup);
  await releaseUnit(server.hub.database.db, 'H52');
  await server.hub.database.pool.query(`update registry.unit set head_hash = sha256('another')`);
  await expect(rejoin(node, { dryRun: false })).rejects.toMatchObject({
    code: 'NODE_HUB_UNTRUSTED',
    message: expect.stringContaining('the archive has another end'),
  });
  expect(node.session.ready).toBe(false);
});

test('a section that a policy kept at the unit since the backup is not emptied here', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  const training = [{ institution: 'Trường giả định' }];
  await live(server, place, (node) =>
    putRecords(node.database, [...tree, person(16, pinOf(16), { more: { training: training } })]),
  );
  await using backup = await openNodePlace('H52', { copyOf: place });
  await setPolicy(server.hub, new Map([[sectionNamed('training').tag, 'unit']]));
  await live(server, place, async (node) => {
    await pullFeed(node);
    await rename(node, 16, 'Tên Mới');
  });
  expect(await rowsOf(server.hub, 'select count(*) from national.training')).toEqual([[0n]]);
  await using node = await startNode(server, backup);
  await releaseUnit(server.hub.database.db, 'H52');
  expect(counts(await rejoin(node, { dryRun: false }))).toEqual([1, 0, 1, 0, 0]);
  expect(await nameOf(node, 16)).toEqual({ full_name: 'Tên Mới' });
  expect(await queryNode(node, 'select institution from profile.training')).toEqual(training);
  // the policy comes down with the first pull, and puts into the log what it concerns
  await syncPair({ node, server });
  await expectEqual(server, node);
  expect(await queryNode(node, 'select institution from profile.training')).toEqual(training);
});
