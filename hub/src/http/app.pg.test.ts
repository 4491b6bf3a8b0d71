import { randomBytes } from 'node:crypto';

import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchContentBytesMax,
  enrolmentBytesMax,
  frameOverheadBytesMax,
  helloBytesMax,
  totalsBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import {
  digestBody,
  digestReply,
  feedHeader,
  feedPage,
  helloBody,
  helloReply,
  helloRequest,
  pushReply,
  totalsFrame,
  totalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person } from '../../../test/support/test-records.ts';
import {
  type Answer,
  type Call,
  certifyTestUnit,
  type ClientCredentials,
  issueTestCertificate,
  refusalOf,
  serveTestHub,
  TestClient,
  type TestServer,
} from '../../../test/support/test-server.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { createAuthority } from '../pki/authority.ts';

let hub: TestHub;
let server: TestServer;
let a: TestUnit;
let certificate: ClientCredentials;

const secretsOfB = ['001099123456', 'Người Của Bê', 'H53.SECRET', 'Phòng Kín Của Bê'];

beforeAll(async () => {
  hub = await openTestHub();
  server = await serveTestHub(hub);
  a = await enrolTestUnit(hub, 'H52');
  const b = await enrolTestUnit(hub, 'H53');
  certificate = await certifyTestUnit(hub, 'H52');
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
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

type Channel = {
  readonly epoch: bigint;
  readonly lineage_token: Buffer;
  readonly head_seq: bigint;
  readonly head_hash: Buffer;
};

/** What A knows, having heard every answer so far. */
async function channelOfA(): Promise<Channel> {
  const { rows } = await hub.database.pool.query<Channel>(
    `select epoch, lineage_token, head_seq, head_hash from registry.unit where agency = 'H52'`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A is not registered');
  return row;
}

/** A hello of A in the name of an agency. */
async function hello(agency: string): Promise<Buffer> {
  const channel = await channelOfA();
  return helloRequest.encode({
    protocol: 1,
    agency,
    helloNonce: randomBytes(16),
    lineageToken: channel.lineage_token,
    headSeq: channel.head_seq,
    headHash: channel.head_hash,
    hubIncarnation: 1n,
    feedCursor: 0n,
    catalogueVersion: 1,
    software: 'test',
    clockMs: BigInt(Date.now()),
    unsealed: 0n,
  });
}

function totals(agency: string): Buffer {
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

/** The next batch of A's chain under its epoch, of A's key, whose header names an agency. */
async function batch(agency: string): Promise<Buffer> {
  const { epoch, head_seq: seq, head_hash: hash } = await channelOfA();
  return (await a.makeBatch(seq + 1n, hash, { header: { agency } })).frame({ epoch });
}

type SyncRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The body of a call in the name of an agency. */
  readonly body?: (agency: string) => Buffer | Promise<Buffer>;
  readonly bytesMax?: number;
};

const syncRoutes: readonly SyncRoute[] = [
  { method: 'POST', path: '/sync/v1/hello', body: hello, bytesMax: helloBytesMax },
  {
    method: 'POST',
    path: '/sync/v1/batches',
    body: batch,
    bytesMax: batchContentBytesMax + frameOverheadBytesMax,
  },
  { method: 'GET', path: '/sync/v1/feed?after=0' },
  { method: 'GET', path: '/sync/v1/digest' },
  { method: 'POST', path: '/sync/v1/totals', body: totals, bytesMax: totalsBytesMax },
];

async function callOf(route: SyncRoute, agency: string): Promise<Call> {
  const { method, path } = route;
  return route.body === undefined
    ? { method, path }
    : { method, path, body: await route.body(agency) };
}

test('this file knows every route of the app', async () => {
  await server.app.ready();
  // printed as `/path (METHOD, METHOD)`, one route a line
  const printed = server.app.printRoutes({ commonPrefix: false });
  const routes = [...printed.matchAll(/(\/\S+) \(([A-Z, ]+)\)/gu)].flatMap(([, path, methods]) =>
    (methods ?? '').split(', ').map((method) => `${method} ${path}`),
  );
  const known = [
    ...syncRoutes.map(({ method, path }) => `${method} ${path.split('?')[0]}`),
    'POST /enrol/v1/requests',
    'GET /health',
  ];
  const heads = known
    .filter((route) => route.startsWith('GET '))
    .map((route) => route.replace('GET', 'HEAD'));
  expect(routes.toSorted()).toEqual([...known, ...heads].toSorted());
});

describe.each(syncRoutes)('$method $path', (route) => {
  const answerTo = async (credentials?: ClientCredentials): Promise<Answer> => {
    using client = new TestClient(hub, server, credentials);
    return await client.call(await callOf(route, 'H52'));
  };

  test('without a certificate is refused', async () => {
    expect(refusalOf(await answerTo())).toMatchObject({
      status: 401,
      code: 'HUB_CERTIFICATE_REQUIRED',
    });
  });

  test('with a certificate of another authority of the same name is refused', async () => {
    const stranger = await createAuthority({ now: new Date(), commonName: 'Lien Thong Hub CA' });
    const forged = await issueTestCertificate(stranger, 'H52');
    // registered by whatever accident: the chain alone must refuse it
    await registerCertificate(forged.fingerprint, 'H52');
    expect(refusalOf(await answerTo(forged))).toMatchObject({
      status: 403,
      code: 'HUB_CERTIFICATE_UNKNOWN',
    });
  });

  test('with a certificate of this authority that is not in the registry is refused', async () => {
    const unknown = await issueTestCertificate(hub.authority, 'H52');
    expect(refusalOf(await answerTo(unknown))).toMatchObject({
      status: 403,
      code: 'HUB_CERTIFICATE_UNKNOWN',
    });
  });

  test('with a certificate registered for another unit than it names is refused', async () => {
    const other = await issueTestCertificate(hub.authority, 'H54');
    await registerCertificate(other.fingerprint, 'H52');
    expect(refusalOf(await answerTo(other)).code).toBe('HUB_CERTIFICATE_UNKNOWN');
  });

  test('revoked, expired or frozen between two requests of one connection is refused', async () => {
    const unit = `'H52'`;
    const changes = [
      [
        `update registry.certificate set status = 'revoked' where agency = ${unit}`,
        `update registry.certificate set status = 'active' where agency = ${unit}`,
        'HUB_CERTIFICATE_UNKNOWN',
      ],
      [
        `update registry.certificate set not_after = now() - interval '1 s' where agency = ${unit}`,
        `update registry.certificate set not_after = now() + interval '1 y' where agency = ${unit}`,
        'HUB_CERTIFICATE_UNKNOWN',
      ],
      [
        `update registry.unit set status = 'frozen' where agency = ${unit}`,
        `update registry.unit set status = 'active' where agency = ${unit}`,
        'HUB_UNIT_FROZEN',
      ],
      [
        `update registry.unit set status = 'revoked' where agency = ${unit}`,
        `update registry.unit set status = 'active' where agency = ${unit}`,
        'HUB_CERTIFICATE_UNKNOWN',
      ],
    ] as const;
    using client = new TestClient(hub, server, certificate);
    const digest = { method: 'GET', path: '/sync/v1/digest' };
    expect((await client.call(digest)).status).toBe(200);
    for (const [change, restore, code] of changes) {
      await rowsOf(hub, change);
      const answer = await client
        .call(await callOf(route, 'H52'))
        .finally(() => rowsOf(hub, restore));
      expect(answer.reused).toBe(true);
      expect(refusalOf(answer)).toMatchObject({ status: 403, code });
      const again = await client.call(digest);
      expect([again.status, again.reused]).toEqual([200, true]);
    }
  });

  test("in the name of another unit gets not one byte of that unit's data", async () => {
    using client = new TestClient(hub, server, certificate);
    const named = {
      'x-agency': 'H53',
      agency: 'H53',
      'x-forwarded-for': 'H53',
      cookie: 'agency=H53',
    };
    const calls: Call[] = [];
    for (const agency of ['H52', 'H53']) {
      const call = await callOf(route, agency);
      const join = call.path.includes('?') ? '&' : '?';
      calls.push(
        { ...call, headers: named },
        { ...call, path: `${call.path}${join}agency=H53&unit=H53` },
      );
    }
    for (const call of calls) {
      const answer = await client.call(call);
      const text = await readable(route, answer);
      for (const secret of secretsOfB) expect(text).not.toContain(secret);
    }
  });
});

describe.each(syncRoutes.filter((route) => route.body !== undefined))(
  '$method $path with a body',
  (route) => {
    test('in the name of another unit is refused and changes nothing', async () => {
      using client = new TestClient(hub, server, certificate);
      const before = await stateOfB();
      const answer = refusalOf(await client.call(await callOf(route, 'H53')));
      expect(answer).toMatchObject({ status: 403, code: 'HUB_AGENCY_MISMATCH' });
      expect(await stateOfB()).toEqual(before);
    });

    test('a body above the limit is refused before it is read', async () => {
      using client = new TestClient(hub, server, certificate);
      const body = new Uint8Array((route.bytesMax ?? 0) + 1);
      const { method, path } = route;
      expect(refusalOf(await client.call({ method, path, body }))).toMatchObject({
        status: 413,
        code: 'HUB_TOO_LARGE',
      });
    });

    test('a body of another type, no body or garbage is unreadable', async () => {
      using client = new TestClient(hub, server, certificate);
      const { method, path } = route;
      const json = { 'content-type': 'application/json' };
      for (const call of [
        { method, path, body: Buffer.from('{"agency":"H52"}'), headers: json },
        { method, path, body: Buffer.from('{broken'), headers: json },
        { method, path, body: Buffer.from('x'), headers: { 'content-type': 'text/xml' } },
        { method, path },
        { method, path, body: Buffer.from('garbage') },
      ]) {
        expect(refusalOf(await client.call(call))).toMatchObject({
          status: 400,
          code: 'HUB_UNREADABLE',
        });
      }
    });
  },
);

async function registerCertificate(fingerprint: string, agency: string): Promise<void> {
  await hub.database.pool.query(
    `insert into registry.certificate (fingerprint, agency, pem, not_after)
     values ($1, $2, '', now() + interval '1 year')`,
    [fingerprint, agency],
  );
}

const stateOfB = (): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(
    hub,
    `select epoch, head_seq, feed_head, hello_at, status,
       (select count(*) from sync.totals_report where agency = 'H53') from registry.unit
     where agency = 'H53'`,
  );

/** Everything in an answer as text, with what is compressed expanded. */
async function readable({ path }: SyncRoute, { status, body }: Answer): Promise<string> {
  if (status !== 200 || !path.startsWith('/sync/v1/feed')) return body.toString();
  const page = feedPage.decode(body);
  const raw = await expand(page.content, Number(feedHeader.decode(page.header).rawBytes));
  // the page is read at all, and holds what is A's
  expect(raw?.toString()).toContain('001080000001');
  return `${body.toString()}${raw?.toString()}`;
}

test("with the unit's own certificate each route answers", async () => {
  using client = new TestClient(hub, server, certificate);
  const answers = new Map<string, Answer>();
  for (const route of syncRoutes) {
    const answer = await client.call(await callOf(route, 'H52'));
    expect([route.path, answer.status]).toEqual([route.path, 200]);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
    answers.set(route.path, answer);
  }
  const body = (path: string): Buffer => answers.get(path)?.body ?? Buffer.alloc(0);
  expect(helloBody.decode(helloReply.decode(body('/sync/v1/hello')).body).agency).toBe('H52');
  expect(pushReply.decode(body('/sync/v1/batches')).outcome).toBe('ACCEPTED');
  const digest = digestBody.decode(digestReply.decode(body('/sync/v1/digest')).body);
  expect(digest.agency).toBe('H52');
  expect(digest.sections.find((one) => one.section === 10)?.rows).toBe(1n);
});

test.each(['', 'x', '-1', '1.5', '1e3', '9'.repeat(19), '%00', '1;drop', '99'])(
  'a feed cursor that is none (%j) is refused',
  async (after) => {
    using client = new TestClient(hub, server, certificate);
    const answer = await client.call({ method: 'GET', path: `/sync/v1/feed?after=${after}` });
    expect(refusalOf(answer)).toMatchObject({ status: 400, code: 'HUB_CURSOR_INVALID' });
  },
);

test('a cursor given twice is refused', async () => {
  using client = new TestClient(hub, server, certificate);
  const answer = await client.call({ method: 'GET', path: '/sync/v1/feed?after=0&after=1' });
  expect(refusalOf(answer)).toMatchObject({ status: 400, code: 'HUB_CURSOR_INVALID' });
});

test.each(['/sync/v1/nothing', '/sync/v2/hello', '/sync/v1/hello', '/sync/v1/%zz'])(
  'there is nothing to get at %s',
  async (path) => {
    using client = new TestClient(hub, server, certificate);
    const answer = refusalOf(await client.call({ method: 'GET', path }));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(['HUB_UNKNOWN_ROUTE', 'HUB_UNREADABLE']).toContain(answer.code);
  },
);

test('the health of the hub is told to anybody, and nothing else', async () => {
  using client = new TestClient(hub, server);
  const answer = await client.call({ method: 'GET', path: '/health' });
  expect([answer.status, answer.body.toString()]).toEqual([200, '{"status":"ok"}']);
});

test('an enrolment request needs no certificate, and is held to its shape and size', async () => {
  using client = new TestClient(hub, server);
  const headers = { 'content-type': 'application/json' };
  const post = async (text: string): Promise<readonly [number, string]> => {
    const answer = await client.call({
      method: 'POST',
      path: '/enrol/v1/requests',
      body: Buffer.from(text),
      headers,
    });
    return [answer.status, JSON.parse(answer.body.toString()).code];
  };
  const shaped = { token: 'a'.repeat(64), agency: 'H52', signingRequest: 'x', signingKey: 'x' };
  expect(await post(JSON.stringify({ ...shaped, signature: 'x' }))).toEqual([
    403,
    'HUB_INVITATION_INVALID',
  ]);
  expect(await post(JSON.stringify(shaped))).toEqual([400, 'HUB_UNREADABLE']);
  expect(await post('{')).toEqual([400, 'HUB_UNREADABLE']);
  expect(await post(' '.repeat(enrolmentBytesMax + 1))).toEqual([413, 'HUB_TOO_LARGE']);
});

test('what is broken inside is not told outside', async () => {
  using client = new TestClient(hub, server, certificate);
  await rowsOf(hub, 'alter table sync.feed_entry rename to feed_entry_away');
  const broken = await client
    .call({ method: 'GET', path: '/sync/v1/feed?after=0' })
    .finally(() => rowsOf(hub, 'alter table sync.feed_entry_away rename to feed_entry'));
  expect(refusalOf(broken)).toEqual({
    status: 500,
    code: 'HUB_INTERNAL',
    message: 'Something broke at the hub: see its log under the request id.',
    retryAfterS: 0,
  });
  expect(hub.logged()).toContain('42P01');
});

test('a full disk is an answer to try again later, and nothing was acknowledged', async () => {
  await rowsOf(
    hub,
    `create function full_disk() returns trigger language plpgsql as $$
       begin raise exception 'could not extend file with 001080000001' using errcode = '53100'; end $$`,
  );
  await rowsOf(
    hub,
    `create trigger full_disk before insert on sync.inbox for each row execute function full_disk()`,
  );
  using client = new TestClient(hub, server, certificate);
  const path = '/sync/v1/batches';
  const answer = await client
    .call({ method: 'POST', path, body: await batch('H52') })
    .finally(() => rowsOf(hub, 'drop trigger full_disk on sync.inbox'));
  expect(answer.headers['retry-after']).toBe('30');
  expect(refusalOf(answer)).toMatchObject({ status: 503, code: 'HUB_STORAGE', retryAfterS: 30 });
  expect(answer.body.toString()).not.toContain('001080000001');
});
