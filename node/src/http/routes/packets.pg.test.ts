/**
 * The packet gateway as a call: keys, pace, lines that break, the contract, the log. What the packets do
 * is in `packet-samples.pg.test.ts`.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { putRecords, tree } from '../../../../test/support/node-records.ts';
import { openPacketNode, type TestPacketNode } from '../../../../test/support/packet-node.ts';
import { packetBody, packetSample } from '../../../../test/support/packet-of.ts';
import { allKeys } from '../../db/keys.ts';
import type { PacketReply } from '../../packet/reply.ts';
import { issueKey, revokeKey } from '../../sync/keys.ts';
import { buildApp } from '../app.ts';

let place: TestPacketNode;
let app: ReturnType<typeof buildApp>;
let key: string;

beforeAll(async () => {
  place = await openPacketNode();
  await putRecords(place.node.database, tree);
  app = buildApp(place.node);
  key = place.hrKey;
});

afterAll(async () => {
  await app.close();
  await place[Symbol.asyncDispose]();
});

async function post(path: string, body: object): Promise<PacketReply> {
  const answer = await app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${key}` },
    payload: body,
  });
  expect(answer.statusCode).toBe(200);
  return answer.json<PacketReply>();
}

const person = 'H52-09001';

const paths = ['/apisyncmsg/syncmsg/servicem0006', '/ApiSyncMsg/SyncMsg/ServiceM0006'];

test('a call without the right key, body or pace gets a real status, in the form of RFC 9457', async () => {
  const [path = '', older = ''] = paths;
  const call = async (headers: Record<string, string>, payload: string | object = {}, url = path) =>
    await app.inject({ method: 'POST', url, headers, payload });
  const scoped = await issueKey(place.node, {
    name: 'reader',
    scopes: ['status:read'],
    review: false,
  });
  const gone = await place.keyOf('gone');
  await revokeKey(place.node, 'gone');
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const json = { 'content-type': 'application/json' };
  const answers = [
    await call({}),
    await call(bearer(`${key.slice(0, -1)}!`)),
    await call(bearer(gone)),
    await call(bearer(scoped.key)),
    await call({ ...bearer(key), 'content-type': 'text/xml' }, '<x/>'),
    await call({ ...bearer(key), 'content-type': 'text/plain' }, '{}'),
    await call({ ...bearer(key), ...json }, ' '.repeat(3_000_000)),
    await call(bearer(key), {}, `${path}/`),
  ];
  expect(
    answers.map((answer) => [answer.statusCode, answer.json<{ code: string }>().code]),
  ).toEqual([
    [401, 'NODE_UNAUTHORISED'],
    [401, 'NODE_UNAUTHORISED'],
    [401, 'NODE_UNAUTHORISED'],
    [403, 'NODE_SCOPE_MISSING'],
    [415, 'NODE_MEDIA_TYPE'],
    [415, 'NODE_MEDIA_TYPE'],
    [413, 'NODE_TOO_LARGE'],
    [404, 'NODE_UNREADABLE'],
  ]);
  for (const answer of answers) {
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/u);
  }
  expect(answers[0]?.headers['www-authenticate']).toContain('Bearer');
  // the older casing is the same service, and what is no packet gets a reply that programs know
  const strange = await call({ ...bearer(key), ...json }, '[]', older);
  expect([strange.statusCode, strange.json()]).toMatchObject([
    200,
    { err_code: 1, errors: [{ code: 'packet_unreadable' }] },
  ]);
  const used = await place.rowsOf(
    `select k.name, u.route, u.outcome, u.requests::integer from access.key_use u
     join access.key k on k.id = u.key_id where k.name <> 'hr' order by 1`,
  );
  expect(used).toEqual([
    { name: 'gone', route: `POST ${path}`, outcome: '401', requests: 1 },
    { name: 'reader', route: `POST ${path}`, outcome: '403', requests: 1 },
  ]);
  const keys = await allKeys(place.node.database.db);
  const hr = keys.find((one) => one.name === 'hr');
  expect(hr?.requests).toEqual({ refused: 1, '413': 1, '415': 2 });
  expect(hr?.usedAt).not.toBeNull();
});

test('a key that asks too often is told when to go on, and others are not', async () => {
  await using stack = new AsyncDisposableStack();
  const tight = buildApp(place.node, { limits: { packetsPerMinute: 2 } });
  stack.defer(() => tight.close());
  const other = await place.keyOf('calm');
  const ask = async (secret: string) =>
    await tight.inject({
      method: 'POST',
      url: paths[0] ?? '',
      headers: { authorization: `Bearer ${secret}` },
      payload: {},
    });
  const hasty = [await ask(key), await ask(key), await ask(key)];
  expect(hasty.map((answer) => answer.statusCode)).toEqual([200, 200, 429]);
  expect(hasty[2]?.json()).toMatchObject({ code: 'NODE_TOO_MANY', status: 429 });
  expect(Number(hasty[2]?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await ask(other)).statusCode).toBe(200);
});

test('a program that ends the connection has sent nothing, or has its effect once', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the node has no port');
  const { port } = address;
  const { path, request } = await packetSample(1);
  /** Sends so many bytes less than the body has, and goes away without reading the answer. */
  const hangUp = async (body: string, url: string, missing: number): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    const head =
      `POST ${url} HTTP/1.1\r\nhost: node\r\nauthorization: Bearer ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    socket.write(`${head}${body.slice(0, body.length - missing)}`);
    socket.end();
    await once(socket.resume(), 'close');
  };
  const countRows = async () => (await place.rowsOf('select import_id from intake.row')).length;
  const before = await countRows();
  await hangUp(JSON.stringify(request), path, 1);
  expect(await countRows()).toBe(before);
  expect(await post(path, request)).toMatchObject({ err_code: 0, state: 'published' });
  const profile = { SoHieuCBCCVC_BNDP: person, THONGTIN_KHAC: { SoTheDang: '52.999999' } };
  const body = packetBody('EDIT', profile, { Transaction_ID: 'cut-1' }).toString();
  const service = '/apisyncmsg/syncmsg/servicem0005';
  await hangUp(body, service, 0);
  const reply = await post(service, JSON.parse(body) as object);
  expect(reply).toMatchObject({ err_code: 0, transaction_id: 'cut-1', state: 'published' });
  expect(await countRows()).toBe(before + 2);
});

test('the contract is served as an OpenAPI document', async () => {
  const document = (await app.inject('/openapi.json')).json<{
    openapi: string;
    paths: Record<string, { post?: { security: unknown; responses: object } }>;
  }>();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).toSorted()).toEqual(
    expect.arrayContaining([
      '/api/v1/status',
      ...['m0001', 'm0002', 'm0003', 'm0004', 'm0005', 'm0006', 't0001'].map(
        (name) => `/apisyncmsg/syncmsg/service${name}`,
      ),
    ]),
  );
  const service = document.paths['/apisyncmsg/syncmsg/servicem0001']?.post;
  expect(service?.security).toEqual([{ key: [] }]);
  // with every member of the packet, inside its base64
  expect(JSON.stringify(service)).toMatch(/"HeSoLuong":\{[^}]*"Hệ số lương"/u);
  expect(Object.keys(service?.responses ?? {})).toEqual([
    '200',
    '401',
    '403',
    '413',
    '415',
    '429',
    '503',
  ]);
});

test('nothing of a person is in the log', async () => {
  await place.node.database.pool.query('alter table intake.packet rename to packet_away');
  const { path, request } = await packetSample(5);
  const broken = await app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${key}` },
    payload: request,
  });
  await place.node.database.pool.query('alter table intake.packet_away rename to packet');
  expect(broken.statusCode).toBe(500);
  const logged = place.logged();
  expect(logged).toContain('request failed');
  expect(logged).not.toMatch(
    /014186004521|Quàng|H52-09001|1412003456|jsonContent|ltk_[0-9a-f]{16}_/u,
  );
});
