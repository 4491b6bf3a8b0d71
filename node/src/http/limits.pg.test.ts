/** What the node's own server does where callers are slow or the database has no connection left. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { lockName, openDatabase, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { recordId } from '../../../test/support/test-records.ts';
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

test.concurrent('writes that wait for a long publication leave the connections to everybody else', async () => {
  const { pool } = pair.node.database;
  await using database = openDatabase(pair.place.url, { max: 3, applicationName: 'tight node' });
  const { key } = await issueKey(pair.node, {
    name: 'writer',
    scopes: ['records:read', 'records:read-secret', 'records:write', 'intake:review'],
    review: false,
  });
  const headers = { authorization: `Bearer ${key}`, 'if-match': '"x"' };
  const app = buildApp({ ...pair.node, database });
  const { rows } = await pool.query<{ id: string }>(
    `insert into intake.import (source) values ('workbook') returning id`,
  );
  const [record, batch] = [`/api/v1/records/${recordId(9)}`, `/api/v1/intake/${rows[0]?.id}`];
  await using publication = openDatabase(pair.place.url, { max: 1, applicationName: 'long' });
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const long = transaction(publication, async ({ db }) => {
    await lockName(db, 'intake.publish', 'wait');
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const post = async (url: string, payload: object) =>
    await app.inject({ method: 'POST', url, headers, payload });
  const writes = Array.from({ length: 4 }, () => [
    post(`${record}/reopen`, {}),
    post(`${batch}/publish`, { all: true }),
    post(`${batch}/reject`, { all: true, reason: 'why' }),
    post(`${batch}/take-up`, { all: true }),
    post(`${batch}/recheck`, {}),
  ]).flat();
  const isWaiting = `select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await pool.query(isWaiting)).rowCount === 0) await setImmediate();
  const read = await app.inject({ url: '/api/v1/units', headers }).finally(() => held.resolve());
  expect(read.statusCode).toBe(200);
  await long;
  const done = (await Promise.all(writes)).map(({ statusCode }) => statusCode);
  expect(done.toSorted((a, b) => a - b)).toEqual(
    [200, 200, 200, 400, 404].flatMap((status) => Array<number>(4).fill(status)),
  );
  await app.close();
});

test.concurrent('questions about all records come one at a time, and no more than ten', async () => {
  await using database = openDatabase(pair.place.url, { max: 3, applicationName: 'tight node' });
  await using other = openDatabase(pair.place.url, { max: 1, applicationName: 'long' });
  const scopes = ['status:read', 'records:read'];
  const { key } = await issueKey(pair.node, { name: 'curious', scopes, review: false });
  const headers = { authorization: `Bearer ${key}` };
  const app = buildApp({ ...pair.node, database });
  const get = async (url: string) => (await app.inject({ url, headers })).statusCode;
  const asked = await transaction(other, async ({ client }) => {
    await client.query('lock table sync.due_day');
    const all = Array.from({ length: 11 }, () => get('/api/v1/overdue'));
    // ten wait behind a lock that lasts until one too many was refused
    expect(await Promise.race(all)).toBe(503);
    expect(await get('/api/v1/units')).toBe(200);
    return all;
  });
  const statuses = await Promise.all(asked);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
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
