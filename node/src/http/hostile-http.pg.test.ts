/** The node's own HTTP server on what no program of the unit would say: an answer in time, never a 500. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { errorKinds } from '../errors.ts';
import { buildApp } from './app.ts';

let pair: Pair;
let app: ReturnType<typeof buildApp>;
let origin: string;

beforeAll(async () => {
  pair = await openPair();
  app = buildApp(pair.node);
  origin = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await app.close();
  await pair[Symbol.asyncDispose]();
});

const deadlineMs = 5_000;

async function call(path: string, options: RequestInit = {}): Promise<readonly [number, unknown]> {
  const answer = await fetch(`${origin}${path}`, {
    ...options,
    signal: AbortSignal.timeout(deadlineMs),
  });
  return [answer.status, await answer.json()];
}

test.each<[string, string, RequestInit, number]>([
  ['an unknown address', '/nothing', {}, 404],
  ['an address that cannot be decoded', '/%zz', {}, 400],
  ['an address of 10 kB', `/${'y/'.repeat(5_000)}`, {}, 404],
  ['an address upwards', '/api/%2e%2e/%2e%2e/etc/passwd', {}, 404],
  ['a method that the route lacks', '/health', { method: 'DELETE' }, 404],
  [
    'a body of another type',
    '/health',
    { method: 'POST', body: 'x', headers: { 'content-type': 'text/xml' } },
    404,
  ],
  [
    'a body that is no JSON',
    '/api/v1/status',
    { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
    400,
  ],
  [
    'a body above the limit',
    '/health',
    { method: 'POST', body: 'x'.repeat(5_000), headers: { 'content-type': 'text/plain' } },
    413,
  ],
])('%s is answered by name, and the node serves on', async (_, path, options, status) => {
  expect(await call(path, options)).toEqual([
    status,
    { code: 'NODE_UNREADABLE', message: errorKinds.NODE_UNREADABLE[1] },
  ]);
  expect(await call('/health')).toEqual([200, { status: 'ok' }]);
});

test('what is broken inside is not told outside', async () => {
  const { pool } = pair.node.database;
  await pool.query('alter table sync.change_log rename to change_log_away');
  const broken = await call('/api/v1/status').finally(() =>
    pool.query('alter table sync.change_log_away rename to change_log'),
  );
  expect(broken).toEqual([
    500,
    { code: 'NODE_INTERNAL', message: 'Something broke at the node: see its log.' },
  ]);
  const whole = await call('/api/v1/status');
  expect(whole).toMatchObject([200, { agency: 'H52', feedCursor: '0' }]);
});
