/**
 * A sweep: work is found again in the tables every few seconds, whatever became of the queue. It runs
 * outside the queue, since an emptied queue would take a queued sweep with it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `look` at once and then after each pause, until the signal aborts; faults go to `onError`. */
export async function sweep(
  look: () => Promise<void>,
  options: {
    readonly pauseMs: number;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  while (!options.signal.aborted) {
    await look().catch(options.onError);
    await sleep(options.pauseMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
