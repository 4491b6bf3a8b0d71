/**
 * The table of faults: what can happen to the world, how often in proportion, and what it does. A
 * fault begins when its act is called and is over when that resolves. Its sizes are drawn from the
 * stream that it is given, so a seed gives the same faults in the same order.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  integerIn,
  oneOf,
  type Random,
  type Weighted,
} from '@lienthong/shared-schema/population/random.ts';
import { LOCK_MS, openQueues } from '@lienthong/shared-schema/runtime/queue.ts';
import { DatabaseError } from 'pg';

import { queueNames as ofHub } from '../../hub/src/jobs/workers.ts';
import { queueNames as ofNode } from '../../node/src/jobs/workers.ts';
import { silenceMs } from '../../node/src/link/pipeline.ts';
import { emptyQueues } from '../constellation/empty-queues.ts';
import type { KeptProcess } from './kept-process.ts';
import type { NodeWorld, World } from './world.ts';

export type Stage = {
  readonly world: World;
  /** Runs of a few minutes have no room for silences of minutes. */
  readonly isLong: boolean;
  /** Told what must never be. */
  readonly complain: (what: string) => void;
};

export type Fault = {
  readonly kind: string;
  readonly weight: number;
  /** Faults of one group do not overlap: two of them would be told apart by nobody. */
  readonly group: string;
  /** Of those that last long: none begins that would outlast the other faults. */
  readonly lastsMs?: number;
  /** Why this run cannot have it. */
  readonly impossible?: (stage: Stage) => string | undefined;
  readonly act: (stage: Stage, random: Random) => Promise<void>;
};

const between = (random: Random, min: number, max: number): number =>
  integerIn(random, { min, max });
const anyNode = ({ world }: Stage, random: Random): NodeWorld => oneOf(random, world.nodes);
const ofNodes = (part: 'serve' | 'work') => (stage: Stage, random: Random) =>
  anyNode(stage, random)[part];

const kill = (
  kind: string,
  weight: number,
  pick: (stage: Stage, random: Random) => KeptProcess,
): Fault => ({
  kind,
  weight,
  group: kind,
  act: async (stage, random) => {
    pick(stage, random).kill();
    await sleep(0);
  },
});

const onLine = (
  kind: string,
  act: (node: NodeWorld, random: Random) => Promise<unknown>,
): Fault => ({
  kind,
  weight: 2,
  group: kind,
  act: async (stage, random) => void (await act(anyNode(stage, random), random)),
});

const withoutMount = ({ world }: Stage): string | undefined =>
  world.hub.server.disk === undefined ? 'a disk of its own needs root and mount(8)' : undefined;

/** The longest that anything in the product waits for somebody: a lock of a job, silence on a line. */
const pastLockMs = LOCK_MS + 2_000;
const pastSilenceMs = silenceMs + 5_000;

const beyondSilence = (
  kind: string,
  act: (stage: Stage, random: Random) => Promise<void>,
): Fault => ({
  kind,
  weight: 0.3,
  group: kind,
  lastsMs: pastSilenceMs,
  impossible: ({ isLong }) =>
    isLong ? undefined : 'only runs of two and a half minutes and more have room for it',
  act,
});

export const faults: readonly Fault[] = [
  {
    kind: 'worker stopped beyond the lock of its job',
    weight: 0.5,
    group: 'stopped',
    lastsMs: pastLockMs,
    act: async ({ world }, random) => {
      const workers = [...world.hub.workers, ...world.nodes.map((node) => node.work)];
      await oneOf(random, workers).stopFor(pastLockMs);
    },
  },
  beyondSilence('process stopped beyond every time-out', ({ world }, random) =>
    oneOf(random, world.processes()).stopFor(pastSilenceMs),
  ),
  beyondSilence('line silent until the node gives up', (stage, random) =>
    anyNode(stage, random).line.stall(pastSilenceMs),
  ),
  beyondSilence('line half open until the node gives up', (stage, random) =>
    anyNode(stage, random).line.halfOpen(pastSilenceMs),
  ),
  {
    kind: 'process stopped for a moment',
    weight: 1,
    group: 'stopped for a moment',
    act: async ({ world }, random) =>
      oneOf(random, world.processes()).stopFor(between(random, 500, 5_000)),
  },
  kill('hub serve killed', 2, ({ world }) => world.hub.serve),
  kill('hub worker killed', 3, ({ world }, random) => oneOf(random, world.hub.workers)),
  kill('node serve killed', 1, ofNodes('serve')),
  kill('node worker killed', 4, ofNodes('work')),
  {
    kind: 'database of the hub shut down at once',
    weight: 1.5,
    group: 'database hub',
    act: async ({ world }, random) => world.hub.server.crash(between(random, 100, 2_000)),
  },
  {
    kind: 'database of a node shut down at once',
    weight: 2,
    group: 'database node',
    act: async (stage, random) => anyNode(stage, random).server.crash(between(random, 100, 2_000)),
  },
  {
    kind: 'disk of the hub full',
    weight: 0.7,
    group: 'database hub',
    impossible: withoutMount,
    act: async ({ world }, random) => world.hub.server.runFull(between(random, 2_000, 6_000)),
  },
  {
    kind: 'disk of a node full',
    weight: 0.7,
    group: 'database node',
    impossible: withoutMount,
    act: async (stage, random) =>
      anyNode(stage, random).server.runFull(between(random, 2_000, 6_000)),
  },
  {
    kind: 'queues emptied',
    weight: 3,
    group: 'queues',
    act: async ({ world }) => {
      const urls = [world.hub.server.url, ...world.nodes.map((node) => node.server.url)];
      const empty = (some: readonly string[]): Promise<void> =>
        unlessAway(emptyQueues(some, world.redis?.url));
      if (world.redis === undefined) await Promise.all(urls.map((url) => empty([url])));
      else await empty([]);
    },
  },
  {
    kind: 'server of the queues killed',
    weight: 1.5,
    group: 'queues',
    impossible: ({ world }) =>
      world.redis?.own === undefined
        ? 'the queues are in the databases, which are shut down'
        : undefined,
    act: async ({ world }, random) => {
      const own = world.redis?.own;
      if (own === undefined) return;
      process.kill(own.pid, 'SIGKILL');
      await sleep(between(random, 200, 3_000));
      await own.startAgain();
    },
  },
  {
    kind: 'second worker of a node',
    weight: 1,
    group: 'second worker',
    act: async (stage, random) => {
      await using worker = anyNode(stage, random).workTwice();
      await sleep(between(random, 4_000, 10_000));
      if (random() < 0.5) worker.kill();
    },
  },
  {
    kind: 'same job again and again',
    weight: 1.5,
    group: 'same job',
    act: ({ world }, random) => unlessAway(ringAgain(world, between(random, 5, 20))),
  },
  onLine('line cut in a request', async ({ line }, random) => {
    line.cutAfter('up', between(random, 1, anyBytes(random)));
  }),
  onLine('line cut in an answer', async ({ line }, random) => {
    line.cutAfter('down', between(random, 1, anyBytes(random)));
  }),
  onLine('line late', ({ line }, random) =>
    line.delay(between(random, 50, 1_500), between(random, 3_000, 8_000)),
  ),
  onLine('line silent', ({ line }, random) => line.stall(between(random, 2_000, 8_000))),
  onLine('line slow', ({ line }, random) =>
    line.limit(between(random, 1_000, 30_000), between(random, 3_000, 8_000)),
  ),
  onLine('line down', ({ line }, random) => line.goDown(between(random, 1_000, 8_000))),
  onLine('line half open', ({ line }, random) => line.halfOpen(between(random, 3_000, 8_000))),
  onLine('connection played again', ({ line }) => line.replay()),
  {
    kind: 'batch sent twice by a second client',
    weight: 4,
    group: 'second client',
    act: async (stage, random) => {
      const node = anyNode(stage, random);
      const judge = async (): Promise<void> => {
        for (const one of await node.client.repeat(random))
          stage.complain(`${node.agency}: ${one}`);
      };
      await unlessAway(judge());
    },
  },
];

/**
 * Takes an act as done where a server that it needs is away: what another fault has shut down, has filled
 * or lets come back. Any other error is one of ours, and is thrown on.
 */
async function unlessAway(act: Promise<unknown>): Promise<void> {
  try {
    await act;
  } catch (error) {
    if (!isAway(error)) throw error;
  }
}

function isAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return /^(?:08|53|57|58)/u.test(error.code ?? '');
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (/^E[A-Z]+$|^QUEUE_UNREACHABLE$/u.test(code)) return true;
  return /terminated|timeout|max retries|closed/iu.test(error.message);
}

/** A few bytes into a handshake as often as far into a batch. */
const anyBytes = (random: Random): number => oneOf(random, [200, 2_000, 20_000]);

async function ringAgain(world: World, times: number): Promise<void> {
  await Promise.all(
    world.queues.map(async ({ url, prefix }) => {
      await using queues = await openQueues({ url, prefix });
      const ring = (queue: string, key: string, payload: object): Promise<unknown> =>
        Promise.all(
          Array.from({ length: times }, (_, i) => queues.ring(queue, `${key}-${i}`, payload)),
        );
      if (prefix !== 'hub')
        return void (await Promise.all(
          [ofNode.seal, ofNode.push, ofNode.pull].map((name) => ring(name, 'again', {})),
        ));
      await Promise.all(world.nodes.map(({ agency }) => ring(ofHub.apply, agency, { agency })));
    }),
  );
}

export const weighted = (of: readonly Fault[]): Weighted<Fault> =>
  of.map((fault) => [fault, fault.weight]);
