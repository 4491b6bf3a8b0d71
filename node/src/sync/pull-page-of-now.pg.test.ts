/** A page counts only for the node and the hub that are: nothing of before is taken for the present. */
import { expect, test } from 'vitest';

import { openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openNodePlace, openPair, startNode } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';

test('I7: a node with nothing to send learns from the feed that another machine took its place', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  {
    await using node = await startNode(server, place);
    await putRecords(node.database, tree);
    await syncPair({ node, server });
  }
  // both were copied with what ran in them, so neither says hello
  await using copy = await openNodePlace('H52', { copyOf: place });
  await using original = await startNode(server, place);
  await using clone = await startNode(server, copy);
  original.session.ready = true;
  clone.session.ready = true;
  expect(await pullFeed(original)).toBe(0n);
  await putRecords(clone.database, [person(16, '001080000016')]);
  await sealAll(clone);
  expect(await pushBatches(clone)).toBe(1);
  await expect(pullFeed(original)).rejects.toMatchObject({ code: 'NODE_BEHIND' });
  expect(original.session.ready).toBe(false);
});

test('a page of the hub of before is not taken once another process has greeted the restored one', async () => {
  await using pair = await openPair();
  const { node, server, place } = pair;
  await putRecords(node.database, tree);
  await sealAll(node);
  await pushBatches(node);
  await server.settled();
  let pages = 0;
  server.interfere = async (path) => {
    if (!path.includes('/feed')) return undefined;
    pages += 1;
    if (pages > 1) return undefined;
    server.incarnation = 2n;
    await using other = await startNode(server, place);
    await ensureHello(other);
    return undefined;
  };
  await pullFeed(node);
  const { rows } = await node.database.pool.query(
    `select p.hub_incarnation, p.rebuilding, l.hub_incarnation as greeted,
      (select count(*) from national.record) as records
     from sync.feed_position p, sync.link l`,
  );
  expect(rows).toEqual([
    { hub_incarnation: 2n, rebuilding: false, greeted: 2n, records: BigInt(tree.length) },
  ]);
  expect(pages).toBeGreaterThan(1);
});
