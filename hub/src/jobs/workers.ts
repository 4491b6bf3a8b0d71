/**
 * The hub's jobs. A job carries ids only and may run twice or never: every handler looks into the
 * tables for what there is to do, and a sweep rings again for what was missed.
 */
import type { Queues } from '@lienthong/shared-schema/runtime/queue.ts';
import { sweep } from '@lienthong/shared-schema/runtime/sweep.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { unitsWithWork } from '../db/units.ts';
import { applyBatches } from '../sync/apply-batches.ts';
import type { HubContext } from '../sync/context.ts';
import { makeCheckpoint } from '../sync/make-checkpoint.ts';
import { publishTotals } from '../sync/receive-totals.ts';

export const queueNames = { apply: 'apply', totals: 'totals', night: 'night' } as const;

/** Two appliers: one unit each, since a unit's batches go in order. */
const applyConcurrency = 2;
const sweepPauseMs = 2_000;
/** After the units' night slots. Seconds first, zone Asia/Ho_Chi_Minh. */
const nightPattern = '0 30 4 * * *';

const ApplyPayload = Type.Object({ agency: Type.String({ pattern: '^[A-Z][0-9]{2}$' }) });

export async function ringApply(queues: Queues, agency: string): Promise<void> {
  await queues.ring(queueNames.apply, agency, { agency });
}

export async function ringTotals(queues: Queues): Promise<void> {
  await queues.ring(queueNames.totals, 'national', {});
}

/** Starts the workers and the sweep; all end when the signal aborts and the queues are disposed. */
export async function work(hub: HubContext, queues: Queues, signal: AbortSignal): Promise<void> {
  queues.work(queueNames.apply, {
    concurrency: applyConcurrency,
    handler: async (payload, jobSignal) => {
      const { agency } = Value.Parse(ApplyPayload, payload);
      const batches = await applyBatches(hub, agency, jobSignal);
      if (batches > 0) hub.log.info({ agency, batches }, 'batches applied');
    },
  });
  queues.work(queueNames.totals, {
    concurrency: 1,
    handler: async () => void (await publishTotals(hub)),
  });
  queues.work(queueNames.night, {
    concurrency: 1,
    handler: async () => void (await makeCheckpoint(hub, hanoiDay(hub.now().getTime()))),
  });
  await sweep(
    async () => {
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
