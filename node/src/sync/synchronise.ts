/**
 * A whole synchronisation: hello, seal all, push all, pull until our own marker comes back through
 * the feed, report the totals. It ends with the proof of a round trip, not with "sent".
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { hasSeenMarker } from '../db/feed-position.ts';
import { countOutbox } from '../db/outbox.ts';
import { dropSafeContent } from '../db/reingest.ts';
import { NodeError } from '../errors.ts';
import type { EnrolledNode } from './context.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { reportTotals } from './report-totals.ts';
import { ensureHello } from './say-hello.ts';
import { sealBatch } from './seal-batches.ts';
import { withRetries } from './with-retries.ts';

export type SyncPhase = 'hello' | 'seal' | 'push' | 'pull' | 'totals';

export type SyncProgress = {
  readonly phase: SyncPhase;
  readonly done: number;
  readonly total: number;
};

export type SyncResult = {
  readonly recordsSealed: number;
  readonly batchesSent: number;
  readonly feedEntries: number;
  readonly marker: string;
};

const pullPauseMs = 250;

export async function synchronise(
  node: EnrolledNode,
  options: {
    readonly proofTimeoutMs: number;
    /** How long to go on trying while the hub is away or busy; 0: give up at once. */
    readonly retryMs?: number;
    readonly onProgress?: (progress: SyncProgress) => void;
  },
): Promise<SyncResult> {
  const tell = options.onProgress ?? (() => undefined);
  const deadline = performance.now() + (options.retryMs ?? 0);
  const retried = <T>(act: () => Promise<T>): Promise<T> => withRetries(act, { deadline });
  tell({ phase: 'hello', done: 0, total: 1 });
  await retried(() => ensureHello(node));
  const { unsealed } = await countOutbox(node.database.db);
  const marker = randomUUID();
  let recordsSealed = 0;
  for (;;) {
    const sealed = await sealBatch(node, marker);
    recordsSealed += sealed?.records ?? 0;
    tell({ phase: 'seal', done: recordsSealed, total: Math.max(Number(unsealed), recordsSealed) });
    if (sealed?.more !== true) break;
  }
  const waiting = Number((await countOutbox(node.database.db)).unreceipted);
  let sent = 0;
  await retried(() =>
    pushBatches(node, () => {
      sent += 1;
      tell({ phase: 'push', done: sent, total: Math.max(waiting, sent) });
    }),
  );
  await retried(() => reportTotals(node));
  tell({ phase: 'totals', done: 1, total: 1 });
  const feedEntries = await retried(() => pullUntil(node, marker, options.proofTimeoutMs, tell));
  await dropSafeContent(node.database.db);
  return { recordsSealed, batchesSent: sent, feedEntries, marker };
}

async function pullUntil(
  node: EnrolledNode,
  marker: string,
  timeoutMs: number,
  tell: (progress: SyncProgress) => void,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let entries = 0n;
  for (;;) {
    entries += await pullFeed(node, ({ cursor, feedHead }) => {
      tell({ phase: 'pull', done: Number(cursor), total: Number(feedHead) });
    });
    if (await hasSeenMarker(node.database.db, marker)) return Number(entries);
    if (performance.now() > deadline) throw new NodeError('NODE_SYNC_TIMEOUT');
    await sleep(pullPauseMs);
  }
}
