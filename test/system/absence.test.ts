/**
 * Long absences in a short time. What is compressed is the clock that hub and node are given (`now`
 * of their contexts): it runs ahead in leaps while the line is cut or the node is off. Everything
 * else is real: both sides' workers with their sweeps and queues on PostgreSQL, mutual TLS, a line
 * that refuses connections. Waits are real time too, and need no compression: a job gives up after
 * 15 seconds and a back-off never exceeds a minute, so from there on nothing waits longer in a cut of
 * hours than in one of seconds. PostgreSQL keeps the real time; what it is asked about is the expiry
 * of a certificate, which the test therefore compares itself, and the time of the last proof, from
 * which the leaps take the node far enough away for a night to be missed.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { openQueues } from '@lienthong/shared-schema/runtime/queue.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { expect, test } from 'vitest';

import { ringApply, work as workHub } from '../../hub/src/jobs/workers.ts';
import { makeCheckpoint } from '../../hub/src/sync/make-checkpoint.ts';
import { work as workNode } from '../../node/src/jobs/workers.ts';
import { mostMs, retryDelayMs } from '../../node/src/protocol/retry.ts';
import { type Line, openLine } from '../chaos/line.ts';
import { recoveryBoundMs } from '../chaos/recovery-bound.ts';
import { compareSides } from '../constellation/compare.ts';
import { putRecords, tree } from '../support/node-records.ts';
import { rowsOf } from '../support/test-hub.ts';
import { openPair, type Pair, startNode, type TestNode } from '../support/test-node.ts';
import { person, pinOf } from '../support/test-records.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Longer than all attempts of a job. */
const cutMs = 25_000;

type Working = AsyncDisposable;

/** The node's worker, as its process runs it, until it is disposed. */
async function startWorker(node: TestNode): Promise<Working> {
  const queues = await openQueues({ url: node.url, prefix: 'node-h52' });
  const stop = new AbortController();
  const working = workNode(node, queues, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await queues[Symbol.asyncDispose]();
      await working;
    },
  };
}

async function startHubWorker({ hub, server }: Pair): Promise<Working> {
  const queues = await openQueues({ url: hub.url, prefix: 'hub' });
  server.ring = (agency) => ringApply(queues, agency);
  const stop = new AbortController();
  const working = workHub(hub, queues, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await queues[Symbol.asyncDispose]();
      await working;
    },
  };
}

/** Milliseconds until hub, mirror and node have all of these people; at most the bound. */
async function untilAllHave(pair: Pair, people: number): Promise<number> {
  const since = performance.now();
  for (;;) {
    const [row] = await rowsOf(pair.hub, 'select count(*)::integer from national.identity');
    const { rows } = await pair.node.database.pool.query<{ count: number }>(
      'select count(*)::integer from national.identity',
    );
    const ms = performance.now() - since;
    if ((row?.[0] === people && rows[0]?.count === people) || ms > recoveryBoundMs) return ms;
    await sleep(200);
  }
}

/** Whether a round trip is proved that was not before, within the bound. */
async function isProvedAnew(node: TestNode, before: string | null): Promise<boolean> {
  const until = performance.now() + recoveryBoundMs;
  while (performance.now() < until) {
    const marker = await proofOf(node);
    if (marker !== null && marker !== before) return true;
    await sleep(200);
  }
  return false;
}

async function proofOf(node: TestNode): Promise<string | null> {
  const { rows } = await node.database.pool.query<{ marker: string | null }>(
    'select proof_marker as marker from sync.feed_position',
  );
  return rows[0]?.marker ?? null;
}

async function expectEqual({ hub, place }: Pair): Promise<void> {
  const sides = await compareSides({ agency: 'H52', hub: hub.url, node: place.url });
  expect(sides).toMatchObject({ differing: [], hubEqualsNode: true, mirrorEqualsHub: true });
}

/** Moves both clocks on by so much in all, in even leaps, while so much real time goes by. */
async function leap(
  clocks: readonly { now: Date }[],
  { byMs, withinMs }: { readonly byMs: number; readonly withinMs: number },
): Promise<void> {
  const leaps = Math.round(withinMs / 1_000);
  for (let i = 0; i < leaps; i++) {
    for (const clock of clocks) clock.now = new Date(clock.now.getTime() + byMs / leaps);
    await sleep(withinMs / leaps);
  }
}

/** A pair whose node speaks over the line. */
async function openLinedPair(stack: AsyncDisposableStack): Promise<Pair & { readonly line: Line }> {
  const pair = stack.use(await openPair({ applies: false, logLevel: 'warn' }));
  const line = stack.use(await openLine(pair.server.port));
  const node = stack.use(await startNode(pair.server, pair.place, { port: line.port }));
  // not spread: what the pair has as accessors would be frozen
  return {
    hub: pair.hub,
    server: pair.server,
    place: pair.place,
    node,
    line,
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
}

test('a cut of three hours over the night slot heals by itself within one interval, and the night is made up for', async () => {
  await using stack = new AsyncDisposableStack();
  const pair = await openLinedPair(stack);
  const { node, hub, line } = pair;
  stack.use(await startHubWorker(pair));
  stack.use(await startWorker(node));
  await putRecords(node.database, [...tree, person(10, pinOf(10))]);
  expect(await untilAllHave(pair, 1)).toBeLessThan(recoveryBoundMs);
  expect(await isProvedAnew(node, null)).toBe(true);
  // nearly a day later the line is cut, and stays so until after the night's slot
  for (const clock of [node.clock, hub.clock])
    clock.now = new Date(clock.now.getTime() + 23.5 * hourMs);
  const down = line.goDown(cutMs);
  await putRecords(node.database, [person(11, pinOf(11))]);
  await leap([node.clock, hub.clock], { byMs: 3 * hourMs, withinMs: cutMs });
  await putRecords(node.database, [person(12, pinOf(12))]);
  await down;
  const before = await proofOf(node);
  const healedMs = await untilAllHave(pair, 3);
  expect(healedMs).toBeLessThan(recoveryBoundMs);
  expect(await isProvedAnew(node, before)).toBe(true);
  await expectEqual(pair);
  // however long the cut: no wait is longer than the largest back-off
  for (const attempt of [20, 1_000, 100_000])
    expect(retryDelayMs(attempt, 0.999, 0)).toBeLessThanOrEqual(mostMs);
});

test('a node that sleeps for sixty days wakes up with a valid certificate, reads two months of feed and makes up for the night', async () => {
  await using stack = new AsyncDisposableStack();
  const pair = await openLinedPair(stack);
  const { node, hub } = pair;
  stack.use(await startHubWorker(pair));
  {
    await using _worker = await startWorker(node);
    await putRecords(node.database, [...tree, person(10, pinOf(10))]);
    expect(await untilAllHave(pair, 1)).toBeLessThan(recoveryBoundMs);
    expect(await isProvedAnew(node, null)).toBe(true);
  }
  // the hub goes on day by day; people write into the tables of the node, whose programs are off
  const firstDay = hub.clock.now.getTime();
  for (let day = 1; day <= 60; day++) {
    hub.clock.now = new Date(firstDay + day * dayMs);
    await makeCheckpoint(hub, hanoiDay(hub.clock.now.getTime()));
  }
  await putRecords(node.database, [person(11, pinOf(11)), person(12, pinOf(12))]);
  node.clock.now = hub.clock.now;
  const valid = await rowsOf(
    hub,
    `select bool_and(not_after > '${node.clock.now.toISOString()}') from registry.certificate`,
  );
  expect(valid).toEqual([[true]]);
  const before = await proofOf(node);
  // a new process, which greets the hub anew
  node.session.ready = false;
  stack.use(await startWorker(node));
  expect(await untilAllHave(pair, 3)).toBeLessThan(recoveryBoundMs);
  expect(await isProvedAnew(node, before)).toBe(true);
  await expectEqual(pair);
  const { rows } = await node.database.pool.query<{ count: number }>(
    'select count(*)::integer from sync.checkpoint',
  );
  expect(rows[0]?.count).toBeGreaterThanOrEqual(60);
});
