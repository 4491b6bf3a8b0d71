/** A hub that is restored from a backup, as its nodes meet it. */
import { expect, test } from 'vitest';

import { revokeUnit } from '../../../hub/src/sync/enrol-node.ts';
import { finishRaise, keepWitness, startHub } from '../../../hub/src/sync/hub-start.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { verifyArchive } from '../../../hub/src/sync/verify-archive.ts';
import { backupOf } from '../../../test/support/backup.ts';
import { breakingDatabase } from '../../../test/support/breaking-database.ts';
import type { TestDatabase } from '../../../test/support/database.ts';
import { type HubServer, openHubServer } from '../../../test/support/hub-server.ts';
import { openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import {
  type NodePlace,
  openNodePlace,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { limitRecords, sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { readLink } from '../db/link.ts';
import { storeReceipt } from '../db/outbox.ts';
import { dropSafeContent } from '../db/reingest.ts';
import type { HubLink } from '../link/hub-link.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';
import { verifyState } from './verify.ts';

const query = async (node: TestNode, text: string): Promise<readonly unknown[]> =>
  (await node.database.pool.query(text)).rows;

/** One life of a machine: work, and everything sent. */
async function live(
  server: HubServer,
  place: NodePlace,
  act: (node: TestNode) => Promise<void>,
): Promise<void> {
  await using node = await startNode(server, place);
  await act(node);
  await syncPair({ node, server });
}

async function expectEqual(server: HubServer, node: TestNode): Promise<void> {
  await syncPair({ node, server });
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: true,
    mirrorEqualsHub: true,
  });
  expect(server.faults).toEqual([]);
}

type World = AsyncDisposable & {
  readonly server: HubServer;
  readonly h52: NodePlace;
  readonly g09: NodePlace;
  readonly backup: TestDatabase;
};

/** Two units with a batch each; a backup of the hub; then three more batches of one, one of the other. */
async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await openHubServer());
  const h52 = stack.use(await openNodePlace('H52'));
  const g09 = stack.use(await openNodePlace('G09'));
  await startHub(server.hub);
  await live(server, h52, (node) =>
    putRecords(node.database, [...tree, person(16, pinOf(16)), person(17, pinOf(17))]),
  );
  await live(server, g09, (node) => putRecords(node.database, [orgUnit(101, 'G09')]));
  await makeCheckpoint(server.hub, '2026-11-01');
  for (const place of [h52, g09]) await live(server, place, async () => undefined);
  const backup = stack.use(await backupOf(server.hub.url));
  await live(server, h52, (node) => putRecords(node.database, [person(18, pinOf(18))]));
  await live(server, h52, async (node) => {
    await node.database.pool.query(`delete from profile.record where record_id = $1`, [
      recordId(17),
    ]);
  });
  await makeCheckpoint(server.hub, '2026-11-02');
  await live(server, h52, (node) => putRecords(node.database, [person(19, pinOf(19))]));
  await live(server, g09, (node) =>
    putRecords(node.database, [orgUnit(102, 'G09.01', { parent: 'G09' })]),
  );
  await keepWitness(server.hub);
  const open = stack.move();
  return { server, h52, g09, backup, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** The hub's programs over the backup, with the files that outlived the database. */
function openRestored(world: World, incarnation = 1n): Promise<HubServer> {
  const { dataDirectory } = world.server.hub;
  return openHubServer({ url: world.backup.url, dataDirectory, incarnation });
}

test('I3, I6: after the raise every node sends what the restored hub lost, the same bytes, and all sides are equal', async () => {
  await using world = await openWorld();
  const { server, h52, g09 } = world;
  const lost = await rowsOf(
    server.hub,
    'select agency, seq, header_hash from sync.inbox order by agency, seq',
  );
  {
    await using restored = await openRestored(world);
    expect(await startHub(restored.hub)).toContain('checkpoint 2 is not there');
    const raise = await raiseIncarnation(restored.hub);
    expect([raise.from, raise.to]).toEqual([1n, 2n]);
    expect(raise.units.map(({ agency, missing }) => [agency, missing])).toEqual([
      ['G09', 1n],
      ['H52', 3n],
    ]);
  }
  await using raised = await openRestored(world, 2n);
  expect(await startHub(raised.hub)).toBeUndefined();
  await makeCheckpoint(raised.hub, '2026-11-03');
  for (const place of [h52, g09]) {
    await using node = await startNode(raised, place);
    const bytes = await openBatches(node.database);
    await putRecords(
      node.database,
      place === h52 ? [person(20, pinOf(20))] : [orgUnit(103, 'G09.02', { parent: 'G09' })],
    );
    await expectEqual(raised, node);
    expect((await openBatches(node.database)).slice(0, bytes.length)).toEqual(bytes);
    expect((await readLink(node.database.db))?.hubIncarnation).toBe(2n);
    expect(node.logged()).toContain('the hub was restored');
    expect(await verifyArchive(raised.hub, place.agency)).toMatchObject({ faults: [] });
    // the lost branch of checkpoints stays as evidence, and the new one goes on from what was kept
    expect(
      await query(node, 'select hub_incarnation, number from sync.checkpoint order by 1, 2'),
    ).toEqual([
      { hub_incarnation: 1n, number: 1n },
      { hub_incarnation: 1n, number: 2n },
      { hub_incarnation: 2n, number: 2n },
    ]);
  }
  const again = await rowsOf(
    raised.hub,
    `select agency, seq, header_hash from sync.inbox
     where (agency, seq) not in (('H52', 5), ('G09', 3)) order by agency, seq`,
  );
  expect(again).toEqual(lost);
  await using node = await startNode(raised, h52);
  expect(await query(node, 'select seq from sync.void_receipt order by seq')).toEqual([
    { seq: 2n },
    { seq: 3n },
    { seq: 4n },
  ]);
});

test('I6: a restored hub whose raise was forgotten is found by its files, and by every node', async () => {
  await using world = await openWorld();
  await using restored = await openRestored(world);
  expect(await startHub(restored.hub)).toBeDefined();
  await expect(keepWitness(restored.hub)).rejects.toMatchObject({ code: 'HUB_RESTORED' });
  // served all the same, as by files that were lost as well
  await using node = await startNode(restored, world.h52);
  await putRecords(node.database, [person(20, pinOf(20))]);
  await expect(sealAll(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
  expect(restored.hub.logged()).toContain('run hub incarnation raise');
  expect(
    await rowsOf(restored.hub, `select status, head_seq from registry.unit where agency = 'H52'`),
  ).toEqual([['active', 1n]]);
});

test('what was revoked after the backup stays revoked, and what was enrolled after it must enrol again', async () => {
  await using world = await openWorld();
  const { server, g09, h52 } = world;
  expect(await revokeUnit(server.hub, 'G09')).toBe(1);
  await using restored = await openRestored(world);
  await startHub(restored.hub);
  const status = `select u.status, c.status from registry.unit u
    join registry.certificate c using (agency) where agency = 'G09'`;
  expect(await rowsOf(restored.hub, status)).toEqual([['revoked', 'revoked']]);
  await raiseIncarnation(restored.hub);
  await using raised = await openRestored(world, 2n);
  await startHub(raised.hub);
  await using node = await startNode(raised, g09);
  await expect(ensureHello(node)).rejects.toMatchObject({
    message: expect.stringContaining('HUB_CERTIFICATE_UNKNOWN'),
  });
  await using other = await startNode(raised, h52);
  await raised.hub.database.pool.query(`delete from registry.certificate where agency = 'H52'`);
  await expect(ensureHello(other)).rejects.toMatchObject({
    message: expect.stringContaining('new invitation'),
  });
});

test('I6: a node and the hub both restored: what was safe is there, and what was not comes from who has it', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  // everything up to the backup was found in it: that is safe, and the node drops its copy
  await server.hub.database.pool.query(`update registry.unit set safe_seq = 1`);
  await live(server, h52, async (node) => {
    await putRecords(node.database, [person(21, pinOf(21))]);
  });
  {
    await using node = await startNode(server, h52);
    await pullFeed(node);
    expect(await dropSafeContent(node.database.db)).toBe(1);
  }
  await using nodeBackup = await openNodePlace('H52', { copyOf: h52 });
  await live(server, h52, (node) => putRecords(node.database, [person(22, pinOf(22))]));
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openRestored(world, 2n);
  await using node = await startNode(raised, nodeBackup);
  await expectEqual(raised, node);
  expect(
    await rowsOf(
      raised.hub,
      `select record_id from national.record where agency = 'H52' and kind = 2 order by 1`,
    ),
  ).toEqual([16, 18, 19, 21].map((n) => [recordId(n)]));
});

test('a hub restored to before what it had called safe is told which batch it must have', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  await server.hub.database.pool.query(
    `update registry.unit set safe_seq = 3 where agency = 'H52'`,
  );
  {
    await using node = await startNode(server, h52);
    await pullFeed(node);
    expect(await dropSafeContent(node.database.db)).toBe(3);
  }
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openRestored(world, 2n);
  await using node = await startNode(raised, h52);
  await expect(ensureHello(node)).rejects.toMatchObject({
    code: 'NODE_HUB_LOST_SAFE',
    message: expect.stringContaining('batch 3'),
  });
  await expect(
    node.database.pool.query('update sync.outbox_batch set receipted_at = null where seq = 2'),
  ).rejects.toMatchObject({ constraint: 'outbox_batch_content_check' });
});

test('the mirror is whole while it is made anew, and an interruption anywhere goes on', async () => {
  await using world = await openWorld();
  const { h52 } = world;
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openRestored(world, 2n);
  await using node = await startNode(raised, h52);
  const mirrored = 'select record_id from national.record order by 1';
  const before = await query(node, mirrored);
  await ensureHello(node);
  expect(await query(node, 'select cursor, rebuilding from sync.feed_position')).toEqual([
    { cursor: 0n, rebuilding: true },
  ]);
  expect(await query(node, mirrored)).toEqual(before);
  let broken = 0;
  for (let statement = 1; statement < 400; statement += 7) {
    const database = breakingDatabase(node.database, { statement, when: 'after' });
    const pulled = await pullFeed({ ...node, database }).catch(() => undefined);
    if (pulled === undefined) broken += 1;
    else break;
  }
  expect(broken).toBeGreaterThan(0);
  // the restored hub has neither 18 nor 19 yet, and still 17
  expect(await query(node, mirrored)).toEqual(
    [1, 2, 16, 17].map((n) => ({ record_id: recordId(n) })),
  );
  expect(await query(node, 'select rebuilding from sync.feed_position')).toEqual([
    { rebuilding: false },
  ]);
  await expectEqual(raised, node);
});

test('I7: a process that has not noticed the restore is fenced, greets the hub anew and goes on', async () => {
  await using world = await openWorld();
  const { h52 } = world;
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openRestored(world, 2n);
  await using node = await startNode(raised, h52);
  // as if its hello had been before the restore
  node.session.ready = true;
  await putRecords(node.database, [person(20, pinOf(20))]);
  await sealAll(node);
  const sent = { seq: 5n, body: Buffer.from('receipt'), signature: Buffer.from('signature') };
  const receipted = 'select seq from sync.outbox_batch where receipted_at is not null order by 1';
  const before = await query(node, receipted);
  expect(before.at(-1)).toEqual({ seq: 4n });
  // 2 to 4 go again, and 5 for the first time
  expect(await pushBatches(node)).toBe(4);
  // a receipt that was given before the restore, and arrives after the hello
  await node.database.pool.query(
    `update sync.outbox_batch set receipted_at = null where seq = ${sent.seq}`,
  );
  await storeReceipt(node.database.db, { ...sent, sentUnder: 1n });
  expect(await query(node, `${receipted} desc limit 1`)).toEqual([{ seq: 4n }]);
  await storeReceipt(node.database.db, { ...sent, sentUnder: 2n });
  expect(await query(node, `${receipted} desc limit 1`)).toEqual([{ seq: 5n }]);
});

test('a receipt that another process has voided meanwhile ends the flight, and the next one begins with what the hub lost', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openRestored(world, 2n);
  await using node = await startNode(server, h52);
  await using other = await startNode(raised, h52);
  await ensureHello(node);
  await limitRecords(node, 1);
  await putRecords(node.database, [person(20, pinOf(20)), person(21, pinOf(21))]);
  await sealAll(node);
  // the hub is restored, raised and greeted by another process while its receipt for 5 is on the line
  server.interfere = async (path) => {
    if (path.endsWith('/batches')) await ensureHello(other);
    return undefined;
  };
  const current = (): HubLink => (other.session.ready ? other : node).link;
  const link: HubLink = {
    ...node.link,
    post: (path, body) => current().post(path, body),
    openSendingWay: async () => {
      const before = await node.link.openSendingWay();
      const after = await other.link.openSendingWay();
      return {
        post: (path, body) => (other.session.ready ? after : before).post(path, body),
        [Symbol.dispose]: () => {
          before[Symbol.dispose]();
          after[Symbol.dispose]();
        },
      };
    },
  };
  const receipts: bigint[] = [];
  expect(await pushBatches({ ...node, link }, (seq) => receipts.push(seq))).toBe(5);
  expect(receipts).toEqual([2n, 3n, 4n, 5n, 6n]);
  await expectEqual(raised, other);
});

test('a hello that finds the restore loses its connection at any statement, and the next one goes on', async () => {
  await using world = await openWorld();
  const { h52 } = world;
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openRestored(world, 2n);
  await using node = await startNode(raised, h52);
  let broken = 0;
  for (let statement = 1; ; statement++) {
    const database = breakingDatabase(node.database, { statement, when: 'after' });
    const session = { ready: false };
    const outcome = await ensureHello({ ...node, database, session }).catch(() => undefined);
    if (session.ready) break;
    expect(outcome).toBeUndefined();
    broken += 1;
    // all of what a restore means for this node, or nothing of it
    expect(
      await query(
        node,
        `select (l.hub_incarnation = 2) = p.rebuilding and (l.hub_incarnation = 2) = (
           (select max(seq) from sync.outbox_batch where receipted_at is not null) = 1) as whole
         from sync.link l, sync.feed_position p`,
      ),
    ).toEqual([{ whole: true }]);
  }
  expect(broken).toBeGreaterThan(5);
  await expectEqual(raised, node);
});

test('a raise that was interrupted between file and database is finished at the next start, once', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  const raised = { ...server.hub, incarnation: 2n };
  await live(server, h52, async () => undefined);
  const tokens = `select count(*) from registry.unit where lineage_token <> ''`;
  expect(await rowsOf(server.hub, tokens)).toEqual([[2n]]);
  expect(await startHub(raised)).toBeUndefined();
  expect(await rowsOf(server.hub, tokens)).toEqual([[0n]]);
  await server.hub.database.pool.query(`update registry.unit set lineage_token = 'since'`);
  await finishRaise(raised);
  expect(await startHub(raised)).toBeUndefined();
  expect(await rowsOf(server.hub, tokens)).toEqual([[2n]]);
  // a process that was not started again speaks for a hub that is no more
  await using node = await startNode(server, h52);
  await expect(ensureHello(node)).rejects.toMatchObject({
    message: expect.stringContaining('start this process again'),
  });
});
