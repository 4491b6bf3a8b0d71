/**
 * The hub's jobs. A job carries ids only and may run twice or never: every handler looks into the
 * tables for what there is to do, and a sweep rings again for what was missed.
 */
import assert from 'node:assert/strict';

import type { Queues } from '@lienthong/shared-schema/runtime/queue.ts';
import { sweep } from '@lienthong/shared-schema/runtime/sweep.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { unitsWithWork } from '../db/units.ts';
import { applyInTurns, openApplyLine } from '../sync/apply-in-turns.ts';
import type { HubContext } from '../sync/context.ts';
import { forgetOld } from '../sync/forget-old.ts';
import { keepWitness } from '../sync/hub-start.ts';
import { makeCheckpoint } from '../sync/make-checkpoint.ts';
import { markSafe } from '../sync/mark-safe.ts';
import { keepQuality } from '../sync/quality.ts';
import { publishTotals } from '../sync/receive-totals.ts';

export const queueNames = {
  apply: 'apply',
  totals: 'totals',
  night: 'night',
  safe: 'safe',
} as const;

/** Two appliers: one unit each, since a unit's batches go in order. */
const applyConcurrency = 2;
export const sweepPauseMs = 2_000;
/** How often a replica is read, and how much of it in one go. */
const safePauseMs = 5 * 60_000;
const safeBatchesMax = 200;
/** After the units' night slots. Seconds first, zone Asia/Ho_Chi_Minh. */
const nightPattern = '0 30 4 * * *';

export async function ringApply(queues: Queues, agency: string): Promise<void> {
  await queues.ring(queueNames.apply, agency, { agency });
}

export async function ringTotals(queues: Queues): Promise<void> {
  await queues.ring(queueNames.totals, 'national', {});
}

/** Starts the workers and the sweep; all end when the signal aborts and the queues are disposed. */
export async function work(
  hub: HubContext,
  queues: Queues,
  signal: AbortSignal,
  replicaUrl = '',
): Promise<void> {
  const line = openApplyLine();
  queues.work(queueNames.apply, {
    concurrency: applyConcurrency,
    handler: async (payload, jobSignal) => {
      // whoever rang: what there is to do is in the tables, and whose turn it is is decided there
      await applyInTurns(hub, line, agencyOf(payload), jobSignal);
    },
  });
  queues.work(queueNames.totals, {
    concurrency: 1,
    handler: async () => void (await publishTotals(hub)),
  });
  queues.work(queueNames.night, {
    concurrency: 1,
    handler: async (_payload, jobSignal) => {
      await makeCheckpoint(hub, hanoiDay(hub.now().getTime()));
      // at once: nodes witness it from now on, and a restore must not make another of its number
      await keepWitness(hub);
      await forgetOld(hub);
      await keepQuality(hub, jobSignal);
    },
  });
  queues.work(queueNames.safe, {
    concurrency: 1,
    handler: async () => {
      const options = { url: replicaUrl, dryRun: false, batchesMax: safeBatchesMax };
      if (replicaUrl !== '') await markSafe(hub, options);
    },
  });
  let safeAt = 0;
  await sweep(
    async () => {
      // first: nothing is rung for a database that was exchanged under this process
      await keepWitness(hub);
      if (replicaUrl !== '' && performance.now() - safeAt > safePauseMs) {
        safeAt = performance.now();
        await queues.ring(queueNames.safe, 'replica', {});
      }
      await queues.schedule(queueNames.night, 'nightly', nightPattern, {});
      for (const agency of await unitsWithWork(hub.database.db)) await ringApply(queues, agency);
      await ringTotals(queues);
    },
    {
      pauseMs: sweepPauseMs,
      signal,
      onError: (error) => hub.log.warn({ err: error }, 'sweep failed'),
    },
  );
}

/** The unit that a ring names. Throws where it names none: what is in a queue may be anybody's. */
function agencyOf(payload: unknown): string {
  const named = typeof payload === 'object' && payload !== null && 'agency' in payload;
  const agency = named ? payload.agency : undefined;
  assert(typeof agency === 'string' && /^[A-Z][0-9]{2}$/u.test(agency), 'a ring names its unit');
  return agency;
}
