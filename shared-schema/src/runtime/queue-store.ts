/**
 * The port between the queue and the server that keeps it: Redis (`queue-redis.ts`) or PostgreSQL
 * (`queue-postgres.ts`). A store owns the connections; queues and workers borrow them.
 */

import { setTimeout as pause } from 'node:timers/promises';

import type { BackendFactory, IQueueBackend } from 'bullmq';

import type { Complain, QueueLog } from './queue-log.ts';

export interface QueueStore {
  readonly kind: 'redis' | 'postgres';
  /** Builds the BullMQ backend of one queue or worker over the store's connections. */
  readonly factory: BackendFactory<IQueueBackend, unknown>;
  /** Removes every job, schedule and counter of the prefix, all at one instant. */
  empty(prefix: string): Promise<void>;
  /** Closes the connections. Never waits longer than a few seconds. */
  close(): Promise<void>;
}

export type StoreOptions = {
  readonly url: string;
  readonly log: QueueLog;
  readonly complain: Complain;
};

/** How long a producer waits for the server before the caller is told that it did not answer. */
export const ANSWER_WITHIN_MS = 5_000;

const PAUSE_AFTER_ERROR_MS = 500;

/**
 * Makes a worker rest after a failed claim. BullMQ asks again at once when the server answers with
 * an error (out of memory, read-only, starting up, schema missing), which would be a busy loop.
 */
export function restAfterErrors<A extends readonly unknown[], R>(
  claim: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await claim(...args);
    } catch (error) {
      await pause(PAUSE_AFTER_ERROR_MS, undefined, { ref: false });
      throw error;
    }
  };
}
