import { createPublicKey, randomBytes } from 'node:crypto';

import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  helloBody,
  type HelloBody,
  helloReply,
  helloRequest,
  type HelloRequest,
} from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { sayHello } from './say-hello.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await openTestHub({ now: new Date('2026-09-01T16:00:00Z') });
});
afterAll(async () => hub[Symbol.asyncDispose]());

let units = 10;
function newUnit(): Promise<TestUnit> {
  units += 1;
  return enrolTestUnit(hub, `X${units}`);
}

const none = new Uint8Array(0);

const requestOf = (unit: TestUnit, changes: Partial<HelloRequest> = {}): Buffer =>
  helloRequest.encode({
    protocol: 1,
    agency: unit.agency,
    helloNonce: randomBytes(16),
    lineageToken: none,
    headSeq: unit.seq,
    headHash: unit.headHash,
    hubIncarnation: 1n,
    feedCursor: 0n,
    catalogueVersion: 1,
    software: 'test 1',
    clockMs: BigInt(hub.now().getTime()) + 1500n,
    unsealed: 0n,
    bundleKey: new Uint8Array(0),
    receiptedSeq: 0n,
    ...changes,
  });

function bodyOf(bytes: Uint8Array): HelloBody {
  const reply = helloReply.decode(bytes);
  const key = createPublicKey(hub.signingKey);
  expect(verifyBytes(key, domains.hello, reply.body, reply.signature)).toBe(true);
  return helloBody.decode(reply.body);
}

const greet = async (unit: TestUnit, changes: Partial<HelloRequest> = {}): Promise<HelloBody> =>
  bodyOf(await sayHello(hub, unit.caller, requestOf(unit, changes)));

const stateOf = async ({ agency }: TestUnit): Promise<unknown> => {
  const [row] = await rowsOf(
    hub,
    `select status, frozen_reason, epoch from registry.unit where agency = '${agency}'`,
  );
  return row;
};

test('each hello raises the epoch and passes the lineage on, and what it says is kept', async () => {
  const unit = await newUnit();
  const first = await greet(unit);
  expect(first).toMatchObject({ relation: 'EQUAL', epoch: 2n, headSeq: 0n, hubIncarnation: 1n });
  expect(first.lineageToken).toHaveLength(32);
  unit.epoch = first.epoch;
  await unit.push(await unit.seal({}));
  const second = await greet(unit, { lineageToken: first.lineageToken });
  expect(second).toMatchObject({ relation: 'EQUAL', epoch: 3n, headSeq: 1n });
  expect(Buffer.from(second.headHash)).toEqual(Buffer.from(unit.headHash));
  expect(Buffer.from(second.lineageToken)).not.toEqual(Buffer.from(first.lineageToken));
  expect(
    await rowsOf(
      hub,
      `select software, catalogue_version, clock_skew_ms from registry.unit
       where agency = '${unit.agency}'`,
    ),
  ).toEqual([['test 1', 1, 1500n]]);
  // what was sent under the epoch before is fenced
  expect((await unit.push(await unit.seal({}))).outcome).toBe('FENCED');
});

test('I7: a hello repeated with its nonce spends nothing, and fences what was sent under its first answer', async () => {
  const unit = await newUnit();
  const request = requestOf(unit);
  const say = async (): Promise<HelloBody> =>
    helloBody.decode(helloReply.decode(await sayHello(hub, unit.caller, request)).body);
  const first = await say();
  const again = await Promise.all([say(), say(), say()]);
  expect(new Set(again.map((one) => one.epoch))).toEqual(new Set([3n, 4n, 5n]));
  for (const one of again) expect(one.lineageToken).toEqual(first.lineageToken);
  expect(await stateOf(unit)).toEqual(['active', null, 5n]);
  // a machine restored with this hello pending has the answer of the repeat, its former life the first
  unit.epoch = first.epoch;
  const batch = await unit.seal({ marker: 'of the former life' });
  expect((await unit.push(batch)).outcome).toBe('FENCED');
  unit.epoch = 5n;
  expect((await unit.push(batch)).outcome).toBe('ACCEPTED');
});

test('of two machines with the same past the second to speak is found, and the unit frozen', async () => {
  const unit = await newUnit();
  const { lineageToken, epoch } = await greet(unit);
  unit.epoch = epoch;
  await unit.push(await unit.seal({}));
  expect((await greet(unit, { lineageToken })).relation).toBe('EQUAL');
  const clone = await greet(unit, { lineageToken });
  expect(clone).toMatchObject({ relation: 'CLONED', epoch: 0n });
  expect(clone.lineageToken).toHaveLength(0);
  expect(await stateOf(unit)).toEqual(['frozen', 'CLONED', 3n]);
});

test('a node that lost its last batches is told so and not frozen; one with other bytes is', async () => {
  const unit = await newUnit();
  const { lineageToken, epoch } = await greet(unit);
  unit.epoch = epoch;
  const first = await unit.seal({ marker: '1' });
  await unit.push(first);
  await unit.push(await unit.seal({ marker: '2' }));
  const restored = { lineageToken, headSeq: 1n, headHash: first.headerHash };
  expect(await greet(unit, restored)).toMatchObject({ relation: 'NODE_BEHIND', epoch: 0n });
  expect(await greet(unit, { lineageToken, headSeq: 0n, headHash: none })).toMatchObject({
    relation: 'NODE_BEHIND',
  });
  expect(await stateOf(unit)).toEqual(['active', null, 2n]);
  expect(await greet(unit, { ...restored, headHash: Buffer.alloc(32) })).toMatchObject({
    relation: 'FORKED',
    epoch: 0n,
  });
  expect(await stateOf(unit)).toEqual(['frozen', 'FORKED', 2n]);
});

test.each([
  ['frozen', 'HUB_UNIT_FROZEN'],
  ['revoked', 'HUB_CERTIFICATE_UNKNOWN'],
])('I7: a unit that was %s after it was let in is not welcomed', async (status, code) => {
  const unit = await newUnit();
  await rowsOf(
    hub,
    `update registry.unit set status = '${status}' where agency = '${unit.agency}'`,
  );
  await expect(greet(unit)).rejects.toMatchObject({ code });
  expect(await stateOf(unit)).toEqual([status, null, 1n]);
});

test('the key for bundles stays until another is told, and the acknowledged feed until the hub is another', async () => {
  const unit = await newUnit();
  const kept = `select bundle_key, feed_acked from registry.unit where agency = '${unit.agency}'`;
  const bundleKey = Buffer.alloc(32, 7);
  const first = await greet(unit, { bundleKey });
  await rowsOf(hub, `update registry.unit set feed_acked = 4 where agency = '${unit.agency}'`);
  const second = await greet(unit, { lineageToken: first.lineageToken });
  expect(await rowsOf(hub, kept)).toEqual([[bundleKey, 4n]]);
  await greet(unit, { lineageToken: second.lineageToken, hubIncarnation: 0n });
  expect(await rowsOf(hub, kept)).toEqual([[bundleKey, 0n]]);
});

test('a node that has sealed more is ahead, however much it says', async () => {
  const unit = await newUnit();
  const reply = await greet(unit, { headSeq: 2n ** 63n - 1n, headHash: Buffer.alloc(32) });
  expect(reply).toMatchObject({ relation: 'NODE_AHEAD', epoch: 2n });
});

test.each<readonly [string, Partial<HelloRequest>, string]>([
  ['another agency', { agency: 'H52' }, 'HUB_AGENCY_MISMATCH'],
  ['a protocol to come', { protocol: 2 }, 'HUB_PROTOCOL_UNSUPPORTED'],
  ['protocol 0', { protocol: 0 }, 'HUB_PROTOCOL_UNSUPPORTED'],
  ['a short nonce', { helloNonce: Buffer.alloc(15) }, 'HUB_UNREADABLE'],
  ['a catalogue beyond counting', { catalogueVersion: 2 ** 32 - 1 }, 'HUB_UNREADABLE'],
  ['a head beyond counting', { headSeq: 2n ** 63n }, 'HUB_UNREADABLE'],
  ['a clock beyond counting', { clockMs: 2n ** 64n - 1n }, 'HUB_UNREADABLE'],
  ['U+0000 in its software', { software: 'a\0b' }, 'HUB_UNREADABLE'],
])('a hello with %s is refused and changes nothing', async (_, changes, code) => {
  const unit = await newUnit();
  await expect(greet(unit, changes)).rejects.toMatchObject({ code });
  expect(await stateOf(unit)).toEqual(['active', null, 1n]);
});
