/** The tree of digests against the rule of the protocol, worked out anew here from the rows as text. */
import { createHash, createPublicKey } from 'node:crypto';

import { nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { sha256, signBytes, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  type DigestTreeBody,
  digestTreeBody,
  digestTreeReply,
  digestTreeRequest,
  resendRequest,
  verificationFrame,
  verificationReceiptBody,
  verificationReply,
  verificationReport,
  type VerificationReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes } from '@lienthong/shared-schema/wire/record-id.ts';
import { expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { manifestLines } from '../../../test/support/test-mirror.ts';
import { gone, orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { serveDigestTree } from './digest-tree.ts';
import { receiveVerification } from './receive-verification.ts';
import { resendRecords } from './resend-records.ts';
import { verifyDigests } from './verify-digests.ts';

const lists = { training: [{ institution: 'Trường một' }, { institution: 'Trường hai \\N' }] };
const peopleOfA = Array.from({ length: 40 }, (_, i) => 16 + i);

type World = AsyncDisposable & {
  readonly hub: TestHub;
  readonly a: TestUnit;
  readonly b: TestUnit;
};

async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await openTestHub());
  const a = await enrolTestUnit(hub, 'H52');
  const b = await enrolTestUnit(hub, 'H53');
  await a.send([
    orgUnit(1, 'H52'),
    orgUnit(2, 'H52.01'),
    ...peopleOfA.map((n) => person(n, pinOf(n), { more: n % 2 === 0 ? lists : {} })),
  ]);
  await b.send([orgUnit(3, 'H53'), person(90, pinOf(90), { unit: 'H53' })]);
  const open = stack.move();
  return { hub, a, b, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function ask(
  hub: TestHub,
  unit: TestUnit,
  prefixes: readonly string[],
  records: readonly string[] = [],
): Promise<DigestTreeBody> {
  const request = digestTreeRequest.encode({
    prefixes: prefixes.map((prefix) => Buffer.from(prefix, 'hex')),
    records: records.map((id) => recordIdBytes(id)),
  });
  const reply = digestTreeReply.decode(await serveDigestTree(hub, unit.caller, request));
  const key = createPublicKey(hub.signingKey);
  expect(verifyBytes(key, domains.digest, reply.body, reply.signature)).toBe(true);
  const body = digestTreeBody.decode(reply.body);
  expect(body).toMatchObject({ agency: unit.agency, requestHash: sha256(request) });
  return body;
}

const hashOf = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const tagBytes = (tag: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(tag);
  return bytes;
};

const sortedPairs = (
  pairs: Iterable<readonly [string, Uint8Array]>,
): readonly (readonly [string, string])[] =>
  Array.from(pairs, ([key, digest]) => [key, hex(digest)] as const).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );

/** Record id → digest, by the words of the protocol. */
async function digestsByHand(hub: TestHub, agency: string): Promise<ReadonlyMap<string, Buffer>> {
  const parts = new Map<string, Buffer[]>();
  const own = await rowsOf(hub, `select record_id from national.record where agency = '${agency}'`);
  for (const [id] of own) parts.set(String(id), []);
  for (const section of nationalSections.toSorted((x, y) => x.tag - y.tag)) {
    const keys = section.many ? 'record_id, ordinal' : 'record_id';
    const fields = section.fields.map((field) => field.name).join(', ');
    const rows = await rowsOf(
      hub,
      `select record_id, row(${keys}, ${fields})::text from national.${section.name}
       where agency = '${agency}' order by ${keys}`,
    );
    const byRecord = Map.groupBy(rows, ([id]) => String(id));
    for (const [id, found] of byRecord) {
      const hashes = found.map(([, text]) => hashOf(Buffer.from(String(text))));
      parts.get(id)?.push(tagBytes(section.tag), hashOf(...hashes));
    }
  }
  return new Map(Array.from(parts, ([id, found]) => [id, hashOf(...found)]));
}

test('records, branches and root are what the protocol says, worked out by hand', async () => {
  await using world = await openWorld();
  const { hub, a } = world;
  const expected = await digestsByHand(hub, 'H52');
  const prefixOf = (id: string, digits: number): string =>
    hex(hashOf(recordIdBytes(id))).slice(0, digits);
  const byBucket = Map.groupBy([...expected.keys()].toSorted(), (id) => prefixOf(id, 4));
  const buckets = new Map(
    Array.from(byBucket, ([prefix, ids]) => [
      prefix,
      hashOf(...ids.flatMap((id) => [recordIdBytes(id), expected.get(id) ?? Buffer.alloc(0)])),
    ]),
  );
  const below = (prefix: string): Buffer[] =>
    [...buckets.keys()]
      .filter((key) => key.startsWith(prefix))
      .toSorted()
      .flatMap((key) => [Buffer.from(key, 'hex'), buckets.get(key) ?? Buffer.alloc(0)]);
  const bytes = [...new Set([...buckets.keys()].map((key) => key.slice(0, 2)))].toSorted();

  const top = await ask(hub, a, ['']);
  expect(top.branches.map(({ prefix, digest }) => [hex(prefix), hex(digest)])).toEqual(
    bytes.map((prefix) => [prefix, hex(hashOf(...below(prefix)))]),
  );
  expect(top.branches.reduce((sum, one) => sum + one.records, 0n)).toBe(42n);
  const second = await ask(hub, a, bytes.slice(0, 64));
  expect(second.branches.map(({ prefix, digest }) => [hex(prefix), hex(digest)])).toEqual(
    sortedPairs(buckets),
  );
  const leaves = await ask(hub, a, [...buckets.keys()].slice(0, 64));
  expect(sortedPairs(leaves.leaves.map(({ recordId: id, digest }) => [hex(id), digest]))).toEqual(
    sortedPairs(Array.from(expected, ([id, digest]) => [id.replaceAll('-', ''), digest])),
  );
  const root = hashOf(
    ...bytes.flatMap((prefix) => [Buffer.from(prefix, 'hex'), hashOf(...below(prefix))]),
  );
  expect((await verifyDigests(hub, 'H52')).root).toBe(hex(root));
});

test('kept digests follow every way of writing, and a deep check finds what went past the triggers', async () => {
  await using world = await openWorld();
  const { hub, a } = world;
  const { pool } = hub.database;
  const asKept = async (): Promise<void> => {
    await ask(hub, a, ['']);
    const kept = await rowsOf(
      hub,
      `select record_id, digest from sync.record_digest where agency = 'H52' order by record_id`,
    );
    const expected = await digestsByHand(hub, 'H52');
    expect(kept.map(([id, digest]) => [id, hex(digest as Buffer)])).toEqual(sortedPairs(expected));
  };
  await asKept();
  const client = await pool.connect();
  try {
    for (const statement of [
      `update national.training set institution = 'X' where ordinal = 2`,
      `delete from national.employment where record_id = '${recordId(16)}'`,
      `insert into national.salary (record_id, agency, step) select record_id, agency, 3
       from national.identity where agency = 'H52' limit 5`,
      `insert into national.salary (record_id, agency, step) values ('${recordId(17)}', 'H52', 4)
       on conflict (record_id) do update set step = 5`,
      `delete from national.record where record_id = '${recordId(18)}'`,
      `update national.record set agency = 'H53' where record_id = '${recordId(19)}';
       update national.identity set agency = 'H53' where record_id = '${recordId(19)}';
       update national.employment set agency = 'H53' where record_id = '${recordId(19)}'`,
      'truncate national.training',
      `begin; set local session_replication_role = replica;
       update national.identity set full_name = 'Khác' where record_id = '${recordId(20)}'; commit`,
    ]) {
      await client.query(statement);
      await asKept();
    }
  } finally {
    client.release();
  }
  await a.send([person(21, pinOf(21), { version: 2, more: lists }), gone(22, 2)]);
  await asKept();
  expect(await verifyDigests(hub, 'H52')).toMatchObject({ records: 39, unmarked: 0, named: [] });

  await pool.query('alter table national.identity disable trigger user');
  await pool.query(
    `update national.identity set full_name = 'Sau lưng' where record_id = '${recordId(30)}'`,
  );
  await pool.query('alter table national.identity enable always trigger digest_update');
  expect(await verifyDigests(hub, 'H52')).toMatchObject({ unmarked: 1, named: [recordId(30)] });
  expect(await verifyDigests(hub, 'H52')).toMatchObject({ unmarked: 0 });
  await asKept();
});

test('digests made by another rule, as of an older catalogue, are all made anew', async () => {
  await using world = await openWorld();
  const { hub, a } = world;
  const { branches } = await ask(hub, a, ['']);
  await hub.database.pool.query(`update sync.record_digest set digest = '\\x00';
    update sync.bucket_digest set digest = '\\x00'`);
  expect((await ask(hub, a, [''])).branches).not.toEqual(branches);
  await hub.database.pool.query(`update sync.digest_rule set rule = '\\x00'`);
  expect((await ask(hub, a, [''])).branches).toEqual(branches);
});

test('a writer that commits while digests are made is neither lost nor waited for', async () => {
  await using world = await openWorld();
  const { hub, a } = world;
  const writer = await hub.database.pool.connect();
  try {
    await writer.query('begin');
    await writer.query(
      `update national.identity set full_name = 'Muộn' where record_id = '${recordId(16)}'`,
    );
    const before = await ask(hub, a, [''], [recordId(16)]);
    await writer.query('commit');
    const after = await ask(hub, a, [''], [recordId(16)]);
    expect(after.leaves[0]?.digest).not.toEqual(before.leaves[0]?.digest);
    const expected = await digestsByHand(hub, 'H52');
    expect(after.leaves[0]?.digest).toEqual(expected.get(recordId(16)));
  } finally {
    writer.release();
  }
});

test('I8: of a record of another unit no more is said than of one that nobody has', async () => {
  await using world = await openWorld();
  const { hub, b } = world;
  const foreign = await ask(hub, b, [], [recordId(16)]);
  const unknown = await ask(hub, b, [], [recordId(9_999)]);
  expect(foreign.leaves).toEqual(
    unknown.leaves.map((leaf) => ({ ...leaf, recordId: Buffer.from(recordIdBytes(recordId(16))) })),
  );
  // who asks for one twice is told of it once
  expect((await ask(hub, b, [], [recordId(90), recordId(90)])).leaves).toHaveLength(1);
  const { header } = await b.pull();
  const request = resendRequest.encode({
    records: [90, 16, 90, 9_999].map((n) => recordIdBytes(recordId(n))),
  });
  await resendRecords(hub, b.caller, request);
  const { header: grown, content } = await b.pull(header.toCursor);
  expect(grown.feedHead).toBe(header.feedHead + 3n);
  expect(manifestLines(content).map(({ id, op }) => [id, op])).toEqual([
    [recordId(16), 'D'],
    [recordId(90), 'U'],
    [recordId(9_999), 'D'],
  ]);
  expect(
    JSON.stringify(content.blocks.map(({ rows }) => Buffer.from(rows).toString())),
  ).not.toContain(pinOf(16));
});

test('I15: a question with too many or malformed parts is refused', async () => {
  await using world = await openWorld();
  const { hub, a } = world;
  const many = (count: number, length: number): Uint8Array[] =>
    Array.from({ length: count }, () => new Uint8Array(length));
  for (const request of [
    { prefixes: many(65, 1), records: [] },
    { prefixes: many(1, 3), records: [] },
    { prefixes: [], records: many(257, 16) },
    { prefixes: [], records: many(1, 15) },
  ]) {
    const bytes = digestTreeRequest.encode(request);
    await expect(serveDigestTree(hub, a.caller, bytes)).rejects.toMatchObject({
      code: 'HUB_UNREADABLE',
    });
    if (request.records.length === 0) continue;
    const again = resendRequest.encode({ records: request.records });
    await expect(resendRecords(hub, a.caller, again)).rejects.toMatchObject({
      code: 'HUB_UNREADABLE',
    });
  }
});

test('a report is confirmed at its heads and with equal roots only, and a repeat gets the same bytes', async () => {
  await using world = await openWorld();
  const { hub, a, b } = world;
  const root = Buffer.from((await verifyDigests(hub, 'H52')).root, 'hex');
  const { feedHead } = await ask(hub, a, []);
  const good: VerificationReport = {
    protocol: 1,
    audience: hub.audience,
    agency: 'H52',
    hubIncarnation: hub.incarnation,
    headSeq: a.seq,
    feedCursor: feedHead,
    root,
    mirrorRoot: root,
    records: 42n,
    differing: 0n,
    heldBack: 0n,
    repaired: 0n,
    deep: false,
    madeAtMs: 1n,
  };
  const frameOf = (report: VerificationReport, unit: TestUnit = a): Buffer => {
    const bytes = verificationReport.encode(report);
    const signature = signBytes(unit.keys.privateKey, domains.verification, bytes);
    return verificationFrame.encode({ report: bytes, signature });
  };
  const confirmed = async (report: VerificationReport): Promise<boolean> => {
    const answer = verificationReply.decode(
      await receiveVerification(hub, a.caller, frameOf(report)),
    );
    return verificationReceiptBody.decode(answer.receipt).confirmed;
  };
  expect(await confirmed(good)).toBe(true);
  const other = Buffer.alloc(32, 1);
  for (const wrong of [
    { root: other },
    { mirrorRoot: other },
    { headSeq: 2n },
    { feedCursor: feedHead + 1n },
    { hubIncarnation: 9n },
  ]) {
    expect(await confirmed({ ...good, ...wrong })).toBe(false);
  }
  const first = await receiveVerification(hub, a.caller, frameOf(good));
  await a.send([gone(55, 2)]);
  expect(await receiveVerification(hub, a.caller, frameOf(good))).toEqual(first);
  const stored = await rowsOf(hub, `select count(*) from sync.verification where agency = 'H52'`);
  expect(stored).toEqual([[6n]]);
  // a batch that waits may change what is equal still
  const { header } = await a.pull();
  const present = { ...good, root: Buffer.from((await verifyDigests(hub, 'H52')).root, 'hex') };
  const now = { ...present, mirrorRoot: present.root, feedCursor: header.feedHead };
  expect(await confirmed({ ...now, headSeq: a.seq })).toBe(true);
  await a.push(await a.seal({}));
  expect(await confirmed({ ...now, headSeq: a.seq })).toBe(false);

  for (const [frame, code] of [
    [frameOf(good, b), 'HUB_SIGNATURE_INVALID'],
    [frameOf({ ...good, agency: 'H53' }), 'HUB_AGENCY_MISMATCH'],
    [frameOf({ ...good, audience: other }), 'HUB_AUDIENCE_MISMATCH'],
    [frameOf({ ...good, protocol: 99 }), 'HUB_PROTOCOL_UNSUPPORTED'],
  ] as const) {
    await expect(receiveVerification(hub, a.caller, frame)).rejects.toMatchObject({ code });
  }
});
