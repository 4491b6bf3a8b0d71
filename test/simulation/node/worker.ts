/**
 * The node's worker, as in `node/src/jobs/workers.ts`: a sweep looks into the tables and rings; jobs
 * carry nothing. The queue may lose a ring or give it twice, and two workers may have one job.
 */
import { chance, integerIn } from '@lienthong/shared-schema/population/random.ts';

import { point, sleep, type Task, transact } from '../engine.ts';
import type { World } from '../world.ts';
import { ensureHello } from './hello.ts';
import { pullFeed } from './pull.ts';
import { pushBatches } from './push.ts';
import { sealAll } from './seal.ts';
import type { Place } from './state.ts';
import { isPassing, Stop } from './stop.ts';

const sweepMs = 5_000;
const attemptsMax = 8;

export type Job = 'seal' | 'push' | 'pull' | 'night';

/** Sweeps as long as the process lives. What passes is tried again; what does not waits for people. */
export function* workNode(world: World, place: Place): Task<void> {
  for (;;) {
    try {
      yield* ensureHello(world, place);
      place.session.stopped = undefined;
      ring(world, place, nextJob(place));
    } catch (error) {
      noteStop(world, place, error);
    }
    yield sleep(sweepMs + integerIn(place.random, { min: 0, max: 500 }));
  }
}

function nextJob(place: Place): Job {
  if (place.log.size > 0) return 'seal';
  for (const batch of place.outbox.values()) if (batch.receipt === undefined) return 'push';
  return 'pull';
}

/** One of each at a time, but where the queue gives a job twice. */
export function ring(world: World, place: Place, job: Job, twice = false): void {
  const { running } = place.session;
  if (running.has(job) && !twice) return;
  if (!twice && chance(place.random, 0.02)) {
    world.shape('ring lost');
    return;
  }
  if (twice && running.has(job)) world.shape(`two workers at ${job}`);
  running.add(job);
  world.engine.start(place.machine, job, runJob(world, place, job), () => {
    running.delete(job);
  });
}

function* runJob(world: World, place: Place, job: Job): Task<void> {
  try {
    yield point(`node job ${job}`);
    yield* handlers[job](world, place);
  } catch (error) {
    noteStop(world, place, error);
  }
}

const handlers: Readonly<Record<Job, (world: World, place: Place) => Task<void>>> = {
  *seal(world, place) {
    yield* sealAll(world, place);
    ring(world, place, 'push');
  },
  *push(world, place) {
    yield* pushBatches(world, place);
    ring(world, place, 'pull');
  },
  *pull(world, place) {
    yield* pullFeed(world, place);
    dropSafe(world, place);
  },
  *night(world, place) {
    yield* synchronise(world, place);
  },
};

/** Seal, push, pull until the own marker comes back: `node/src/sync/synchronise.ts`. */
function* synchronise(world: World, place: Place): Task<void> {
  const marker = `${place.machine.name} ${world.engine.now}`;
  yield* withRetries(world, place, () => ensureHello(world, place));
  yield* sealAll(world, place, marker);
  yield* withRetries(world, place, () => pushBatches(world, place));
  for (let tries = 0; tries < 20; tries++) {
    yield* withRetries(world, place, () => pullFeed(world, place));
    if (place.markers.has(marker)) {
      world.shape('marker came back');
      dropSafe(world, place);
      return;
    }
    yield sleep(500);
  }
  throw new Stop('NODE_SYNC_TIMEOUT');
}

function* withRetries(world: World, place: Place, act: () => Task<void>): Task<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      yield* act();
      return;
    } catch (error) {
      if (!isPassing(error) || attempt >= attemptsMax) throw error;
      world.shape('night run retries');
      yield sleep(world.cores.retryDelayMs(attempt, place.random(), error.retryAfterS));
    }
  }
}

/** The content of what is safe at the hub is dropped; header, hash and receipt stay. */
function dropSafe(world: World, place: Place): void {
  transact(place.machine, 'node drop', () => {
    const { safeSeq } = place.link.row('link');
    for (const [seq, batch] of place.outbox.entries()) {
      const isSafe = seq <= safeSeq && batch.receipt !== undefined;
      if (!isSafe || batch.content === undefined) continue;
      place.outbox.set(seq, { ...batch, content: undefined });
      world.shape('safe content dropped');
    }
  });
}

export function noteStop(world: World, place: Place, error: unknown): void {
  if (!(error instanceof Stop)) throw error;
  const { code } = error;
  if (code === 'NODE_HUB_UNREACHABLE' || code === 'NODE_HUB_BUSY' || code === 'NODE_SYNC_TIMEOUT') {
    return;
  }
  if (error.code === 'NODE_HUB_REFUSED') place.session.ready = false;
  place.session.stopped = error.message;
  world.shape(`stopped ${error.code}`);
  world.tell(place.machine.name, `stops: ${error.message}`);
}
