/** Tries a step again while the hub is away or busy, with back-off and jitter, up to a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

import { NodeError, type NodeErrorCode } from '../errors.ts';
import { retryDelayMs } from '../protocol/retry.ts';

export type RetryOptions = {
  /** As `performance.now()` tells it; a wait that would end later is not begun. */
  readonly deadline: number;
  readonly onWait?: (delayMs: number) => void;
  /** What is waited for; where not told, a hub that is away or busy. */
  readonly passing?: readonly NodeErrorCode[];
};

const awayOrBusy: readonly NodeErrorCode[] = ['NODE_HUB_UNREACHABLE', 'NODE_HUB_BUSY'];

/** Every step is idempotent, so a lost answer is no different from a lost request. */
export async function withRetries<T>(act: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error, options.passing ?? awayOrBusy)) throw error;
      const delayMs = retryDelayMs(attempt, Math.random(), error.retryAfterS);
      if (performance.now() + delayMs > options.deadline) throw error;
      options.onWait?.(delayMs);
      await sleep(delayMs);
    }
  }
}

const isPassing = (error: unknown, passing: readonly NodeErrorCode[]): error is NodeError =>
  error instanceof NodeError && passing.includes(error.code);
