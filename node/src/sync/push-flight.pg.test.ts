/** Several batches under way at once, on a line that is slow enough for it. */
import { type PushReply, pushReply, receiptBody } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openSlowProxy, type SlowProxy } from '../../../test/support/slow-proxy.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import { openPair, type Pair, startNode, type TestNode } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { limitRecords, sealAll } from '../../../test/support/whole-sync.ts';
import { pushBatches } from './push-batches.ts';

/** One for each record: the two of the tree, and ten people. */
const batches = 12;
const all = Array.from({ length: batches }, (_, i) => BigInt(i + 1));

type SlowPair = Pair & { readonly proxy: SlowProxy };

/** Twelve sealed batches, and a node whose answers take 80 ms; `node` is the one on the slow line. */
async function openSlowPair(options: { readonly applies?: boolean } = {}): Promise<SlowPair> {
  await using stack = new AsyncDisposableStack();
  const pair = stack.use(await openPair(options));
  await limitRecords(pair.node, 1);
  const people = Array.from({ length: batches - tree.length }, (_, i) =>
    person(16 + i, `001080${String(i).padStart(6, '0')}`),
  );
  await putRecords(pair.node.database, [...tree, ...people]);
  await sealAll(pair.node);
  const proxy = stack.use(await openSlowProxy(pair.server.port, { delayMs: 40 }));
  const node = stack.use(await startNode(pair.server, pair.place, { port: proxy.port }));
  node.session.ready = true;
  const open = stack.move();
  return {
    ...pair,
    node,
    proxy,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Numbers of the batches whose receipt at the node is the one of the hub's archive. */
async function receiptedAlike({ hub, node }: SlowPair): Promise<readonly bigint[]> {
  const archived = await rowsOf(hub, 'select seq, receipt from sync.inbox order by seq');
  const { rows } = await node.database.pool.query<{ seq: bigint; receipt: Buffer }>(
    'select seq, receipt from sync.outbox_batch where receipted_at is not null order by seq',
  );
  expect(rows.map(({ receipt }) => receiptBody.decode(receipt).seq)).toEqual(
    rows.map(({ seq }) => seq),
  );
  const kept = new Map(archived.map(([seq, receipt]) => [seq, receipt]));
  return rows
    .filter(({ seq, receipt }) => receipt.equals(kept.get(seq) as Buffer))
    .map(({ seq }) => seq);
}

const seqOf = ({ receipt }: PushReply): bigint =>
  receipt.length === 0 ? 0n : receiptBody.decode(receipt).seq;

type Heard = { readonly outcome: string; readonly seq: bigint };

/** Notes every answer to a batch; `first` may do something before it leaves, or put another in its place. */
function listen(
  { server }: Pair,
  first: (reply: PushReply) => Promise<Buffer | 'cut' | undefined> = async () => undefined,
): readonly Heard[] {
  const heard: Heard[] = [];
  server.interfere = async (path, body) => {
    if (!path.endsWith('/batches')) return undefined;
    const reply = pushReply.decode(body);
    const instead = await first(reply);
    const said = instead === undefined || instead === 'cut' ? reply : pushReply.decode(instead);
    heard.push({ outcome: said.outcome, seq: seqOf(said) });
    return instead;
  };
  return heard;
}

/** Resolves once the hub has stored batch `seq`. */
async function stored({ hub }: Pair, seq: bigint): Promise<void> {
  const query = `select 1 from sync.inbox where seq = ${seq}`;
  while ((await rowsOf(hub, query)).length === 0) await new Promise((done) => setTimeout(done, 5));
}

async function sentBy(node: TestNode): Promise<readonly bigint[]> {
  const receipted: bigint[] = [];
  expect(await pushBatches(node, (seq) => void receipted.push(seq))).toBe(receipted.length);
  return receipted;
}

test('I2: the hub takes what is under way in order, on one connection, while answers are still out', async () => {
  await using pair = await openSlowPair();
  // a node that sent batch 5 only after the answer to batch 2 would wait here for ever
  const heard = listen(pair, async (reply) => {
    if (seqOf(reply) === 2n) await stored(pair, 5n);
    return undefined;
  });
  expect(await sentBy(pair.node)).toEqual(all);
  expect(heard).toHaveLength(batches);
  expect(heard.every(({ outcome }) => outcome === 'ACCEPTED')).toBe(true);
  expect(await receiptedAlike(pair)).toEqual(all);
  expect(pair.proxy.connections()).toBe(1);
  const { rows } = await pair.node.database.pool.query('select received_seq from sync.link');
  expect(rows).toEqual([{ received_seq: BigInt(batches) }]);
});

test('I3: a line that is cut with several under way: the next run gets the stored receipts and goes on', async () => {
  await using pair = await openSlowPair();
  const first = listen(pair, async (reply) => {
    if (seqOf(reply) !== 3n) return undefined;
    await stored(pair, 6n);
    pair.proxy.cut();
    return undefined;
  });
  await expect(pushBatches(pair.node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  // the receipts of 1 and 2 were on the line when it was cut: none, one or both came through
  const came = await receiptedAlike(pair);
  expect([1n, 2n].slice(0, came.length)).toEqual(came);
  const again = listen(pair);
  expect(await sentBy(pair.node)).toEqual(all.slice(came.length));
  expect(await receiptedAlike(pair)).toEqual(all);
  // those of the cut line that the hub had not come to yet are heard again as well
  const repeated = again.filter(({ outcome }) => outcome === 'DUPLICATE').map(({ seq }) => seq);
  expect(repeated).toEqual(expect.arrayContaining(all.slice(came.length, 6)));
  const accepted = [...first, ...again].filter(({ outcome }) => outcome === 'ACCEPTED');
  expect(accepted.map(({ seq }) => seq).toSorted((a, b) => Number(a - b))).toEqual(all);
});

test('a hub that restarts with several under way has them all, each once, after the next run', async () => {
  await using pair = await openSlowPair();
  let restarted: Promise<void> | undefined;
  listen(pair, async (reply) => {
    if (seqOf(reply) === 4n) restarted ??= pair.server.restart();
    return undefined;
  });
  await expect(pushBatches(pair.node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  await restarted;
  const before = await receiptedAlike(pair);
  expect(before.length).toBeLessThan(batches);
  expect(await sentBy(pair.node)).toEqual(all.slice(before.length));
  expect(await receiptedAlike(pair)).toEqual(all);
});

test('GAP to one that was sent behind others ends the flight, and it goes again with what follows', async () => {
  await using pair = await openSlowPair();
  let gaps = 0;
  const heard = listen(pair, async (reply) => {
    if (seqOf(reply) !== 4n || gaps > 0) return undefined;
    gaps += 1;
    const nothing = { receipt: Buffer.alloc(0), receiptSignature: Buffer.alloc(0) };
    return pushReply.encode({ ...reply, ...nothing, outcome: 'GAP', sendFrom: 4n });
  });
  expect(await sentBy(pair.node)).toEqual(all);
  expect(heard.slice(0, 4).map(({ outcome }) => outcome)).toEqual([
    'ACCEPTED',
    'ACCEPTED',
    'ACCEPTED',
    'GAP',
  ]);
  expect(await receiptedAlike(pair)).toEqual(all);
});

test('I7: fenced with several under way, the node greets the hub anew and sends them under the new epoch', async () => {
  await using pair = await openSlowPair();
  const heard = listen(pair, async (reply) => {
    if (reply.outcome === 'ACCEPTED' && seqOf(reply) === 3n) {
      await pair.hub.database.pool.query('update registry.unit set epoch = epoch + 1');
    }
    return undefined;
  });
  expect(await sentBy(pair.node)).toEqual(all);
  expect(heard.some(({ outcome }) => outcome === 'FENCED')).toBe(true);
  expect(await receiptedAlike(pair)).toEqual(all);
});

test('I4: a hub without room in the middle acknowledges nothing from there on, and takes it the next time', async () => {
  await using pair = await openSlowPair();
  const { pool } = pair.hub.database;
  await pool.query(`create function public.full_disk() returns trigger language plpgsql as
    $$begin if new.seq = 5 then
        raise exception 'no space left on device' using errcode = '53100';
      end if; return new; end$$;
    create trigger full_disk before insert on sync.inbox
      for each row execute function public.full_disk()`);
  await expect(pushBatches(pair.node)).rejects.toMatchObject({
    code: 'NODE_HUB_BUSY',
    retryAfterS: 30,
  });
  expect(await receiptedAlike(pair)).toEqual(all.slice(0, 4));
  await pool.query('drop trigger full_disk on sync.inbox; drop function public.full_disk');
  expect(await sentBy(pair.node)).toEqual(all.slice(4));
  expect(await receiptedAlike(pair)).toEqual(all);
});

test('a hub that becomes busy in the middle says when to come again, and the next run goes on', async () => {
  await using pair = await openSlowPair({ applies: false });
  // far above the numbers of the chain: they only count as waiting
  await rowsOf(
    pair.hub,
    `insert into sync.inbox (agency, seq, prev_hash, header_hash, header, signature, content,
        receipt, receipt_signature, received_at, records_sent)
      select 'H52', 1000 + i, '', '', '', '', '', '', '', now(), 0 from generate_series(1, 195) i`,
  );
  const heard = listen(pair);
  await expect(pushBatches(pair.node)).rejects.toMatchObject({
    code: 'NODE_HUB_BUSY',
    retryAfterS: 5,
  });
  expect(heard[5]).toMatchObject({ outcome: 'BUSY' });
  expect(await receiptedAlike(pair)).toEqual(all.slice(0, 5));
  await rowsOf(pair.hub, 'delete from sync.inbox where seq > 1000');
  expect(await sentBy(pair.node)).toEqual(all.slice(5));
  expect(await receiptedAlike(pair)).toEqual(all);
});

test('I3: a fork in the middle stops the node, and what was behind it has no receipt', async () => {
  await using pair = await openSlowPair();
  const { pool } = pair.hub.database;
  listen(pair, async (reply) => {
    if (seqOf(reply) === 1n) {
      await pool.query(`create function public.other_past() returns trigger language plpgsql as
        $$begin new.head_hash := decode(repeat('00', 32), 'hex'); return new; end$$;
        create trigger other_past before update on registry.unit for each row
          when (new.head_seq = 6) execute function public.other_past()`);
    }
    return undefined;
  });
  await expect(pushBatches(pair.node)).rejects.toMatchObject({ code: 'NODE_FORKED' });
  expect(await receiptedAlike(pair)).toEqual(all.slice(0, 6));
  await pool.query('drop trigger other_past on registry.unit; drop function public.other_past');
  expect(await rowsOf(pair.hub, 'select status, head_seq from registry.unit')).toEqual([
    ['frozen', 6n],
  ]);
});

test('a link that is closed with several under way ends the push, and nothing is lost', async () => {
  await using pair = await openSlowPair();
  listen(pair, async (reply) => {
    if (seqOf(reply) === 3n) pair.node.link[Symbol.dispose]();
    return undefined;
  });
  await expect(pushBatches(pair.node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  pair.server.interfere = undefined;
  await using other = await startNode(pair.server, pair.place);
  await pushBatches(other);
  expect(await receiptedAlike(pair)).toEqual(all);
});
