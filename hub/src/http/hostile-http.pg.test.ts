/**
 * What no client of ours would say, on a real TLS connection with the certificate of a unit: requests
 * that two readers could read differently, and what is no HTTP. Each gets one answer of the catalogue
 * or none, in time, the connection ends where the next request could not be found, and the hub serves
 * on.
 */
import { connect } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { exchangeRaw, type RawAnswer } from '../../../test/support/raw-tls.ts';
import { openTestHub, type TestHub } from '../../../test/support/test-hub.ts';
import {
  certifyTestUnit,
  type ClientCredentials,
  serveTestHub,
  TestClient,
  type TestServer,
} from '../../../test/support/test-server.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { errorKinds } from '../errors.ts';

const deadlineMs = 5_000;

let hub: TestHub;
let server: TestServer;
let certificate: ClientCredentials;

beforeAll(async () => {
  hub = await openTestHub();
  // more than one caller may have: what is looked for here is a hub that waits
  server = await serveTestHub(hub, { callerConnectionsMax: 256, callerRequestsMax: 256 });
  await enrolTestUnit(hub, 'H52');
  certificate = await certifyTestUnit(hub, 'H52');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

const send = (bytes: string | Uint8Array, waitMs = deadlineMs): Promise<RawAnswer> =>
  exchangeRaw(
    { port: server.port, ca: hub.files.rootPem, ...certificate, deadlineMs: waitMs },
    bytes,
  );

async function expectAlive(): Promise<void> {
  using client = new TestClient(hub, server, certificate);
  expect((await client.call({ method: 'GET', path: '/sync/v1/feed?after=0' })).status).toBe(200);
}

const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  `${[line, 'Host: hub', ...headers].join('\r\n')}\r\n\r\n${body}`;

const hidden = request('GET /sync/v1/feed?after=0 HTTP/1.1');
const hello = 'POST /sync/v1/hello HTTP/1.1';
const protobuf = 'Content-Type: application/x-protobuf';
const manyHeaders = Array.from({ length: 2_500 }, (_, i) => `a${i % 9}:b`);

/** The bytes, and the statuses of the answers in order. */
const cases: Readonly<Record<string, readonly [string, readonly number[]]>> = {
  'length and chunks together': [
    request(
      hello,
      [protobuf, 'Content-Length: 4', 'Transfer-Encoding: chunked'],
      `0\r\n\r\n${hidden}`,
    ),
    [400],
  ],
  'chunks and length together': [
    request(
      hello,
      [protobuf, 'Transfer-Encoding: chunked', 'Content-Length: 4'],
      `0\r\n\r\n${hidden}`,
    ),
    [400],
  ],
  'two lengths': [
    request(hello, [protobuf, 'Content-Length: 0', 'Content-Length: 9'], hidden),
    [400],
  ],
  'one length twice': [
    request(hello, [protobuf, 'Content-Length: 3', 'Content-Length: 3'], 'abc'),
    [400],
  ],
  'a list of lengths': [request(hello, [protobuf, 'Content-Length: 3, 3'], 'abc'), [400]],
  'a negative length': [request(hello, [protobuf, 'Content-Length: -1'], hidden), [400]],
  'a length with a sign': [request(hello, [protobuf, 'Content-Length: +3'], 'abc'), [400]],
  'a length in hex': [request(hello, [protobuf, 'Content-Length: 0x3'], 'abc'), [400]],
  'a length beyond all numbers': [
    request(hello, [protobuf, `Content-Length: ${'9'.repeat(30)}`], 'abc'),
    [400],
  ],
  'a length above the limit': [
    request(hello, [protobuf, 'Content-Length: 999999999'], 'abc'),
    [413],
  ],
  'a length longer than the body': [
    request(hello, [protobuf, 'Content-Length: 100'], 'abc'),
    [400],
  ],
  'a folded header': [request('GET /health HTTP/1.1', ['X-A: b\r\n c']), [400]],
  'a header folded into a length': [
    request(hello, [protobuf, 'X: y\r\n Content-Length: 3'], 'abc'),
    [400],
  ],
  'lines that end in LF alone': [request('GET /health HTTP/1.1').replaceAll('\r', ''), [400]],
  'a CR alone inside a header': [request('GET /health HTTP/1.1', ['X: a\rY: b']), [400]],
  'a space before the colon': [
    request(hello, [protobuf, 'Transfer-Encoding : chunked'], `0\r\n\r\n${hidden}`),
    [400],
  ],
  'an encoding that is none': [
    request(hello, [protobuf, 'Transfer-Encoding: xchunked'], `0\r\n\r\n${hidden}`),
    [400],
  ],
  'chunked not last': [
    request(hello, [protobuf, 'Transfer-Encoding: chunked, identity'], `0\r\n\r\n${hidden}`),
    [400],
  ],
  'chunks of no size': [
    request(hello, [protobuf, 'Transfer-Encoding: chunked'], `xyz\r\nabc\r\n0\r\n\r\n`),
    [400],
  ],
  'chunks of a size beyond all numbers': [
    request(
      hello,
      [protobuf, 'Transfer-Encoding: chunked'],
      `${'f'.repeat(17)}\r\nabc\r\n0\r\n\r\n`,
    ),
    [400],
  ],
  'chunks that pass the limit': [
    request(
      hello,
      [protobuf, 'Transfer-Encoding: chunked'],
      `5000\r\n${'x'.repeat(0x5000)}\r\n0\r\n\r\n`,
    ),
    [413],
  ],
  'a chunk with a novel beside it': [
    request(
      hello,
      [protobuf, 'Transfer-Encoding: chunked'],
      `1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
    ),
    [400],
  ],
  'trailers that name a length': [
    request(
      hello,
      [protobuf, 'Transfer-Encoding: chunked'],
      `1\r\na\r\n0\r\nContent-Length: 9\r\n\r\n`,
    ),
    [400],
  ],
  'a second request inside a body': [
    request('GET /sync/v1/feed?after=0 HTTP/1.1', [`Content-Length: ${hidden.length}`], hidden),
    [200],
  ],
  'a second request behind a body': [
    request(hello, [protobuf, 'Content-Length: 1'], `x${hidden}`),
    [400],
  ],
  'the address of another server': [
    request('GET https://other/sync/v1/feed?after=x HTTP/1.1'),
    [400],
  ],
  'the address of a scheme': [request('GET file:///etc/passwd HTTP/1.1'), [404]],
  'a star': [request('OPTIONS * HTTP/1.1'), [404]],
  'HTTP/1.0': [request('GET /health HTTP/1.0'), [200]],
  'HTTP/0.9': ['GET /health\r\n', [400]],
  'HTTP/1.2': [request('GET /health HTTP/1.2'), [400]],
  'HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  'no host': ['GET /health HTTP/1.1\r\n\r\n', [400]],
  'two hosts': [request('GET /health HTTP/1.1', ['Host: other']), [200]],
  'thousands of headers': [request('GET /health HTTP/1.1', manyHeaders), [431]],
  'a header of 20 kB': [request('GET /health HTTP/1.1', [`X: ${'y'.repeat(20_000)}`]), [431]],
  'an address of 20 kB': [request(`GET /${'y'.repeat(20_000)} HTTP/1.1`), [431]],
  'an address of 10 kB': [request(`GET /sync/v1/${'y/'.repeat(5_000)} HTTP/1.1`), [404]],
  'a zero byte in a header': [request('GET /health HTTP/1.1', ['X: a\0b']), [400]],
  'a zero byte in the address': [request('GET /hea\0lth HTTP/1.1'), [400]],
  'a zero byte, encoded': [request('GET /health%00 HTTP/1.1'), [404]],
  'bytes that are no UTF-8 in the address': [
    request('GET /sync/v1/feed?after=%c0%80%ff HTTP/1.1'),
    [400],
  ],
  'an address upwards': [request('GET /sync/../../etc/passwd HTTP/1.1'), [404]],
  'an address upwards, encoded': [request('GET /sync/%2e%2e/%2e%2e/etc/passwd HTTP/1.1'), [404]],
  'no address': [request('GET  HTTP/1.1'), [400]],
  'a method that is none': [request('FOO /health HTTP/1.1'), [400]],
  'a method of a proxy': [request('CONNECT hub:443 HTTP/1.1'), []],
  'a method that echoes': [request('TRACE /health HTTP/1.1', ['X-Secret: a']), [404]],
  'a method of another trade': [request('PROPFIND /sync/v1/feed?after=0 HTTP/1.1'), [404]],
  'a method that the route lacks': [request('DELETE /sync/v1/feed?after=0 HTTP/1.1'), [404]],
  'a wish to speak otherwise': [
    request('GET /health HTTP/1.1', [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: eA==',
    ]),
    [200],
  ],
  'a wish for HTTP/2': [
    request('GET /health HTTP/1.1', [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ]),
    [200],
  ],
  'an expectation that nobody knows': [
    request(hello, [protobuf, 'Expect: miracles', 'Content-Length: 1'], 'x'),
    [417],
  ],
  noise: [Buffer.alloc(4_000, 0x81).toString('latin1'), [400]],
  'nothing but line ends': ['\r\n'.repeat(1_000), []],
  nothing: ['', []],
};

/** Without a Host, or with an expectation, Node answers itself, and has no words. */
const answeredByNode = /^(?:0\r\n)?(?:\r\n)?$/u;

const bodiesOf = ({ text }: RawAnswer): readonly string[] =>
  text.split(/^(?=HTTP\/1\.1 )/mu).map((one) => one.slice(one.indexOf('\r\n\r\n') + 4));

test.concurrent.each(Object.entries(cases))(
  '%s is answered at most once, in time, and the hub serves on',
  async (_, [bytes, statuses]) => {
    const answer = await send(Buffer.from(bytes, 'latin1'));
    expect(answer.statuses).toEqual(statuses);
    expect(answer.closed).toBe(true);
    for (const [i, body] of bodiesOf(answer).entries()) {
      const status = answer.statuses[i] ?? 0;
      if (status < 400 || answeredByNode.test(body)) continue;
      // a Refusal begins with its code as well, and so JSON and protobuf are looked at as text
      const code = /HUB_[A-Z_]+/u.exec(body)?.[0] ?? 'none';
      expect(Object.keys(errorKinds)).toContain(code);
    }
    expect(answer.text).not.toContain('X-Secret');
    await expectAlive();
  },
);

test('what is not TLS 1.3 gets nothing, and the hub serves on', async () => {
  const socket = connect({ host: '127.0.0.1', port: server.port });
  const got: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => got.push(chunk));
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('error', () => undefined);
  });
  socket.write(request('GET /health HTTP/1.1'));
  await closed;
  expect(Buffer.concat(got).toString('latin1')).not.toContain('HTTP');
  const older = await exchangeRaw(
    { port: server.port, ca: hub.files.rootPem, maxVersion: 'TLSv1.2', deadlineMs },
    request('GET /health HTTP/1.1'),
  );
  expect(older).toEqual({ text: '', statuses: [], closed: true });
  await expectAlive();
});

test('a hundred connections that say half a request hold up nobody', async () => {
  const half = `${hello}\r\nHost: hub\r\n${protobuf}\r\nContent-Length: 100\r\n\r\nabc`;
  const waiting = Array.from({ length: 100 }, () => send(half, 0));
  await expectAlive();
  const answers = await Promise.all(waiting);
  expect(answers.every(({ closed }) => !closed)).toBe(true);
  await expectAlive();
});
