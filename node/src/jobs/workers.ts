/**
 * The node's jobs: seal what changed, push, pull, and the night run in the slot that the hub assigned.
 * A job carries nothing; each looks into the tables, and a sweep rings again for what was missed.
 */
import type { Queues } from '@lienthong/shared-schema/runtime/queue.ts';
import { sweep } from '@lienthong/shared-schema/runtime/sweep.ts';

import { readFeedPosition } from '../db/feed-position.ts';
import { readLink } from '../db/link.ts';
import { findWork } from '../db/outbox.ts';
import { settleCodeListTasks } from '../sync/code-list-impact.ts';
import type { EnrolledNode } from '../sync/context.ts';
import { pullFeed } from '../sync/pull-feed.ts';
import { pushBatches } from '../sync/push-batches.ts';
import { verifyAfterSync } from '../sync/repair.ts';
import { ensureHello } from '../sync/say-hello.ts';
import { sealBatch } from '../sync/seal-batches.ts';
import { synchronise } from '../sync/synchronise.ts';
import { countDiffering } from '../sync/verify.ts';

export const queueNames = { seal: 'seal', push: 'push', pull: 'pull', night: 'night' } as const;

export const sweepPauseMs = 5_000;
const proofTimeoutMs = 30 * 60_000;
/** The night is long: a hub that is restarted meanwhile is waited for. */
const retryMs = 60 * 60_000;
/** Without a proof for so long a night was missed: the process was down, or the queue was emptied. */
const proofAgeMaxMs = 25 * 3_600_000;
const one = 'node';

export async function work(node: EnrolledNode, queues: Queues, signal: AbortSignal): Promise<void> {
  queues.work(queueNames.seal, {
    concurrency: 1,
    handler: async () => {
      let sealed = await sealBatch(node);
      while (sealed?.more === true) sealed = await sealBatch(node);
      await queues.ring(queueNames.push, one, {});
    },
  });
  queues.work(queueNames.push, {
    concurrency: 1,
    handler: async () => {
      const batches = await pushBatches(node);
      if (batches > 0) node.log.info({ batches }, 'batches pushed');
      await queues.ring(queueNames.pull, one, {});
    },
  });
  queues.work(queueNames.pull, {
    concurrency: 1,
    handler: async () => {
      const entries = await pullFeed(node);
      if (entries > 0n) node.log.info({ entries: entries.toString() }, 'feed pulled');
    },
  });
  queues.work(queueNames.night, {
    concurrency: 1,
    handler: async () => {
      const result = await synchronise(node, { proofTimeoutMs, retryMs });
      node.log.info(result, 'night run complete');
      await verifyByNight(node);
      // what was closed today concerns other records than yesterday
      await settleCodeListTasks(node, 'open');
    },
  });
  await sweep(() => look(node, queues), {
    pauseMs: sweepPauseMs,
    signal,
    onError: (error) => node.log.warn({ err: error }, 'sweep failed'),
  });
}

/**
 * Told in counts, and repaired by nobody: a repair may take records away from the hub that are missing
 * here, and whether they ought to be is for a person to say.
 */
async function verifyByNight(node: EnrolledNode): Promise<void> {
  const found = await verifyAfterSync(node);
  const { comparable, records, heldBack, confirmed } = found;
  const differing = countDiffering(found.differences);
  const facts = { comparable, records, differing, heldBack, confirmed };
  if (comparable && differing === 0) node.log.info(facts, 'verified');
  else node.log.warn(facts, comparable ? 'hub, node and mirror differ' : 'not verified');
}

/** What a sweep finds: an unshaken hand, a missed night, changes to seal, batches to push, a feed that may have moved. */
async function look(node: EnrolledNode, queues: Queues): Promise<void> {
  await ensureHello(node);
  const link = await readLink(node.database.db);
  if (link?.nightSlot !== undefined && link.nightSlot !== null) {
    await queues.schedule(queueNames.night, 'nightly', link.nightSlot, {});
  }
  const { proofAt } = await readFeedPosition(node.database.db);
  if (proofAt === null || node.now().getTime() - proofAt.getTime() > proofAgeMaxMs) {
    await queues.ring(queueNames.night, one, {});
  }
  const { unsealed, unreceipted } = await findWork(node.database.db);
  if (unsealed) await queues.ring(queueNames.seal, one, {});
  else if (unreceipted) await queues.ring(queueNames.push, one, {});
  else await queues.ring(queueNames.pull, one, {});
}
