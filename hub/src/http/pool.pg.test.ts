/**
 * A pool of one connection: whoever holds it and needs a second would wait for itself. So every route
 * and every job must end with one; and a request that gets none in time says when to come again.
 */
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  callOf,
  nextBatch,
  openServedHub,
  type ServedHub,
  syncRoutes,
} from '../../../test/support/served-hub.ts';
import type { TestHub } from '../../../test/support/test-hub.ts';
import {
  type Answer,
  type Call,
  refusalOf,
  serveTestHub,
  TestClient,
  type TestServer,
} from '../../../test/support/test-server.ts';
import { applyInTurns, openApplyLine } from '../sync/apply-in-turns.ts';
import { keepWitness } from '../sync/hub-start.ts';
import { makeCheckpoint } from '../sync/make-checkpoint.ts';
import { publishTotals } from '../sync/receive-totals.ts';

let served: ServedHub;
let tight: TestHub;
let server: TestServer;

beforeAll(async () => {
  served = await openServedHub();
  const database = openDatabase(served.hub.url, { max: 1, applicationName: 'tight hub' });
  tight = { ...served.hub, database };
  server = await serveTestHub(tight);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await tight.database[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

const enrolment: Call = {
  method: 'POST',
  path: '/enrol/v1/requests',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({
      token: 'a'.repeat(64),
      agency: 'H52',
      signingRequest: 'x',
      signingKey: 'x',
      signature: 'x',
    }),
  ),
};
const health: Call = { method: 'GET', path: '/health' };

/** Each call on a connection of its own, all at once. */
async function callAll(calls: readonly Call[]): Promise<readonly Answer[]> {
  return Promise.all(
    calls.map(async (call) => {
      using client = new TestClient(served.hub, server, served.certificate);
      return await client.call(call);
    }),
  );
}

async function everyCall(): Promise<readonly Call[]> {
  const calls = await Promise.all(syncRoutes.map((route) => callOf(served, route, 'H52')));
  return [...calls, health, enrolment];
}

test('I15: with one connection to the database every route answers, also many at once', async () => {
  const calls = await everyCall();
  // one hello: a second one of the same past would be that of a clone
  const others = calls.filter(({ path }) => path !== '/sync/v1/hello');
  const answers = await callAll([...calls, ...others]);
  const wrong = answers.filter(({ status }) => status !== 200);
  // all but the request to enrol, whose token is none
  expect(wrong.map(({ status }) => status)).toEqual([403, 403]);
});

test('with one connection to the database every job ends', async () => {
  using client = new TestClient(served.hub, server, served.certificate);
  const body = await nextBatch(served, 'H52');
  expect((await client.call({ method: 'POST', path: '/sync/v1/batches', body })).status).toBe(200);
  expect([...(await applyInTurns(tight, openApplyLine(), 'H52'))].length).toBeGreaterThan(0);
  await publishTotals(tight);
  await makeCheckpoint(tight, hanoiDay(tight.now().getTime()));
  await keepWitness(tight);
});

test('I15: where no connection becomes free every route says so in time, and when to come again', async () => {
  const held = await tight.database.pool.connect();
  const calls = await everyCall();
  const startMs = performance.now();
  const answers = await callAll(calls).finally(() => held.release());
  expect(performance.now() - startMs).toBeLessThan(30_000);
  expect(answers.map(({ status }) => status)).toEqual(calls.map(() => 503));
  expect(answers.map(({ headers }) => headers['retry-after'])).toEqual(calls.map(() => '30'));
  for (const answer of answers.slice(0, -2)) expect(refusalOf(answer).code).toBe('HUB_BUSY');
  const [again] = await callAll([health]);
  expect(again?.status).toBe(200);
});
