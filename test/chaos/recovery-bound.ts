/**
 * How long the product may take to be equal again once everything runs: its longest wait for one
 * thing, and after it a sweep of each side, which finds what is left. All from the code's constants.
 */
import { LOCK_MS, RETRY } from '@lienthong/shared-schema/runtime/queue.ts';

import { sweepPauseMs as hubSweepMs } from '../../hub/src/jobs/workers.ts';
import { sweepPauseMs as nodeSweepMs } from '../../node/src/jobs/workers.ts';
import { silenceMs } from '../../node/src/link/pipeline.ts';
import { mostMs } from '../../node/src/protocol/retry.ts';

/** The job of a worker that died: its lock runs out, and is looked for every half of a lock. */
const lostJobMs = LOCK_MS * 1.5;
/** A job that fails every time until its last attempt. */
const attemptsMs = RETRY.firstPauseMs * (2 ** (RETRY.attempts - 1) - 1);

/** The longest of: a silent hub, the largest back-off, a lost job, all attempts of a job. */
export const retryIntervalMs = Math.max(silenceMs, mostMs, lostJobMs, attemptsMs);

export const recoveryBoundMs = retryIntervalMs + hubSweepMs + nodeSweepMs;
