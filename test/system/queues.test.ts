/** Hub and node at work over their queues, which are emptied all the time while data flows. */
import { setTimeout as sleep } from 'node:timers/promises';

import { openQueues } from '@lienthong/shared-schema/runtime/queue.ts';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';

import { ringApply, work as workHub } from '../../hub/src/jobs/workers.ts';
import { work as workNode } from '../../node/src/jobs/workers.ts';
import { compareSides } from '../constellation/compare.ts';
import { emptyQueues } from '../constellation/empty-queues.ts';
import { redisUrl } from '../support/database.ts';
import { putRecords, tree } from '../support/node-records.ts';
import { rowsOf } from '../support/test-hub.ts';
import { openPair, type Pair } from '../support/test-node.ts';
import { person, pinOf } from '../support/test-records.ts';

const flowMs = 6_000;
const emptyEveryMs = 300;
const arriveMs = 60_000;

type Backend = {
  readonly hubUrl: string;
  readonly nodeUrl: string;
  readonly empty: () => Promise<void>;
};

/** A Redis database of its own, since others use the same server. */
function redisBackend(): Backend {
  const url = new URL(redisUrl());
  url.pathname = '/12';
  return {
    hubUrl: url.href,
    nodeUrl: url.href,
    async empty() {
      const redis = new Redis(url.href, { maxRetriesPerRequest: 3 });
      await redis.flushdb();
      redis.disconnect();
    },
  };
}

function postgresBackend({ hub, place }: Pair): Backend {
  const urls = [hub.url, place.url];
  return { hubUrl: hub.url, nodeUrl: place.url, empty: () => emptyQueues(urls, undefined) };
}

test.each(['postgres', 'redis'])(
  'queues on %s that are emptied three times a second lose nothing, and a missed night is made up for',
  async (kind) => {
    await using pair = await openPair({ applies: false, logLevel: 'warn' });
    const { hub, server, node, place } = pair;
    const backend = kind === 'redis' ? redisBackend() : postgresBackend(pair);
    await using hubQueues = await openQueues({ url: backend.hubUrl, prefix: 'hub' });
    await using nodeQueues = await openQueues({ url: backend.nodeUrl, prefix: 'node-h52' });
    server.ring = (agency) => ringApply(hubQueues, agency);
    const stop = new AbortController();
    const pause = new AbortController();
    const working = [workHub(hub, hubQueues, stop.signal), workNode(node, nodeQueues, stop.signal)];
    let emptied = 0;
    const emptying = (async () => {
      while (!pause.signal.aborted) {
        // a queue that is being emptied may lose a race for a lock; the next round comes at once
        await backend.empty().then(
          () => (emptied += 1),
          () => undefined,
        );
        await sleep(emptyEveryMs);
      }
    })();
    try {
      await putRecords(node.database, tree);
      const until = performance.now() + flowMs;
      let people = 0;
      for (; performance.now() < until; people++) {
        await putRecords(node.database, [person(1_000 + people, pinOf(people))]);
        await sleep(25);
      }
      const arrived = async (): Promise<boolean> => {
        const [row] = await rowsOf(hub, 'select count(*) from national.identity');
        const { rows } = await node.database.pool.query<{ mirrored: number; proved: boolean }>(
          `select (select count(*)::integer from national.identity) as mirrored,
            (select proof_marker is not null from sync.feed_position) as proved`,
        );
        return row?.[0] === BigInt(people) && rows[0]?.mirrored === people && rows[0].proved;
      };
      const untilArrived = async (): Promise<void> => {
        const deadline = performance.now() + arriveMs;
        while (!(await arrived()) && performance.now() < deadline) await sleep(200);
      };
      await untilArrived();
      if (!(await arrived())) {
        // On a busy machine a job may not even be fetched before it is gone again. No job is owed, but
        // that nothing is lost: once the queues are left alone, the next sweep has to find it all.
        pause.abort();
        await untilArrived();
      }
      expect(people).toBeGreaterThan(50);
      expect(emptied).toBeGreaterThan(10);
      const sides = await compareSides({ agency: 'H52', hub: hub.url, node: place.url });
      expect(sides).toMatchObject({ differing: [], hubEqualsNode: true, mirrorEqualsHub: true });
      expect(await arrived()).toBe(true);
      pause.abort();
      await vi.waitFor(
        async () => expect(await nodeQueues.nextRun('night', 'nightly')).toBeInstanceOf(Date),
        { timeout: 15_000, interval: 200 },
      );
    } finally {
      pause.abort();
      stop.abort();
      await Promise.all([...working, emptying]);
    }
  },
);
