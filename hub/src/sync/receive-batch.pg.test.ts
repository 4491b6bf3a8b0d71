import { createPublicKey } from 'node:crypto';

import { compress } from '@lienthong/shared-schema/runtime/compress.ts';
import {
  createSigningKeyPair,
  signBytes,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchContentBytesMax,
  batchRawBytesMax,
  batchRecordsMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import {
  type BatchFrame,
  progressBody,
  receiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit } from '../../../test/support/test-records.ts';
import {
  type BatchOptions,
  enrolTestUnit,
  type TestBatch,
  type TestUnit,
} from '../../../test/support/test-unit.ts';
import { receiveBatch } from './receive-batch.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await openTestHub({ now: new Date('2026-09-01T16:00:00Z') });
});
afterAll(async () => hub[Symbol.asyncDispose]());

let units = 10;
/** Each test has a unit of its own at one hub. */
function newUnit(): Promise<TestUnit> {
  units += 1;
  return enrolTestUnit(hub, `X${units}`);
}

const inbox = ({ agency }: TestUnit): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(
    hub,
    `select seq, header, signature, content, receipt, receipt_signature, records_sent, applied_at
     from sync.inbox where agency = '${agency}' order by seq`,
  );

const state = async ({ agency }: TestUnit): Promise<unknown> => {
  const [row] = await rowsOf(
    hub,
    `select status, frozen_reason, head_seq from registry.unit where agency = '${agency}'`,
  );
  return row;
};

test('an accepted batch is in the archive byte by byte, and its receipt verifies', async () => {
  const unit = await newUnit();
  const batch = await unit.seal({ records: [orgUnit(1, unit.agency)] });
  const reply = await unit.push(batch);
  expect(reply.outcome).toBe('ACCEPTED');
  const hubKey = createPublicKey(hub.signingKey);
  expect(verifyBytes(hubKey, domains.receipt, reply.receipt, reply.receiptSignature)).toBe(true);
  expect(receiptBody.decode(reply.receipt)).toEqual({
    hubIncarnation: 1n,
    agency: unit.agency,
    epoch: 1n,
    seq: 1n,
    headerHash: batch.headerHash,
    receivedAtMs: BigInt(Date.parse('2026-09-01T16:00:00Z')),
  });
  expect(verifyBytes(hubKey, domains.progress, reply.progress, reply.progressSignature)).toBe(true);
  expect(progressBody.decode(reply.progress)).toEqual({
    hubIncarnation: 1n,
    agency: unit.agency,
    receivedSeq: 1n,
    appliedSeq: 0n,
    safeSeq: 0n,
  });
  expect(await inbox(unit)).toEqual([
    [
      1n,
      batch.header,
      Buffer.from(batch.signature),
      batch.content,
      reply.receipt,
      reply.receiptSignature,
      1,
      null,
    ],
  ]);
  expect(hub.rings.filter((agency) => agency === unit.agency)).toHaveLength(1);
});

test('a repeated batch gets the same receipt byte by byte, also much later', async () => {
  const unit = await newUnit();
  const batch = await unit.seal({});
  const first = await unit.push(batch);
  await unit.push(await unit.seal({}));
  await rowsOf(hub, `update registry.unit set epoch = 7 where agency = '${unit.agency}'`);
  hub.clock.now = new Date(hub.clock.now.getTime() + 3_600_000);
  const again = await unit.push(batch, { epoch: 7n });
  expect(again.outcome).toBe('DUPLICATE');
  expect(again.receipt).toEqual(first.receipt);
  expect(again.receiptSignature).toEqual(first.receiptSignature);
  expect(await inbox(unit)).toHaveLength(2);
});

test('a queue that is down does not hold up the receipt', async () => {
  const unit = await newUnit();
  const batch = await unit.seal({});
  const broken = { ...hub, wakeApply: () => Promise.reject(new Error('queue is down')) };
  await receiveBatch(broken, unit.caller, batch.frame());
  expect(await inbox(unit)).toHaveLength(1);
  expect(hub.logged()).toContain('the apply queue could not be rung');
});

test('a batch ahead of its turn is told where to go on', async () => {
  const unit = await newUnit();
  await unit.push(await unit.seal({}));
  await unit.seal({});
  const reply = await unit.push(await unit.seal({}));
  expect(reply).toMatchObject({ outcome: 'GAP', sendFrom: 2n });
  expect(reply.receipt).toHaveLength(0);
  expect(await inbox(unit)).toHaveLength(1);
});

test.each<readonly [string, (unit: TestUnit, first: TestBatch) => Promise<TestBatch>]>([
  [
    'the same number, other bytes',
    (unit) => unit.makeBatch(1n, new Uint8Array(0), { marker: 'b' }),
  ],
  ['the next number, another past', (unit) => unit.makeBatch(2n, Buffer.alloc(32), {})],
  ['the next number, no past', (unit) => unit.makeBatch(2n, new Uint8Array(0), {})],
])('a second history is a fork (%s): the unit is frozen, the evidence kept', async (_, other) => {
  const unit = await newUnit();
  const first = await unit.seal({ marker: 'a' });
  await unit.push(first);
  const forked = await other(unit, first);
  const reply = await unit.push(forked);
  expect(reply.outcome).toBe('FORK');
  expect(reply.receipt).toHaveLength(0);
  expect(await state(unit)).toEqual(['frozen', 'FORKED', 1n]);
  expect(
    await rowsOf(
      hub,
      `select seq, header, signature from sync.fork_evidence where agency = '${unit.agency}'`,
    ),
  ).toEqual([[forked.seq, forked.header, Buffer.from(forked.signature)]]);
  expect(await inbox(unit)).toHaveLength(1);
  await expect(unit.push(await unit.seal({}))).rejects.toMatchObject({ code: 'HUB_UNIT_FROZEN' });
});

test('I7: of a unit that was revoked after it was let in nothing is taken', async () => {
  const unit = await newUnit();
  const batch = await unit.seal({});
  await rowsOf(hub, `update registry.unit set status = 'revoked' where agency = '${unit.agency}'`);
  await expect(unit.push(batch)).rejects.toMatchObject({ code: 'HUB_CERTIFICATE_UNKNOWN' });
  expect(await inbox(unit)).toEqual([]);
});

test.each([
  ['an older epoch', { epoch: 1n }],
  ['a newer epoch', { epoch: 3n }],
  ['another incarnation of the hub', { epoch: 2n, hubIncarnation: 2n }],
])('a batch under %s is fenced, be it new or known', async (_, changes) => {
  const unit = await newUnit();
  await rowsOf(hub, `update registry.unit set epoch = 2 where agency = '${unit.agency}'`);
  unit.epoch = 2n;
  const known = await unit.seal({});
  await unit.push(known);
  const next = await unit.seal({});
  for (const batch of [known, next]) {
    const reply = await unit.push(batch, changes);
    expect(reply.outcome).toBe('FENCED');
    expect(reply.receipt).toHaveLength(0);
  }
  expect(await state(unit)).toEqual(['active', null, 1n]);
});

const stranger = createSigningKeyPair();
type FrameChange = (batch: TestBatch) => Partial<BatchFrame>;
const sent: FrameChange = () => ({});

test.each<readonly [string, string, BatchOptions, FrameChange]>([
  [
    'another key',
    'HUB_SIGNATURE_INVALID',
    {},
    (batch) => ({
      signature: signBytes(stranger.privateKey, domains.batch, batch.header),
    }),
  ],
  ['another key named', 'HUB_SIGNATURE_INVALID', { header: { signingKey: 'f'.repeat(32) } }, sent],
  ['no signature', 'HUB_SIGNATURE_INVALID', {}, () => ({ signature: new Uint8Array(0) })],
  [
    'a header with one bit more',
    'HUB_SIGNATURE_INVALID',
    {},
    ({ header }) => ({
      header: Buffer.concat([header, Buffer.from([0x78, 0x01])]),
    }),
  ],
  ['another agency', 'HUB_AGENCY_MISMATCH', { header: { agency: 'H52' } }, sent],
  [
    'another hub as audience',
    'HUB_AUDIENCE_MISMATCH',
    { header: { audience: Buffer.alloc(32) } },
    sent,
  ],
  ['no audience', 'HUB_AUDIENCE_MISMATCH', { header: { audience: Buffer.alloc(0) } }, sent],
  [
    'one bit of content flipped',
    'HUB_CONTENT_CORRUPT',
    {},
    ({ content }) => ({
      content: content.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
    }),
  ],
  [
    'truncated content',
    'HUB_CONTENT_CORRUPT',
    {},
    ({ content }) => ({
      content: content.subarray(0, -1),
    }),
  ],
  ['no content', 'HUB_CONTENT_CORRUPT', {}, () => ({ content: Buffer.alloc(0) })],
  ['another size stated', 'HUB_CONTENT_CORRUPT', { header: { contentBytes: 1n } }, sent],
  ['more records than allowed', 'HUB_TOO_LARGE', { recordCount: batchRecordsMax + 1 }, sent],
  [
    'more to expand than allowed',
    'HUB_TOO_LARGE',
    {
      header: { rawBytes: BigInt(batchRawBytesMax + 1) },
    },
    sent,
  ],
  [
    'more content than allowed',
    'HUB_TOO_LARGE',
    {
      content: Buffer.alloc(batchContentBytesMax + 1),
    },
    sent,
  ],
  ['protocol 0', 'HUB_PROTOCOL_UNSUPPORTED', { header: { protocol: 0 } }, sent],
  ['a protocol to come', 'HUB_PROTOCOL_UNSUPPORTED', { header: { protocol: 2 } }, sent],
  ['number 0', 'HUB_UNREADABLE', { header: { seq: 0n } }, sent],
  ['a header that is none', 'HUB_UNREADABLE', {}, () => ({ header: Buffer.from('no header') })],
])('a batch with %s is refused as %s and leaves no trace', async (_, code, options, changes) => {
  const unit = await newUnit();
  const batch = await unit.seal(options);
  await expect(unit.push(batch, changes(batch))).rejects.toMatchObject({ code });
  expect(await inbox(unit)).toEqual([]);
  expect(await state(unit)).toEqual(['active', null, 0n]);
  expect(hub.rings).not.toContain(unit.agency);
});

test('what is signed for another purpose is no batch', async () => {
  const unit = await newUnit();
  const batch = await unit.seal({});
  const signature = signBytes(unit.keys.privateKey, domains.totals, batch.header);
  await expect(unit.push(batch, { signature })).rejects.toMatchObject({
    code: 'HUB_SIGNATURE_INVALID',
  });
});

test('bytes that are no frame are unreadable', async () => {
  const unit = await newUnit();
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('hello'),
    (await unit.seal({})).frame().subarray(0, 40),
  ]) {
    await expect(receiveBatch(hub, unit.caller, bytes)).rejects.toMatchObject({
      code: 'HUB_UNREADABLE',
    });
  }
});

test('a batch of the largest size allowed is accepted', async () => {
  const unit = await newUnit();
  const content = Buffer.alloc(batchContentBytesMax, 'x');
  const header = { rawBytes: BigInt(batchRawBytesMax) };
  const batch = await unit.seal({ content, header, recordCount: batchRecordsMax });
  expect((await unit.push(batch)).outcome).toBe('ACCEPTED');
});

test('one batch delivered twice at the same moment is accepted once, with one receipt', async () => {
  for (let round = 0; round < 5; round += 1) {
    const unit = await newUnit();
    const batch = await unit.seal({});
    const replies = await Promise.all([unit.push(batch), unit.push(batch)]);
    expect(replies.map((reply) => reply.outcome).toSorted()).toEqual(['ACCEPTED', 'DUPLICATE']);
    expect(replies[0]?.receipt).toEqual(replies[1]?.receipt);
    expect(await inbox(unit)).toHaveLength(1);
  }
});

test('five batches delivered twenty times in any order end accepted once each', async () => {
  const unit = await newUnit();
  const batches: TestBatch[] = [];
  for (let i = 0; i < 5; i += 1) batches.push(await unit.seal({ marker: `${i}` }));
  const receipts = new Map<bigint, Set<string>>();
  let accepted = 0;
  const deliver = async (batch: TestBatch): Promise<void> => {
    const reply = await unit.push(batch);
    if (reply.outcome === 'GAP') return;
    expect(['ACCEPTED', 'DUPLICATE']).toContain(reply.outcome);
    if (reply.outcome === 'ACCEPTED') accepted += 1;
    const known = receipts.get(batch.seq) ?? new Set();
    receipts.set(batch.seq, known.add(Buffer.from(reply.receipt).toString('hex')));
  };
  let deliveries = 0;
  while ((await inbox(unit)).length < 5) {
    // backwards and forwards at once: the worst order first
    const order = Array.from({ length: 20 }, (_, i) => batches.at((i * 7 + deliveries + 4) % 5));
    await Promise.all(order.filter((one) => one !== undefined).map((batch) => deliver(batch)));
    deliveries += 20;
    expect(deliveries).toBeLessThanOrEqual(100);
  }
  await Promise.all(batches.map((batch) => deliver(batch)));
  expect(accepted).toBe(5);
  expect([...receipts.values()].map((known) => known.size)).toEqual([1, 1, 1, 1, 1]);
  expect(await state(unit)).toEqual(['active', null, 5n]);
});

test('a unit with too much waiting is told to come back later', async () => {
  const unit = await newUnit();
  const fill = await compress(Buffer.alloc(1));
  for (let i = 0; i < 200; i += 1) {
    const batch = await unit.seal({ content: fill });
    await rowsOf(
      hub,
      `insert into sync.inbox (agency, seq, prev_hash, header_hash, header, signature, content,
          receipt, receipt_signature, received_at, records_sent)
        values ('${unit.agency}', ${batch.seq}, '', '\\x${batch.headerHash.toString('hex')}', '',
          '', '', '', '', now(), 0)`,
    );
  }
  await rowsOf(
    hub,
    `update registry.unit set head_seq = 200,
      head_hash = '\\x${Buffer.from(unit.headHash).toString('hex')}' where agency = '${unit.agency}'`,
  );
  const next = await unit.seal({});
  expect(await unit.push(next)).toMatchObject({ outcome: 'BUSY', retryAfterS: 5 });
  // the oldest has waited for 400 s: a quarter of all takes a quarter of that
  const since = new Date(hub.now().getTime() - 400_000).toISOString();
  await rowsOf(
    hub,
    `update sync.inbox set received_at = '${since}' where agency = '${unit.agency}' and seq = 2`,
  );
  expect(await unit.push(next)).toMatchObject({ outcome: 'BUSY', retryAfterS: 100 });
  await rowsOf(
    hub,
    `update sync.inbox set applied_at = now() where agency = '${unit.agency}' and seq = 1`,
  );
  expect((await unit.push(next)).outcome).toBe('ACCEPTED');
});

test('I15: few batches that are large fill the inbox of a unit as many small ones do', async () => {
  const unit = await newUnit();
  const first = await unit.seal({});
  expect((await unit.push(first)).outcome).toBe('ACCEPTED');
  const size = (bytes: number): Promise<unknown> =>
    rowsOf(
      hub,
      `update sync.inbox set content = convert_to(repeat('x', ${bytes}), 'UTF8')
       where agency = '${unit.agency}' and seq = 1`,
    );
  // sixteen of the largest size, all but one far above the numbers of the chain: they only wait
  await size(batchContentBytesMax);
  await rowsOf(
    hub,
    `insert into sync.inbox (agency, seq, prev_hash, header_hash, header, signature, content,
        receipt, receipt_signature, received_at, records_sent)
      select agency, 1000 + i, '', '', '', '', content, '', '', received_at, 0
      from sync.inbox, generate_series(1, 15) i where agency = '${unit.agency}' and seq = 1`,
  );
  const second = await unit.seal({});
  expect((await unit.push(second)).outcome).toBe('BUSY');
  await size(batchContentBytesMax - 1);
  expect((await unit.push(second)).outcome).toBe('ACCEPTED');
});
