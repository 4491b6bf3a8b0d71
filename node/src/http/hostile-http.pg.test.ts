/** The node's own HTTP server on what no program of the unit would say: an answer in time, never a 500. */
import { STATUS_CODES } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { errorKinds, type NodeErrorCode } from '../errors.ts';
import { issueKey } from '../sync/keys.ts';
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

const problem = (code: NodeErrorCode, status: number) => ({
  type: `urn:lienthong:error:${code}`,
  title: STATUS_CODES[status],
  status,
  detail: errorKinds[code][1],
  code,
});

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
  const code = status === 413 ? 'NODE_TOO_LARGE' : 'NODE_UNREADABLE';
  expect(await call(path, options)).toEqual([status, problem(code, status)]);
  expect(await call('/health')).toEqual([200, { status: 'ok' }]);
});

test('what is broken inside is not told outside', async () => {
  const { pool } = pair.node.database;
  const order = { name: 'watch', scopes: ['status:read'], review: false };
  const { key } = await issueKey(pair.node, order);
  const headers = { authorization: `Bearer ${key}` };
  await pool.query('alter table sync.change_log rename to change_log_away');
  const broken = await call('/api/v1/status', { headers }).finally(() =>
    pool.query('alter table sync.change_log_away rename to change_log'),
  );
  expect(broken).toEqual([500, problem('NODE_INTERNAL', 500)]);
  const whole = await call('/api/v1/status', { headers });
  expect(whole).toMatchObject([200, { agency: 'H52', feedCursor: '0' }]);
});
