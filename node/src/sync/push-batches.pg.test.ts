import { refusal, pushReply, receiptBody } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { revokeUnit } from '../../../hub/src/sync/enrol-node.ts';
import { openCuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { openPair, type Pair, startNode, type TestNode } from '../../../test/support/test-node.ts';
import { person, pinOf } from '../../../test/support/test-records.ts';
import { sealAll } from '../../../test/support/whole-sync.ts';
import { pushBatches } from './push-batches.ts';

/** A node with one sealed batch that has not been sent. */
async function openWaitingPair(): Promise<Pair> {
  const pair = await openPair();
  await putRecords(pair.node.database, tree);
  await sealAll(pair.node);
  return pair;
}

/** Numbers of the batches without a receipt. */
async function waiting({ database }: TestNode): Promise<readonly bigint[]> {
  const { rows } = await database.pool.query<{ seq: bigint }>(
    'select seq from sync.outbox_batch where receipted_at is null order by seq',
  );
  return rows.map((row) => row.seq);
}

async function receiptAtNode({ database }: TestNode, seq: bigint): Promise<Buffer | undefined> {
  const { rows } = await database.pool.query<{ receipt: Buffer }>(
    'select receipt from sync.outbox_batch where seq = $1',
    [seq],
  );
  return rows[0]?.receipt;
}

const atHub = (hub: TestHub): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(hub, 'select seq, receipt from sync.inbox order by seq');

test('I4: a batch is receipted by the hub, and the receipt that is kept is the one of the archive', async () => {
  await using pair = await openWaitingPair();
  expect(await waiting(pair.node)).toEqual([1n]);
  expect(await pushBatches(pair.node)).toBe(1);
  expect(await waiting(pair.node)).toEqual([]);
  expect(await atHub(pair.hub)).toEqual([[1n, await receiptAtNode(pair.node, 1n)]]);
  expect(await pushBatches(pair.node)).toBe(0);
});

test('a hub that is down leaves the batch where it is, and the next run sends it', async () => {
  await using pair = await openWaitingPair();
  const proxy = await openCuttingProxy(pair.server.port);
  await using node = await startNode(pair.server, pair.place, { port: proxy.port });
  node.session.ready = true;
  await proxy[Symbol.asyncDispose]();
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  expect(await waiting(node)).toEqual([1n]);
  expect(await atHub(pair.hub)).toEqual([]);
  expect(await pushBatches(pair.node)).toBe(1);
});

test('I3: a connection cut after the hub has committed: the next run gets the stored receipt', async () => {
  await using pair = await openWaitingPair();
  const { hub } = pair;
  await using proxy = await openCuttingProxy(pair.server.port);
  await using node = await startNode(pair.server, pair.place, { port: proxy.port });
  node.session.ready = true;
  proxy.cut = async () => ((await atHub(hub)).length === 1 ? 0 : undefined);
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  expect(proxy.cuts()).toBe(1);
  expect(await waiting(node)).toEqual([1n]);
  const [stored] = await atHub(hub);
  proxy.cut = undefined;
  const outcomes: string[] = [];
  pair.server.interfere = (path, body) => {
    if (path.endsWith('/batches')) outcomes.push(pushReply.decode(body).outcome);
    return undefined;
  };
  expect(await pushBatches(node)).toBe(1);
  expect(outcomes).toEqual(['DUPLICATE']);
  expect([1n, await receiptAtNode(node, 1n)]).toEqual(stored);
  expect(await atHub(hub)).toHaveLength(1);
});

test('what is no answer of the protocol is not trusted, and a busy hub or gateway says when to come again', async () => {
  await using pair = await openWaitingPair();
  const { node, server } = pair;
  const html = Buffer.from('<html>hello</html>');
  server.interfere = () => html;
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  server.interfere = () => ({ status: 503, body: html, headers: { 'retry-after': '17' } });
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_BUSY', retryAfterS: 17 });
  const said = refusal.encode({ code: 'HUB_BUSY', message: 'Later.', retryAfterS: 23 });
  server.interfere = () => ({ status: 503, body: said });
  await expect(pushBatches(node)).rejects.toMatchObject({
    code: 'NODE_HUB_BUSY',
    retryAfterS: 23,
    message: expect.stringContaining('HUB_BUSY: Later.'),
  });
  server.interfere = () => ({ status: 418, body: html });
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_REFUSED' });
  expect(await waiting(node)).toEqual([1n]);
  server.interfere = undefined;
  expect(await pushBatches(node)).toBe(1);
});

test('I12: an unsigned receipt, or one for another batch, leaves the batch without a receipt', async () => {
  await using pair = await openWaitingPair();
  const { node, server } = pair;
  const replies: Buffer[] = [];
  server.interfere = (_path, body) => void replies.push(body);
  await pushBatches(node);
  const [first] = replies;
  if (first === undefined) throw new Error('the hub was not asked');
  const old = pushReply.decode(first);
  await putRecords(node.database, [person(16, pinOf(1))]);
  await sealAll(node);

  server.interfere = (_path, body) => {
    const reply = pushReply.decode(body);
    const unsigned = Buffer.from(reply.receiptSignature);
    unsigned.writeUInt8(unsigned.readUInt8(0) ^ 1, 0);
    return pushReply.encode({ ...reply, receiptSignature: unsigned });
  };
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  // signed by the hub, and yet for batch 1
  server.interfere = (_path, body) => {
    const reply = pushReply.decode(body);
    const { receipt, receiptSignature } = old;
    return pushReply.encode({ ...reply, receipt, receiptSignature });
  };
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  expect(await waiting(node)).toEqual([2n]);
  server.interfere = undefined;
  expect(await pushBatches(node)).toBe(1);
  const receipt = await receiptAtNode(node, 2n);
  expect(receipt === undefined ? 0n : receiptBody.decode(receipt).seq).toBe(2n);
});

test('I7: under an older epoch the node greets the hub anew and goes on', async () => {
  await using pair = await openWaitingPair();
  const { node, hub } = pair;
  const outcomes: string[] = [];
  pair.server.interfere = (path, body) => {
    if (path.endsWith('/batches')) outcomes.push(pushReply.decode(body).outcome);
    return undefined;
  };
  await hub.database.pool.query('update registry.unit set epoch = epoch + 1');
  expect(await pushBatches(node)).toBe(1);
  expect(outcomes).toEqual(['FENCED', 'ACCEPTED']);
  expect(await rowsOf(hub, 'select epoch from registry.unit')).toEqual([[3n]]);
});

test('a hub that fences again and again is greeted three times, and then left for later', async () => {
  await using pair = await openWaitingPair();
  const { node, hub, server } = pair;
  const asked: string[] = [];
  server.interfere = async (path) => {
    asked.push(path.split('/').at(-1) ?? '');
    // somebody else is welcomed after each of our hellos
    await hub.database.pool.query('update registry.unit set epoch = epoch + 1');
    return undefined;
  };
  node.session.ready = false;
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_BUSY' });
  const once = ['hello', 'batches'];
  expect(asked).toEqual([...once, ...once, ...once, ...once]);
  expect(await waiting(node)).toEqual([1n]);
  server.interfere = undefined;
  expect(await pushBatches(node)).toBe(1);
});

test('two processes on one database that greet the hub again and again send everything once', async () => {
  await using pair = await openPair();
  await using other = await startNode(pair.server, pair.place);
  await putRecords(pair.node.database, tree);
  let next = 16;
  const works = async (node: TestNode): Promise<void> => {
    for (let i = 0; i < 8; i++) {
      const n = next++;
      await putRecords(node.database, [person(n, pinOf(n))]);
      node.session.ready = false;
      await sealAll(node);
      await pushBatches(node);
    }
  };
  await Promise.all([works(pair.node), works(other)]);
  await pair.server.settled();
  expect(await waiting(pair.node)).toEqual([]);
  expect(await rowsOf(pair.hub, 'select count(*) from national.identity')).toEqual([[16n]]);
  expect(await rowsOf(pair.hub, 'select status from registry.unit')).toEqual([['active']]);
});

test('I7: a certificate revoked between two batches is refused on the open connection, by name', async () => {
  await using pair = await openWaitingPair();
  const { node, hub } = pair;
  await pushBatches(node);
  await putRecords(node.database, [person(16, pinOf(1))]);
  await sealAll(node);
  await revokeUnit(hub, 'H52');
  await expect(pushBatches(node)).rejects.toMatchObject({
    code: 'NODE_HUB_REFUSED',
    message: expect.stringContaining('HUB_CERTIFICATE_UNKNOWN'),
  });
  expect(await waiting(node)).toEqual([2n]);
  expect(await atHub(hub)).toHaveLength(1);
});

test('a full disk at the hub acknowledges nothing, and once there is room the next run goes on', async () => {
  await using pair = await openWaitingPair();
  const { node, hub } = pair;
  await hub.database.pool.query(`create function public.full_disk() returns trigger
      language plpgsql as
    $$begin raise exception 'no space left on device' using errcode = '53100'; end$$;
    create trigger full_disk before insert on sync.inbox
      for each row execute function public.full_disk()`);
  await expect(pushBatches(node)).rejects.toMatchObject({
    code: 'NODE_HUB_BUSY',
    retryAfterS: 30,
    message: expect.stringContaining('HUB_STORAGE'),
  });
  expect(await waiting(node)).toEqual([1n]);
  expect(await rowsOf(hub, 'select head_seq from registry.unit')).toEqual([[0n]]);
  await hub.database.pool.query('drop trigger full_disk on sync.inbox');
  expect(await pushBatches(node)).toBe(1);
});
