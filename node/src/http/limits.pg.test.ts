/** What the node's own server does where callers are slow or the database has no connection left. */
import { once } from 'node:events';
import { connect } from 'node:net';

import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { errorKinds } from '../errors.ts';
import { issueKey } from '../sync/keys.ts';
import { buildApp } from './app.ts';

let pair: Pair;

beforeAll(async () => {
  pair = await openPair();
});

afterAll(async () => {
  await pair[Symbol.asyncDispose]();
});

test.concurrent('with one connection to the database every route answers many at once, and with none says 503', async () => {
  await using database = openDatabase(pair.place.url, { max: 1, applicationName: 'tight node' });
  const { key } = await issueKey(pair.node, {
    name: 'watch',
    scopes: ['status:read'],
    review: false,
  });
  const headers = { authorization: `Bearer ${key}` };
  const app = buildApp({ ...pair.node, database });
  const paths = ['/health', '/api/v1/status', '/health', '/api/v1/status'];
  const answers = await Promise.all(paths.map((url) => app.inject({ url, headers })));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(paths.map(() => 200));
  const held = await database.pool.connect();
  const refused = await Promise.all(paths.map((url) => app.inject({ url, headers }))).finally(() =>
    held.release(),
  );
  for (const answer of refused) {
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.json()).toMatchObject({ code: 'NODE_BUSY', detail: errorKinds.NODE_BUSY[1] });
  }
  await app.close();
});

test.concurrent('I15: a request that never ends is cut, though it is never silent', async () => {
  const app = buildApp(pair.node);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the node has no port');
  const socket = connect(address.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /health HTTP/1.1\r\nx: ');
  const dripping = setInterval(() => socket.writable && socket.write('y'), 200);
  const startMs = performance.now();
  await once(socket.resume(), 'close').finally(() => clearInterval(dripping));
  expect(performance.now() - startMs).toBeLessThan(30_000);
  await app.close();
});
