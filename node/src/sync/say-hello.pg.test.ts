import { helloBody, helloReply } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { releaseUnit } from '../../../hub/src/db/units.ts';
import { openCuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import { openNodePlace, openPair, startNode } from '../../../test/support/test-node.ts';
import { person, pinOf } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { readLink } from '../db/link.ts';
import type { HubLink } from '../link/hub-link.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';

const unitState = `select epoch, status, frozen_reason, head_seq from registry.unit`;

test('a hello whose answer was lost is repeated, and nothing is taken for a second machine', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await using proxy = await openCuttingProxy(server.port);
  await using first = await startNode(server, place, { port: proxy.port });
  proxy.cut = async () => {
    const [row] = await rowsOf(server.hub, 'select epoch from registry.unit');
    return row?.[0] === 1n ? 0 : undefined;
  };
  await expect(ensureHello(first)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  expect(proxy.cuts()).toBe(1);
  expect(first.session.ready).toBe(false);
  // the machine goes down and comes up again: another process, the same nonce in the database
  await using second = await startNode(server, place);
  await ensureHello(second);
  expect(await rowsOf(server.hub, unitState)).toEqual([[2n, 'active', null, 0n]]);
  expect(await readLink(second.database.db)).toMatchObject({
    epoch: 2n,
    helloNonce: null,
    nightSlot: '0 0 1 * * *',
    batchRecordsMax: 10_000,
  });
  await using third = await startNode(server, place);
  await ensureHello(third);
  expect(await rowsOf(server.hub, unitState)).toEqual([[3n, 'active', null, 0n]]);
});

test('processes that greet the hub at once all succeed, each under an epoch of its own', async () => {
  await using pair = await openPair();
  await using other = await startNode(pair.server, pair.place);
  await using third = await startNode(pair.server, pair.place);
  await Promise.all([pair.node, other, third].map((node) => ensureHello(node)));
  expect(await rowsOf(pair.hub, unitState)).toEqual([[3n, 'active', null, 0n]]);
  expect((await readLink(pair.node.database.db))?.epoch).toBe(3n);
});

test('a process greets the hub once, and the difference of the clocks is noted and decides nothing', async () => {
  await using pair = await openPair({ now: new Date('2026-11-20T00:00:00Z') });
  const { node } = pair;
  node.clock.now = new Date('2026-11-20T00:01:00Z');
  await ensureHello(node);
  await ensureHello(node);
  expect(await rowsOf(pair.hub, unitState)).toEqual([[1n, 'active', null, 0n]]);
  expect((await readLink(node.database.db))?.clockSkewMs).toBe(-60_000n);
  await putRecords(node.database, tree);
  expect(await syncPair(pair)).toBe(2);
});

test('a hello that another process of the node overtakes with a batch is said again, and stops nobody', async () => {
  await using pair = await openPair();
  await using other = await startNode(pair.server, pair.place);
  await ensureHello(other);
  const { link } = pair.node;
  let hellos = 0;
  const overtaken: HubLink = {
    ...link,
    post: async (path, body) => {
      hellos += 1;
      if (hellos === 1) {
        await putRecords(other.database, tree);
        await sealAll(other);
        await pushBatches(other);
      }
      return link.post(path, body);
    },
  };
  await ensureHello({ ...pair.node, link: overtaken });
  expect(hellos).toBe(2);
  expect(await rowsOf(pair.hub, unitState)).toEqual([[2n, 'active', null, 1n]]);
});

test('I3: a cloned node is found when the second of the two speaks, and the unit is frozen', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  {
    await using node = await startNode(server, place);
    await putRecords(node.database, tree);
    await syncPair({ node, server });
  }
  await using copy = await openNodePlace('H52', { copyOf: place });
  await using original = await startNode(server, place);
  await ensureHello(original);
  await using clone = await startNode(server, copy);
  await putRecords(clone.database, [person(16, pinOf(1))]);
  await expect(sealAll(clone)).rejects.toMatchObject({ code: 'NODE_CLONED' });
  expect(clone.session.ready).toBe(false);
  expect(await rowsOf(server.hub, unitState)).toEqual([[2n, 'frozen', 'CLONED', 1n]]);
  // nothing more of either machine until a person has looked
  await putRecords(original.database, [person(17, pinOf(2))]);
  await sealAll(original);
  await expect(pushBatches(original)).rejects.toMatchObject({
    code: 'NODE_HUB_REFUSED',
    message: expect.stringContaining('HUB_UNIT_FROZEN'),
  });
  expect(await rowsOf(server.hub, 'select count(*) from sync.inbox')).toEqual([[1n]]);

  // the clone was stopped, an operator releases the unit, and the right machine goes on
  expect(await releaseUnit(server.hub.database.db, 'H52')).toBe('frozen');
  expect(await releaseUnit(server.hub.database.db, 'X99')).toBeUndefined();
  await using again = await startNode(server, place);
  await syncPair({ node: again, server });
  expect(await rowsOf(server.hub, unitState)).toEqual([[3n, 'active', null, 2n]]);
});

test('a node restored to before its last batches is told so, and seals nothing over them', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  const work = async (n: number): Promise<void> => {
    await using node = await startNode(server, place);
    await putRecords(node.database, [...(n === 16 ? tree : []), person(n, pinOf(n))]);
    await syncPair({ node, server });
  };
  await work(16);
  await using backup = await openNodePlace('H52', { copyOf: place });
  await work(17);
  await using restored = await startNode(server, backup);
  await putRecords(restored.database, [person(18, pinOf(3))]);
  await expect(sealAll(restored)).rejects.toMatchObject({ code: 'NODE_BEHIND' });
  expect(await rowsOf(server.hub, unitState)).toEqual([[2n, 'active', null, 2n]]);
  const { rows } = await restored.database.pool.query(
    `select (select count(*) from sync.outbox_batch) as batches,
      (select count(*) > 0 from sync.change_log) as unsealed`,
  );
  expect(rows).toEqual([{ batches: 1n, unsealed: true }]);
});

test('I3: a history that was edited is found as a fork, and the unit is frozen', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, tree);
  await syncPair(pair);
  await node.database.pool.query(
    `with other as (select sha256('another history') as hash),
      batch as (update sync.outbox_batch set header_hash = (select hash from other))
     update sync.chain set head_hash = (select hash from other)`,
  );
  node.session.ready = false;
  await expect(ensureHello(node)).rejects.toMatchObject({ code: 'NODE_FORKED' });
  expect(await rowsOf(hub, unitState)).toEqual([[1n, 'frozen', 'FORKED', 1n]]);
});

test('I6: a hub that lost what it had receipted is found, and nothing is sent to it', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, tree);
  await syncPair(pair);
  // the hub as it was before the batch: an old backup of it
  await hub.database.pool.query(`delete from sync.feed_entry; delete from national.record;
    delete from sync.inbox; update registry.unit
    set head_seq = 0, head_hash = '', applied_seq = 0, feed_head = 0`);
  node.session.ready = false;
  await expect(ensureHello(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
  expect(node.session.ready).toBe(false);
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
  expect(await rowsOf(hub, 'select count(*) from sync.inbox')).toEqual([[0n]]);
});

test('an answer that the hub did not sign for this hello is not believed', async () => {
  await using pair = await openPair();
  const { node, server } = pair;
  const answers: Buffer[] = [];
  server.interfere = (_path, body) => void answers.push(body);
  await ensureHello(node);
  node.session.ready = false;
  // the answer to another hello of this very node, signed by the hub
  server.interfere = () => answers[0];
  await expect(ensureHello(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  // the right answer but for one number
  server.interfere = (_path, reply) => {
    const { body, signature } = helloReply.decode(reply);
    const forged = helloBody.encode({ ...helloBody.decode(body), batchRecordsMax: 7 });
    return helloReply.encode({ body: forged, signature });
  };
  await expect(ensureHello(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  expect(node.session.ready).toBe(false);
  server.interfere = undefined;
  await ensureHello(node);
  expect((await readLink(node.database.db))?.epoch).toBe(4n);
});
