/**
 * Whatever stands in a body: damaged and oversized messages, other types than agreed, numbers and texts
 * at the edge in messages that are well signed. Every answer is one of the catalogue and none is a 500;
 * after each the hub takes the next batch of the unit.
 */
import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { readInvitation } from '@lienthong/shared-schema/enrolment/invitation.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import {
  createSigningKeyPair,
  publicKeyToPem,
  signBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { enrolmentBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type BatchHeader,
  helloRequest,
  type HelloRequest,
  refusal,
  totalsFrame,
  totalsReport,
  type TotalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import {
  type Answer,
  type Call,
  certifyTestUnit,
  type ClientCredentials,
  serveTestHub,
  TestClient,
  type TestServer,
} from '../../../test/support/test-server.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { errorKinds } from '../errors.ts';
import { forgeRequest } from '../pki/request-fixture.ts';
import { createRsaKeyPair } from '../pki/rsa-key.ts';
import { inviteUnit } from '../sync/enrol-node.ts';

let hub: TestHub;
let server: TestServer;
let unit: TestUnit;
let certificate: ClientCredentials;

beforeAll(async () => {
  hub = await openTestHub();
  // one caller asks thousands of times here, which a quota would end
  server = await serveTestHub(hub, { requests: { burst: 1_000_000, perSecond: 1_000 } });
  unit = await enrolTestUnit(hub, 'H52');
  certificate = await certifyTestUnit(hub, 'H52');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** The code of an answer, `ok` below 400. Fails where it is a 500, or is not of the catalogue. */
function codeOf(answer: Answer, path: string): string {
  expect(answer.status).not.toBe(500);
  if (answer.status < 400) return 'ok';
  const code: unknown = path.startsWith('/sync/')
    ? refusal.decode(answer.body).code
    : JSON.parse(answer.body.toString()).code;
  const known = Object.entries(errorKinds).find(([name]) => name === code);
  expect([code, answer.status]).toEqual([known?.[0], known?.[1][0]]);
  return String(code);
}

async function callCode(
  call: Call,
  credentials: ClientCredentials | undefined = certificate,
): Promise<string> {
  using client = new TestClient(hub, server, credentials);
  return codeOf(await client.call(call), call.path);
}

/** The next batch of the chain is taken. */
async function expectService(): Promise<void> {
  const batch = await unit.seal({ records: [] });
  const body = batch.frame();
  expect(await callCode({ method: 'POST', path: '/sync/v1/batches', body })).toBe('ok');
}

const text = (value: string): Buffer => Buffer.from(value);
const varint = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const field = (number: number, wire: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(BigInt((number << 3) | wire)), content]);
const bytesField = (number: number, content: Uint8Array): Buffer =>
  field(number, 2, Buffer.concat([varint(BigInt(content.length)), content]));

/** Every field of a message in every wire type there is and is not, some of them 2^64 and more. */
const wrongTypes = Buffer.concat(
  Array.from({ length: 16 }, (_, i) => [
    field(i + 1, 0, Buffer.from('ffffffffffffffffff01', 'hex')),
    field(i + 1, 1, Buffer.alloc(8, 0xff)),
    bytesField(i + 1, Buffer.from([0xff])),
    field(i + 1, 5, Buffer.alloc(4, 0xff)),
  ]).flat(),
);

const bodies: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'one zero byte': Buffer.alloc(1),
  noise: randomBytes(1_000),
  ones: Buffer.alloc(1_000, 0xff),
  'groups in groups': Buffer.alloc(10_000, 0x7b),
  'messages in messages': Buffer.from('0a7f'.repeat(2_000), 'hex'),
  'every wrong type': wrongTypes,
  'a field beyond all numbers': field(2 ** 28, 0, varint(1n)),
  'field zero': Buffer.from([0, 1]),
  'a length beyond the end': Buffer.from('0affffffff0f', 'hex'),
  'a length beyond 2^32': Buffer.from('0affffffffffffffffff01', 'hex'),
  'a number without end': Buffer.alloc(100, 0x80),
  'thousands of unknown fields': Buffer.from('7801'.repeat(5_000), 'hex'),
  'text that is no UTF-8': bytesField(2, Buffer.from('c080ff', 'hex')),
  'half a pair of surrogates': bytesField(2, Buffer.from('eda080', 'hex')),
  'a zero in a text': bytesField(2, text('H5\0')),
  'another agency in NFD': bytesField(2, text('H\u030252')),
  gzip: gzipSync(Buffer.alloc(10_000_000)),
  zstd: zstdCompressSync(Buffer.alloc(10_000_000)),
  'an object': text('{"agency":"H52"}'),
  'arrays in arrays': text('['.repeat(15_000)),
  'a prototype': text('{"__proto__":{"agency":"H52"},"constructor":{"prototype":{"a":1}}}'),
  'no JSON': text('{"agency":'),
  'numbers beyond all numbers': text('{"token":1e999,"agency":-1e999}'),
};

const types = [
  '',
  'application/x-protobuf',
  'application/x-protobuf; charset=utf-16; boundary=x',
  'APPLICATION/X-PROTOBUF',
  'application/x-protobuf, application/json',
  'application/json',
  'application/json; charset=utf-7',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'a',
  '*/*',
  '/',
  ';',
  'x'.repeat(1_000),
] as const;

/** Each body as what might be taken for it, and each type with two bodies, plain and encoded. */
const bodiesAndTypes: readonly (readonly [string, string, (string | undefined)?])[] = [
  ...Object.keys(bodies).flatMap((name) => types.slice(0, 2).map((type) => [name, type] as const)),
  ...Object.keys(bodies).map((name) => [name, 'application/json'] as const),
  ...['noise', 'an object'].flatMap((name) =>
    types.flatMap((type) => [undefined, 'gzip', 'zstd'].map((one) => [name, type, one] as const)),
  ),
];

const places = [
  ['POST', '/sync/v1/hello'],
  ['POST', '/sync/v1/batches'],
  ['POST', '/sync/v1/totals'],
  ['GET', '/sync/v1/feed?after=0'],
  ['POST', '/sync/v1/digest/tree'],
  ['POST', '/sync/v1/digest/resend'],
  ['POST', '/sync/v1/verifications'],
  ['GET', '/sync/v1/batches/1'],
  ['POST', '/sync/v1/nothing'],
  ['POST', '/enrol/v1/requests'],
  ['PUT', '/enrol/v1/requests'],
  ['GET', '/health'],
  ['POST', '/health'],
  ['POST', '/'],
] as const;

test.each(places)(
  '%s %s refuses every body and type that is not its own, and the hub goes on',
  async (method, path) => {
    using client = new TestClient(hub, server, certificate);
    const taken: string[] = [];
    for (const [name, type, encoding] of bodiesAndTypes) {
      const body = bodies[name] ?? Buffer.alloc(0);
      const headers = {
        // left out, the client would add the type of protobuf
        'content-type': type,
        'content-length': String(body.length),
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      };
      const code = codeOf(await client.call({ method, path, body, headers }), path);
      if (code === 'ok') taken.push(`${name} as ${type}`);
    }
    // a GET has no body that anybody reads; a question without contents, or with those of a later
    // version, is a question
    const takesAny = method === 'GET' || path.startsWith('/sync/v1/digest/');
    expect(takesAny ? [] : taken).toEqual([]);
    await expectService();
  },
);

describe('well signed, at the edge of what numbers and texts can be', () => {
  const top = 2n ** 63n - 1n;

  const hello = (changes: Partial<HelloRequest>): Buffer =>
    helloRequest.encode({
      protocol: 1,
      agency: 'H52',
      helloNonce: randomBytes(16),
      lineageToken: new Uint8Array(0),
      headSeq: 0n,
      headHash: new Uint8Array(0),
      hubIncarnation: 1n,
      feedCursor: 0n,
      catalogueVersion: 1,
      software: 'test',
      clockMs: 0n,
      unsealed: 0n,
      bundleKey: new Uint8Array(0),
      receiptedSeq: 0n,
      ...changes,
    });

  test.each<[string, Partial<HelloRequest>]>([
    ['clock', { clockMs: top }],
    ['cursor', { feedCursor: top }],
    ['incarnation', { hubIncarnation: top }],
    ['unsealed', { unsealed: top }],
    ['software', { software: '\ud83d\ude00'.repeat(3_000) }],
    ['half a pair', { software: `${'x'.repeat(99)}\u{1f600}` }],
    ['catalogue', { catalogueVersion: 2 ** 31 }],
    ['protocol', { protocol: 2 ** 31 }],
    ['nonce', { helloNonce: randomBytes(15_000) }],
    ['hash', { headHash: randomBytes(15_000) }],
    ['token', { lineageToken: randomBytes(15_000) }],
    ['head', { headSeq: top }],
    ['receipts', { receiptedSeq: top }],
  ])('a hello with its %s there has an answer', async (_, changes) => {
    // a unit of its own: what it says may well freeze it
    await using own = await openTestHub();
    await using served = await serveTestHub(own);
    await enrolTestUnit(own, 'H52');
    using client = new TestClient(own, served, await certifyTestUnit(own, 'H52'));
    const path = '/sync/v1/hello';
    codeOf(await client.call({ method: 'POST', path, body: hello(changes) }), path);
  });

  const report = (changes: Partial<TotalsReport>): Buffer => {
    const bytes = totalsReport.encode({
      protocol: 1,
      audience: hub.audience,
      agency: 'H52',
      asOf: hub.now().toISOString().slice(0, 10),
      headSeq: 1n,
      figures: [{ measure: 'people', key: 'travelling', value: 1n }],
      ...changes,
    });
    const signature = signBytes(unit.keys.privateKey, domains.totals, bytes);
    return totalsFrame.encode({ report: bytes, signature });
  };
  const figure = { measure: 'people', key: 'travelling', value: 1n };

  test.each<[string, Partial<TotalsReport>, string]>([
    ['the year 99999', { asOf: '99999-01-01' }, 'HUB_UNREADABLE'],
    ['infinity', { asOf: 'infinity' }, 'HUB_UNREADABLE'],
    ['no day', { asOf: '' }, 'HUB_UNREADABLE'],
    ['a day that is none', { asOf: '2025-02-30' }, 'HUB_UNREADABLE'],
    ['a day with a time', { asOf: '2025-02-20T00:00' }, 'HUB_UNREADABLE'],
    ['a day to come', { asOf: '2199-01-01' }, 'HUB_UNREADABLE'],
    ['a day in other digits', { asOf: '２０２５-01-01' }, 'HUB_UNREADABLE'],
    ['a figure of 2^63 - 1', { figures: [{ ...figure, value: top }] }, 'HUB_UNREADABLE'],
    ['a figure twice', { figures: [figure, figure] }, 'HUB_UNREADABLE'],
    [
      'a measure that is a book',
      { figures: [{ ...figure, measure: randomBytes(9_000).toString('hex') }] },
      'HUB_UNREADABLE',
    ],
    [
      'a key that is a book',
      { figures: [{ ...figure, key: randomBytes(9_000).toString('hex') }] },
      'HUB_UNREADABLE',
    ],
    ['a measure of half a pair', { figures: [{ ...figure, measure: '\ud800' }] }, 'HUB_UNREADABLE'],
    ['no figures', { figures: [] }, 'ok'],
    ['a head of 2^63 - 1', { headSeq: top }, 'ok'],
  ])('a report with %s is answered', async (_, changes, code) => {
    const call = { method: 'POST', path: '/sync/v1/totals', body: report(changes) };
    expect(await callCode(call)).toBe(code);
    await expectService();
  });

  test.each<[string, Partial<BatchHeader>, string]>([
    ['number 2^63 - 1', { seq: top }, 'ok'],
    ['number 0', { seq: 0n }, 'HUB_UNREADABLE'],
    ['a size of 2^63 - 1', { rawBytes: top }, 'HUB_TOO_LARGE'],
    ['2^32 - 1 records', { recordCount: 2 ** 32 - 1 }, 'HUB_TOO_LARGE'],
    ['content of 2^63 - 1 bytes', { contentBytes: top }, 'HUB_CONTENT_CORRUPT'],
    ['a key that is none', { signingKey: '\u202e' }, 'HUB_SIGNATURE_INVALID'],
    ['another audience', { audience: randomBytes(31) }, 'HUB_AUDIENCE_MISMATCH'],
    ['a hash before it that is a book', { seq: top, prevHash: randomBytes(9_000) }, 'ok'],
  ])('a batch with %s is answered', async (_, header, code) => {
    const batch = await unit.makeBatch(unit.seq + 1n, unit.headHash, { header });
    const call = { method: 'POST', path: '/sync/v1/batches', body: batch.frame() };
    expect(await callCode(call)).toBe(code);
    await expectService();
  });

  test('a batch made late and under the largest catalogue and clock is taken', async () => {
    const header = { catalogueVersion: 2 ** 32 - 1, sealedAtMs: top };
    const batch = await unit.seal({ records: [], header });
    const call = { method: 'POST', path: '/sync/v1/batches', body: batch.frame() };
    expect(await callCode(call)).toBe('ok');
    await expectService();
  });
});

test('a request to enrol with a good invitation and texts at the edge is refused by name, and a good one taken', async () => {
  const line = await inviteUnit(hub, { agency: 'H53', host: 'hub.example', port: 8443 });
  const token = readInvitation(line)?.token ?? '';
  const keys = createSigningKeyPair();
  const signingRequest = forgeRequest({
    ...(await createRsaKeyPair()),
    subject: [{ name: 'commonName', value: 'H53' }],
  });
  const good = { token, agency: 'H53', signingRequest, signingKey: publicKeyToPem(keys.publicKey) };
  const signed = (changes: Partial<typeof good>): Record<string, string> => {
    const statement = { ...good, ...changes };
    const proof = signBytes(keys.privateKey, domains.enrolment, enrolmentStatement(statement));
    return { ...statement, signature: Buffer.from(proof).toString('base64') };
  };
  const post = (body: string | Uint8Array): Promise<string> =>
    callCode({
      method: 'POST',
      path: '/enrol/v1/requests',
      body: Buffer.from(body),
      headers: { 'content-type': 'application/json' },
    });
  const whole = signed({});
  const refusals: Readonly<Record<string, string>> = {
    'a zero behind the key': await post(
      JSON.stringify(signed({ signingKey: `${good.signingKey}\0` })),
    ),
    'half a pair behind the key': await post(
      JSON.stringify(signed({ signingKey: `${good.signingKey}\ud800` })),
    ),
    'a zero behind the request': await post(
      JSON.stringify(signed({ signingRequest: `${signingRequest}\0` })),
    ),
    'a zero in the agency': await post(JSON.stringify(signed({ agency: 'H53\0' }))),
    'a request that is a book': await post(
      JSON.stringify(signed({ signingRequest: 'x'.repeat(9_000) })),
    ),
    'two keys': await post(JSON.stringify(signed({ signingKey: good.signingKey.repeat(2) }))),
    'other bits at the end of the signature': await post(
      JSON.stringify({ ...whole, signature: (whole['signature'] ?? '').replace(/.==$/u, '/==') }),
    ),
    'deep arrays': await post('['.repeat(30_000)),
    'a prototype': await post(JSON.stringify(whole).replace('{', '{"__proto__":{"a":1},')),
    'no UTF-8': await post(
      Buffer.concat([text('{"token":"'), Buffer.from([0xff, 0xfe]), text('"}')]),
    ),
    'a list': await post(JSON.stringify([whole])),
    nothing: await post('null'),
    'too much': await post(JSON.stringify({ ...whole, x: 'x'.repeat(enrolmentBytesMax) })),
  };
  const expected: Readonly<Record<string, string>> = {
    'two keys': 'HUB_ENROLMENT_INVALID',
    'other bits at the end of the signature': 'HUB_ENROLMENT_INVALID',
    'too much': 'HUB_TOO_LARGE',
  };
  expect(refusals).toEqual(
    Object.fromEntries(
      Object.keys(refusals).map((name) => [name, expected[name] ?? 'HUB_UNREADABLE']),
    ),
  );
  expect(await post(JSON.stringify(whole))).toBe('ok');
  expect(await rowsOf(hub, `select count(*)::integer from registry.enrolment`)).toEqual([[1]]);
});
