/** A restore of the hub that falls into the middle of something, at the hub or at a node. */
import { expect, test } from 'vitest';

import { finishRaise, startHub } from '../../../hub/src/sync/hub-start.ts';
import { breakingDatabase } from '../../../test/support/breaking-database.ts';
import { putRecords } from '../../../test/support/node-records.ts';
import {
  expectEqual,
  live,
  openRaised,
  openWorld,
  queryNode,
} from '../../../test/support/restored-hub.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import { startNode } from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { limitRecords, sealAll } from '../../../test/support/whole-sync.ts';
import { storeReceipt } from '../db/outbox.ts';
import type { HubLink } from '../link/hub-link.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';

test('the mirror is whole while it is made anew, and an interruption anywhere goes on', async () => {
  await using world = await openWorld();
  const { h52 } = world;
  await using raised = await openRaised(world);
  await using node = await startNode(raised, h52);
  const mirrored = 'select record_id from national.record order by 1';
  const before = await queryNode(node, mirrored);
  await ensureHello(node);
  expect(await queryNode(node, 'select cursor, rebuilding from sync.feed_position')).toEqual([
    { cursor: 0n, rebuilding: true },
  ]);
  expect(await queryNode(node, mirrored)).toEqual(before);
  let broken = 0;
  for (let statement = 1; statement < 400; statement += 7) {
    const database = breakingDatabase(node.database, { statement, when: 'after' });
    const pulled = await pullFeed({ ...node, database }).catch(() => undefined);
    if (pulled === undefined) broken += 1;
    else break;
  }
  expect(broken).toBeGreaterThan(0);
  // the restored hub has neither 18 nor 19 yet, and still 17
  expect(await queryNode(node, mirrored)).toEqual(
    [1, 2, 16, 17].map((n) => ({ record_id: recordId(n) })),
  );
  expect(await queryNode(node, 'select rebuilding from sync.feed_position')).toEqual([
    { rebuilding: false },
  ]);
  await expectEqual(raised, node);
});

test('I7: a process that has not noticed the restore is fenced, greets the hub anew and goes on', async () => {
  await using world = await openWorld();
  const { h52 } = world;
  await using raised = await openRaised(world);
  await using node = await startNode(raised, h52);
  // as if its hello had been before the restore
  node.session.ready = true;
  await putRecords(node.database, [person(20, pinOf(20))]);
  await sealAll(node);
  const sent = { seq: 5n, body: Buffer.from('receipt'), signature: Buffer.from('signature') };
  const receipted = 'select seq from sync.outbox_batch where receipted_at is not null order by 1';
  const before = await queryNode(node, receipted);
  expect(before.at(-1)).toEqual({ seq: 4n });
  // 2 to 4 go again, and 5 for the first time
  expect(await pushBatches(node)).toBe(4);
  // a receipt that was given before the restore, and arrives after the hello
  await node.database.pool.query(
    `update sync.outbox_batch set receipted_at = null where seq = ${sent.seq}`,
  );
  await storeReceipt(node.database.db, { ...sent, sentUnder: 1n });
  expect(await queryNode(node, `${receipted} desc limit 1`)).toEqual([{ seq: 4n }]);
  await storeReceipt(node.database.db, { ...sent, sentUnder: 2n });
  expect(await queryNode(node, `${receipted} desc limit 1`)).toEqual([{ seq: 5n }]);
});

test('a receipt that another process has voided meanwhile ends the flight, and the next one begins with what the hub lost', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  await using raised = await openRaised(world);
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
  await using raised = await openRaised(world);
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
      await queryNode(
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
