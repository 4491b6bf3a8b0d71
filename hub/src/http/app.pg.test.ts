import { enrolmentBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  digestTreeBody,
  digestTreeReply,
  helloBody,
  helloReply,
  pushReply,
} from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  callOf,
  nextBatch,
  openServedHub,
  type ServedHub,
  syncRoutes,
} from '../../../test/support/served-hub.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import { type Answer, refusalOf, TestClient } from '../../../test/support/test-server.ts';

let served: ServedHub;

beforeAll(async () => {
  served = await openServedHub();
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
});

const archive = '/sync/v1/batches/:seq';

test('the calls of these tests are every route of the app', async () => {
  await served.server.app.ready();
  // printed as `/path (METHOD, METHOD)`, one route a line
  const printed = served.server.app.printRoutes({ commonPrefix: false });
  const routes = [...printed.matchAll(/(\/\S+) \(([A-Z, ]+)\)/gu)].flatMap(([, path, methods]) =>
    // the one route below another
    (methods ?? '').split(', ').map((method) => `${method} ${path === '/:seq' ? archive : path}`),
  );
  const known = [
    ...syncRoutes.map(
      ({ method, path }) =>
        `${method} ${path.split('?')[0]?.replace(/batches\/1$/u, 'batches/:seq')}`,
    ),
    'POST /enrol/v1/requests',
    'GET /health',
  ];
  const heads = known
    .filter((route) => route.startsWith('GET '))
    .map((route) => route.replace('GET', 'HEAD'));
  expect(routes.toSorted()).toEqual([...known, ...heads].toSorted());
});

describe.each(syncRoutes.filter((route) => route.body !== undefined))(
  '$method $path with a body',
  (route) => {
    test('a body above the limit is refused before it is read', async () => {
      using client = new TestClient(served.hub, served.server, served.certificate);
      const body = new Uint8Array((route.bytesMax ?? 0) + 1);
      const { method, path } = route;
      expect(refusalOf(await client.call({ method, path, body }))).toMatchObject({
        status: 413,
        code: 'HUB_TOO_LARGE',
      });
    });

    test('a body of another type, no body or garbage is unreadable', async () => {
      using client = new TestClient(served.hub, served.server, served.certificate);
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

test("with the unit's own certificate each route answers", async () => {
  using client = new TestClient(served.hub, served.server, served.certificate);
  const answers = new Map<string, Answer>();
  for (const route of syncRoutes) {
    const answer = await client.call(await callOf(served, route, 'H52'));
    expect([route.path, answer.status]).toEqual([route.path, 200]);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
    answers.set(route.path, answer);
  }
  const body = (path: string): Buffer => answers.get(path)?.body ?? Buffer.alloc(0);
  expect(helloBody.decode(helloReply.decode(body('/sync/v1/hello')).body).agency).toBe('H52');
  expect(pushReply.decode(body('/sync/v1/batches')).outcome).toBe('ACCEPTED');
  const tree = digestTreeBody.decode(digestTreeReply.decode(body('/sync/v1/digest/tree')).body);
  expect(tree.agency).toBe('H52');
  expect(tree.branches.reduce((sum, branch) => sum + branch.records, 0n)).toBe(3n);
  // its own record by id; of another unit's no more is said than of one that nobody has
  expect(tree.leaves.map(({ version, digest }) => [version, digest.length])).toEqual([
    [1n, 32],
    [0n, 0],
    [0n, 0],
  ]);
});

test.each(['', 'x', '-1', '1.5', '1e3', '9'.repeat(19), '%00', '1;drop', '99'])(
  'a feed cursor that is none (%j) is refused',
  async (after) => {
    using client = new TestClient(served.hub, served.server, served.certificate);
    const answer = await client.call({ method: 'GET', path: `/sync/v1/feed?after=${after}` });
    expect(refusalOf(answer)).toMatchObject({ status: 400, code: 'HUB_CURSOR_INVALID' });
  },
);

test.each(['0', '3', '999999999999999999', '9999999999999999999', 'x', '-1', '1.5'])(
  'the archive has no batch %s, and says no more',
  async (seq) => {
    using client = new TestClient(served.hub, served.server, served.certificate);
    const path = `/sync/v1/batches/${seq}`;
    expect(refusalOf(await client.call({ method: 'GET', path }))).toMatchObject({
      status: 404,
      code: 'HUB_BATCH_UNKNOWN',
    });
  },
);

test('a cursor given twice is refused', async () => {
  using client = new TestClient(served.hub, served.server, served.certificate);
  const answer = await client.call({ method: 'GET', path: '/sync/v1/feed?after=0&after=1' });
  expect(refusalOf(answer)).toMatchObject({ status: 400, code: 'HUB_CURSOR_INVALID' });
});

test.each(['/sync/v1/nothing', '/sync/v2/hello', '/sync/v1/hello', '/sync/v1/%zz'])(
  'there is nothing to get at %s',
  async (path) => {
    using client = new TestClient(served.hub, served.server, served.certificate);
    const answer = refusalOf(await client.call({ method: 'GET', path }));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(['HUB_UNKNOWN_ROUTE', 'HUB_UNREADABLE']).toContain(answer.code);
  },
);

test('the health of the hub is told to anybody, and nothing else', async () => {
  using client = new TestClient(served.hub, served.server);
  const answer = await client.call({ method: 'GET', path: '/health' });
  expect([answer.status, answer.body.toString()]).toEqual([200, '{"status":"ok"}']);
});

test('an enrolment request needs no certificate, and is held to its shape and size', async () => {
  using client = new TestClient(served.hub, served.server);
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
  using client = new TestClient(served.hub, served.server, served.certificate);
  await rowsOf(served.hub, 'alter table sync.feed_entry rename to feed_entry_away');
  const broken = await client
    .call({ method: 'GET', path: '/sync/v1/feed?after=0' })
    .finally(() => rowsOf(served.hub, 'alter table sync.feed_entry_away rename to feed_entry'));
  expect(refusalOf(broken)).toEqual({
    status: 500,
    code: 'HUB_INTERNAL',
    message: 'Something broke at the hub: see its log under the request id.',
    retryAfterS: 0,
  });
  expect(served.hub.logged()).toContain('42P01');
});

test('a full disk is an answer to try again later, and nothing was acknowledged', async () => {
  await rowsOf(
    served.hub,
    `create function full_disk() returns trigger language plpgsql as $$
       begin raise exception 'could not extend file with 001080000001' using errcode = '53100'; end $$`,
  );
  await rowsOf(
    served.hub,
    `create trigger full_disk before insert on sync.inbox for each row execute function full_disk()`,
  );
  using client = new TestClient(served.hub, served.server, served.certificate);
  const path = '/sync/v1/batches';
  const answer = await client
    .call({ method: 'POST', path, body: await nextBatch(served, 'H52') })
    .finally(() => rowsOf(served.hub, 'drop trigger full_disk on sync.inbox'));
  expect(answer.headers['retry-after']).toBe('30');
  expect(refusalOf(answer)).toMatchObject({ status: 503, code: 'HUB_STORAGE', retryAfterS: 30 });
  expect(answer.body.toString()).not.toContain('001080000001');
});
