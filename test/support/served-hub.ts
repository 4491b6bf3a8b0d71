/**
 * A hub behind its HTTP server with two units, H52 with a certificate and H53 with data that nobody
 * else may see, and a call for each route of the sync interface.
 */
import { randomBytes } from 'node:crypto';

import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchContentBytesMax,
  digestBytesMax,
  frameOverheadBytesMax,
  helloBytesMax,
  totalsBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import {
  digestTreeRequest,
  helloRequest,
  resendRequest,
  totalsFrame,
  totalsReport,
  verificationFrame,
  verificationReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes } from '@lienthong/shared-schema/wire/record-id.ts';

import { openTestHub, type TestHub } from './test-hub.ts';
import { orgUnit, person, recordId } from './test-records.ts';
import {
  type Call,
  certifyTestUnit,
  type ClientCredentials,
  serveTestHub,
  type TestServer,
} from './test-server.ts';
import { enrolTestUnit, type TestUnit } from './test-unit.ts';

export type ServedHub = AsyncDisposable & {
  readonly hub: TestHub;
  readonly server: TestServer;
  readonly a: TestUnit;
  /** Of H52. */
  readonly certificate: ClientCredentials;
};

/** Texts that only H53 may ever read. */
export const secretsOfB = ['001099123456', 'Người Của Bê', 'H53.SECRET', 'Phòng Kín Của Bê'];

export async function openServedHub(): Promise<ServedHub> {
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await openTestHub());
  const server = stack.use(await serveTestHub(hub));
  const a = await enrolTestUnit(hub, 'H52');
  const b = await enrolTestUnit(hub, 'H53');
  const certificate = await certifyTestUnit(hub, 'H52');
  await certifyTestUnit(hub, 'H53');
  await a.send([orgUnit(1, 'H52'), orgUnit(2, 'H52.01'), person(16, '001080000001')]);
  await b.send(
    [
      orgUnit(3, 'H53'),
      orgUnit(4, 'H53.SECRET', { name: 'Phòng Kín Của Bê' }),
      person(17, '001099123456', { unit: 'H53.SECRET', fields: { full_name: 'Người Của Bê' } }),
      person(18, '00109912345', { unit: 'H53.SECRET', fields: { full_name: 'Người Của Bê' } }),
    ],
    { marker: 'marker of H53.SECRET' },
  );
  const open = stack.move();
  return { hub, server, a, certificate, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

type Channel = {
  readonly epoch: bigint;
  readonly lineage_token: Buffer;
  readonly head_seq: bigint;
  readonly head_hash: Buffer;
};

/** What A knows, having heard every answer so far. */
async function channelOfA({ hub }: ServedHub): Promise<Channel> {
  const { rows } = await hub.database.pool.query<Channel>(
    `select epoch, lineage_token, head_seq, head_hash from registry.unit where agency = 'H52'`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A is not registered');
  return row;
}

/** A hello of A in the name of an agency. */
async function hello(served: ServedHub, agency: string): Promise<Buffer> {
  const channel = await channelOfA(served);
  return helloRequest.encode({
    protocol: 1,
    agency,
    helloNonce: randomBytes(16),
    lineageToken: channel.lineage_token,
    headSeq: channel.head_seq,
    headHash: channel.head_hash,
    receiptedSeq: channel.head_seq,
    hubIncarnation: 1n,
    feedCursor: 0n,
    catalogueVersion: 1,
    software: 'test',
    clockMs: BigInt(Date.now()),
    unsealed: 0n,
    bundleKey: new Uint8Array(0),
  });
}

function totals({ hub, a }: ServedHub, agency: string): Buffer {
  const report = totalsReport.encode({
    protocol: 1,
    audience: hub.audience,
    agency,
    asOf: hub.now().toISOString().slice(0, 10),
    headSeq: 1n,
    figures: [{ measure: 'people', key: 'travelling', value: 1n }],
  });
  const signature = signBytes(a.keys.privateKey, domains.totals, report);
  return totalsFrame.encode({ report, signature });
}

/** Of A, of B and of nobody. */
const recordsAskedFor = [16, 17, 99].map((n) => recordIdBytes(recordId(n)));

/** Everything that can be asked of the tree, whoever asks. */
const treeQuestion = (): Buffer =>
  digestTreeRequest.encode({ prefixes: [new Uint8Array(0)], records: recordsAskedFor });

const resendQuestion = (): Buffer => resendRequest.encode({ records: recordsAskedFor });

function verification({ hub, a }: ServedHub, agency: string): Buffer {
  const report = verificationReport.encode({
    protocol: 1,
    audience: hub.audience,
    agency,
    hubIncarnation: 1n,
    headSeq: 1n,
    feedCursor: 1n,
    root: new Uint8Array(32),
    mirrorRoot: new Uint8Array(32),
    records: 3n,
    differing: 0n,
    heldBack: 0n,
    repaired: 0n,
    deep: false,
    madeAtMs: BigInt(hub.now().getTime()),
  });
  const signature = signBytes(a.keys.privateKey, domains.verification, report);
  return verificationFrame.encode({ report, signature });
}

/** The next batch of A's chain under its epoch, of A's key, whose header names an agency. */
export async function nextBatch(served: ServedHub, agency: string): Promise<Buffer> {
  const { epoch, head_seq: seq, head_hash: hash } = await channelOfA(served);
  return (await served.a.makeBatch(seq + 1n, hash, { header: { agency } })).frame({ epoch });
}

export type SyncRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The body of a call in the name of an agency. */
  readonly body?: (served: ServedHub, agency: string) => Buffer | Promise<Buffer>;
  readonly bytesMax?: number;
  /** True where a body names no agency: whose data it is about the certificate alone says. */
  readonly nameless?: true;
};

export const syncRoutes: readonly SyncRoute[] = [
  { method: 'POST', path: '/sync/v1/hello', body: hello, bytesMax: helloBytesMax },
  {
    method: 'POST',
    path: '/sync/v1/batches',
    body: nextBatch,
    bytesMax: batchContentBytesMax + frameOverheadBytesMax,
  },
  { method: 'GET', path: '/sync/v1/batches/1' },
  { method: 'GET', path: '/sync/v1/feed?after=0' },
  {
    method: 'POST',
    path: '/sync/v1/digest/tree',
    body: treeQuestion,
    bytesMax: digestBytesMax,
    nameless: true,
  },
  {
    method: 'POST',
    path: '/sync/v1/digest/resend',
    body: resendQuestion,
    bytesMax: digestBytesMax,
    nameless: true,
  },
  {
    method: 'POST',
    path: '/sync/v1/verifications',
    body: verification,
    bytesMax: digestBytesMax,
  },
  { method: 'POST', path: '/sync/v1/totals', body: totals, bytesMax: totalsBytesMax },
];

/** The call of a route as H52 makes it, in the name of an agency. */
export async function callOf(served: ServedHub, route: SyncRoute, agency: string): Promise<Call> {
  const { method, path } = route;
  return route.body === undefined
    ? { method, path }
    : { method, path, body: await route.body(served, agency) };
}
