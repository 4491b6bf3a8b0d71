/**
 * The limits of the server on real TLS connections, with small figures so that they are reached in a
 * second. Each test has the one limit that it is about; all others are the usual ones.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  nextBatch,
  openServedHub,
  type ServedHub,
  syncRoutes,
  callOf,
} from '../../../test/support/served-hub.ts';
import {
  type Answer,
  certifyTestUnit,
  type ClientCredentials,
  refusalOf,
  serveTestHub,
  TestClient,
  type TestServer,
} from '../../../test/support/test-server.ts';
import { hubHttpLimits } from './limits.ts';

let served: ServedHub;
let neighbour: ClientCredentials;

beforeAll(async () => {
  served = await openServedHub();
  neighbour = await certifyTestUnit(served.hub, 'H53');
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
});

const feed = { method: 'GET', path: '/sync/v1/feed?after=0' };

/** A TLS connection on which a test says what it likes; what comes back is kept as text. */
async function speak(
  server: TestServer,
  credentials: ClientCredentials | undefined = served.certificate,
): Promise<{ socket: TLSSocket; heard: () => string; closed: Promise<unknown> }> {
  const socket = connect({
    host: '127.0.0.1',
    port: server.port,
    ca: served.hub.files.rootPem,
    ...credentials,
  });
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'secureConnect');
  return { socket, heard: () => text, closed };
}

const headOf = (path: string, bytes: number): string =>
  [
    `POST ${path} HTTP/1.1`,
    'host: hub',
    'content-type: application/x-protobuf',
    `content-length: ${bytes}\r\n\r\n`,
  ].join('\r\n');

/** A byte every 50 ms until the other side closes. */
async function drip(socket: TLSSocket, text: string): Promise<void> {
  for (const byte of text) {
    if (socket.destroyed || !socket.writable) return;
    socket.write(byte);
    await sleep(50);
  }
}

async function expectService(server: TestServer): Promise<void> {
  using client = new TestClient(served.hub, server, neighbour);
  expect((await client.call(feed)).status).toBe(200);
}

const quick = { checkMs: 100, paceGraceMs: 300, paceBytesPerSecond: 16_000 };

test('I15: a body that drips is cut with a word, although it is never silent', async () => {
  await using server = await serveTestHub(served.hub, quick);
  for (const path of ['/sync/v1/batches', '/sync/v1/hello', '/enrol/v1/requests']) {
    const { socket, heard, closed } = await speak(server);
    const head = headOf(path, 10_000);
    socket.write(path.startsWith('/enrol') ? head.replace('x-protobuf', 'json') : head);
    void drip(socket, 'x'.repeat(10_000));
    await closed;
    expect(heard()).toMatch(/^HTTP\/1\.1 408 /u);
    expect(heard()).toContain('HUB_TOO_SLOW');
  }
  await expectService(server);
});

test('a body that drips where nobody reads it is cut as well', async () => {
  await using server = await serveTestHub(served.hub, quick);
  for (const head of [
    headOf('/sync/v1/feed?after=0', 10_000).replace('POST', 'GET'),
    headOf('/sync/v1/nothing', 900),
    headOf('/sync/v1/hello', 900).replace('application/x-protobuf', 'text/xml'),
  ]) {
    const { socket, closed } = await speak(server);
    socket.write(head);
    void drip(socket, 'x'.repeat(900));
    await closed;
  }
  await expectService(server);
});

test('a large batch on a slow line is taken: its pace counts, not how long it takes', async () => {
  await using server = await serveTestHub(served.hub, {
    ...quick,
    headersTimeoutMs: 500,
    silenceMs: 1_000,
  });
  const { socket, heard } = await speak(server);
  const padding = Buffer.alloc(60_000);
  const batch = Buffer.concat([await nextBatch(served, 'H52'), unknownField(padding)]);
  socket.write(headOf('/sync/v1/batches', batch.length));
  // 20 to 40 kB a second, for longer than the times of grace, of headers and of silence
  for (let at = 0; at < batch.length; at += 2_000) {
    socket.write(batch.subarray(at, at + 2_000));
    await sleep(50);
  }
  while (heard() === '') await sleep(20);
  expect(heard()).toMatch(/^HTTP\/1\.1 200 /u);
  socket.destroy();
});

/** A field of a later version of the message, which a reader skips. */
function unknownField(bytes: Uint8Array): Buffer {
  const length = [(bytes.length & 0x7f) | 0x80, ((bytes.length >> 7) & 0x7f) | 0x80];
  return Buffer.concat([Buffer.from([0xfa, 0x3f, ...length, bytes.length >> 14]), bytes]);
}

test('headers that drip, or never come, are cut', async () => {
  await using server = await serveTestHub(served.hub, { headersTimeoutMs: 300, checkMs: 100 });
  const dripping = await speak(server);
  void drip(dripping.socket, `GET /health HTTP/1.1\r\nx: ${'y'.repeat(1_000)}`);
  const silent = await speak(server);
  await Promise.all([dripping.closed, silent.closed]);
  expect(dripping.heard()).toMatch(/^HTTP\/1\.1 408 /u);
  await expectService(server);
});

test('who does not read its answer is cut', async () => {
  const { hub } = served;
  await hub.database.pool.query(
    `update sync.inbox set content = convert_to(repeat('x', 30000000), 'UTF8') where agency = 'H52' and seq = 1`,
  );
  await using server = await serveTestHub(hub, { ...quick, paceBytesPerSecond: 60_000_000 });
  const { socket, closed } = await speak(server);
  socket.pause();
  socket.write('GET /sync/v1/batches/1 HTTP/1.1\r\nhost: hub\r\n\r\n');
  await sleep(3_000);
  socket.resume();
  await closed;
  expect(socket.bytesRead).toBeLessThan(30_000_000);
  await expectService(server);
});

test('I15: of one connection more than it may have a caller is told, of twice as many it is not', async () => {
  await using server = await serveTestHub(served.hub, { callerConnectionsMax: 3 });
  const open = [];
  for (let n = 0; n < 6; n++) open.push(await speak(server));
  for (const { socket } of open)
    socket.write('GET /sync/v1/feed?after=0 HTTP/1.1\r\nhost: hub\r\n\r\n');
  for (const { heard } of open) while (!heard().includes('\r\n\r\n')) await sleep(10);
  const answers = open.map(({ heard }) => heard().split('\r\n\r\n')[0] ?? '');
  expect(answers.map((answer) => answer.slice(9, 12))).toEqual([
    '200',
    '200',
    '200',
    '503',
    '503',
    '503',
  ]);
  expect(answers[5]).toMatch(/retry-after: 5\r\n/u);
  // the surplus ones close; as long as none has, one more is cut before it can say anything
  await Promise.all(open.slice(3).map(({ closed }) => closed));
  for (let n = 0; n < 3; n++) open.push(await speak(server));
  const cut = await speak(server);
  await cut.closed;
  expect(cut.heard()).toBe('');
  await expectService(server);
  for (const { socket } of open) socket.destroy();
});

test('beyond its rate a unit is refused on every route with the time to wait, its neighbour is not', async () => {
  for (const route of syncRoutes) {
    await using server = await serveTestHub(served.hub, {
      requests: { burst: 2, perSecond: 0.001 },
    });
    using client = new TestClient(served.hub, server, served.certificate);
    const answers: Answer[] = [];
    for (let n = 0; n < 3; n++) answers.push(await client.call(await callOf(served, route, 'H52')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    const [, , refused] = answers;
    if (refused === undefined) throw new Error('three calls have three answers');
    const { code, retryAfterS } = refusalOf(refused);
    expect(code).toBe('HUB_QUOTA');
    expect(refused.headers['retry-after']).toBe(String(retryAfterS));
    expect(retryAfterS).toBeGreaterThan(100);
    expect(served.hub.logged()).toContain('a caller is beyond its limits');
    await expectService(server);
  }
});

test('more bytes than its share: a unit waits until they are paid', async () => {
  await using server = await serveTestHub(served.hub, {
    bytes: { burst: 1_000, perSecond: 10_000 },
  });
  using client = new TestClient(served.hub, server, served.certificate);
  const hello = { method: 'POST', path: '/sync/v1/hello', body: Buffer.alloc(16_000) };
  expect((await client.call(hello)).status).toBe(400);
  const refused = refusalOf(await client.call(feed));
  expect(refused).toMatchObject({ status: 429, code: 'HUB_QUOTA', retryAfterS: 2 });
  await sleep(2_000);
  expect((await client.call(feed)).status).toBe(200);
});

test('I15: the figures let a batch of the largest size pass on a line of 256 kbit/s', () => {
  const { callerBytesMax, requestTimeoutMs, paceBytesPerSecond } = hubHttpLimits;
  const bodyBytes = 32 * 1024 * 1024;
  expect(callerBytesMax).toBeGreaterThan(2 * 64 * 1024 * 1024);
  expect(256_000 / 8).toBeGreaterThan(1.5 * paceBytesPerSecond);
  expect(requestTimeoutMs / 1_000).toBeGreaterThan(bodyBytes / (256_000 / 8));
});
