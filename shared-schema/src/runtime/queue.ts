/**
 * The job queue of an installation: BullMQ on Redis or on PostgreSQL, chosen by the URL.
 *
 * The queue is a doorbell; the tables are the truth. A job carries ids only, may run twice, and the
 * queue may be emptied at any moment: whoever owns the work rings again from a sweep over its tables.
 * Promised: a ring leads to at least one whole run of the handler that starts after it, unless the
 * queue is emptied; rings of one key that arrive while a run waits become that one run; a lost
 * connection comes back by itself and no error of the server ends the process.
 * Not promised: order, exactly one run, or that two runs of one key never overlap.
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import {
  Queue,
  WaitingError,
  Worker,
  type IQueueBackend,
  type Job,
  type JobsOptions,
} from 'bullmq';

import { QueueError } from './queue-error.ts';
import { complainTo, describeError, type Complain, type QueueLog } from './queue-log.ts';
import { openPostgresStore } from './queue-postgres.ts';
import { openRedisStore } from './queue-redis.ts';
import { ANSWER_WITHIN_MS, type QueueStore, type StoreOptions } from './queue-store.ts';
import { settlesWithin } from './settles-within.ts';

/** Gets the payload as it was rung (ids, to be checked by the handler) and a signal to stop. */
export type JobHandler = (payload: unknown, signal: AbortSignal) => Promise<void>;

export type JobCounts = {
  readonly waiting: number;
  readonly active: number;
  /** Waiting for a schedule's time or for the next attempt. */
  readonly delayed: number;
  /** Given up after the last attempt; kept for a week as a trace, they block nothing. */
  readonly failed: number;
};

export type Queues = AsyncDisposable & {
  readonly backend: 'redis' | 'postgres';
  /** Rejects with QUEUE_UNREACHABLE within seconds if it was not heard; the sweep will ring again. */
  ring(queue: string, key: string, payload: object): Promise<void>;
  /**
   * Runs the handler at the times of a cron pattern with seconds, in Vietnam's time. May be called
   * again at any moment: a schedule that stands as asked is left alone, so a run that is due but
   * not yet taken is not lost; a missing or different one is put in place.
   */
  schedule(queue: string, id: string, pattern: string, payload: object): Promise<void>;
  /** When the schedule runs next (in the past: due, not yet taken); undefined without one. */
  nextRun(queue: string, id: string): Promise<Date | undefined>;
  work(queue: string, options: WorkOptions): void;
  counts(queue: string): Promise<JobCounts>;
  /** Removes all jobs and schedules of this prefix at one instant; running handlers go on. */
  empty(): Promise<void>;
};

export type WorkOptions = { readonly concurrency: number; readonly handler: JobHandler };

export type RetryPolicy = {
  /** Runs of one job in all, before it is given up. */
  readonly attempts: number;
  /** Pause before the second run; doubled for each further one, shortened by up to half at random. */
  readonly firstPauseMs: number;
};

export type OpenQueuesOptions = {
  /** `redis://`, `rediss://`, `postgres://` or `postgresql://`. */
  readonly url: string;
  /** Keeps installations apart on one server: a lower-case word with hyphens. */
  readonly prefix: string;
  readonly log?: QueueLog;
  readonly retry?: RetryPolicy;
  /** How long dispose lets running handlers finish before it aborts their signal. */
  readonly graceMs?: number;
  /** How long a worker may be silent before its job is given to another one. */
  readonly lockMs?: number;
};

const TIME_ZONE = 'Asia/Ho_Chi_Minh';
export const RETRY: RetryPolicy = { attempts: 5, firstPauseMs: 1_000 };
const GRACE_MS = 5_000;
const AFTER_ABORT_MS = 2_000;
const CLOSE_WITHIN_MS = 2_000;
export const LOCK_MS = 30_000;
const RECONNECT_PAUSE_MS = 1_000;
const KEEP_FAILED = { count: 200, age: 7 * 24 * 3600 };
const KEEP_EVENTS = 100;
// Ids fit easily; a record does not. Catches whoever puts personal data into a job.
const MAX_PAYLOAD_CHARACTERS = 1_024;
const WORD = /^[a-z][a-z0-9-]*$/;
const SCHEDULE_RUN_EXISTS = -10;

/**
 * Connects, and on PostgreSQL brings the queue's tables up to date.
 * @throws QueueError QUEUE_URL_INVALID, QUEUE_UNREACHABLE
 */
export async function openQueues(options: OpenQueuesOptions): Promise<Queues> {
  assert.match(options.prefix, WORD);
  const log = options.log ?? (() => undefined);
  const complain = complainTo(log);
  const store = await openStore({ url: options.url, log, complain });
  return new BullQueues({ ...options, log, complain, store });
}

function openStore(options: StoreOptions): Promise<QueueStore> {
  const scheme = URL.canParse(options.url) ? new URL(options.url).protocol : '';
  switch (scheme) {
    case 'redis:':
    case 'rediss:':
      return openRedisStore(options);
    case 'postgres:':
    case 'postgresql:':
      return openPostgresStore(options);
    default:
      throw new QueueError(
        'QUEUE_URL_INVALID',
        'The queue URL in the settings has to start with redis://, rediss://, postgres:// or postgresql://.',
      );
  }
}

type AnyQueue = Queue<unknown, void, string, unknown, void, string, IQueueBackend, unknown>;
type Running = {
  readonly worker: Worker<unknown, void, string, IQueueBackend, never, unknown>;
  readonly runs: Set<Promise<void>>;
};

class BullQueues implements Queues {
  readonly #store: QueueStore;
  readonly #prefix: string;
  readonly #log: QueueLog;
  readonly #complain: Complain;
  readonly #retry: RetryPolicy;
  readonly #graceMs: number;
  readonly #lockMs: number;
  readonly #queues = new Map<string, Promise<AnyQueue>>();
  readonly #running: Running[] = [];
  readonly #stop = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(
    options: OpenQueuesOptions & {
      readonly log: QueueLog;
      readonly complain: Complain;
      readonly store: QueueStore;
    },
  ) {
    this.#store = options.store;
    this.#prefix = options.prefix;
    this.#log = options.log;
    this.#complain = options.complain;
    this.#retry = options.retry ?? RETRY;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#lockMs = options.lockMs ?? LOCK_MS;
  }

  get backend(): 'redis' | 'postgres' {
    return this.#store.kind;
  }

  async ring(queue: string, key: string, payload: object): Promise<void> {
    assertSmall(payload);
    await this.#ask(queue, (bell) =>
      bell.add('ring', payload, {
        ...this.#jobOptions(),
        // A fresh id: counters start anew when the queue is emptied, and a run that was active then
        // must not share its id with a later job.
        jobId: randomUUID(),
        // A ring during a run is kept and becomes a job when the run ends.
        deduplication: { id: key, keepLastIfActive: true },
      }),
    );
  }

  async schedule(queue: string, id: string, pattern: string, payload: object): Promise<void> {
    assertSmall(payload);
    await this.#ask(queue, async (bell) => {
      if (await standsAsAsked(bell, id, pattern, payload)) return;
      try {
        await bell.upsertJobScheduler(
          id,
          { pattern, tz: TIME_ZONE },
          { name: id, data: payload, opts: this.#jobOptions() },
        );
      } catch (error) {
        // The run of that moment is there already: another process was quicker.
        if (describeError(error).code !== String(SCHEDULE_RUN_EXISTS)) throw error;
      }
    });
  }

  async nextRun(queue: string, id: string): Promise<Date | undefined> {
    const scheduler = await this.#ask(queue, (bell) => bell.getJobScheduler(id));
    return scheduler?.next === undefined ? undefined : new Date(scheduler.next);
  }

  work(queue: string, { concurrency, handler }: WorkOptions): void {
    this.#assertOpen();
    const runs = new Set<Promise<void>>();
    const worker = new Worker<unknown, void, string, IQueueBackend, never, unknown>(
      this.#nameOf(queue),
      async (job, token) => {
        if (this.#closing !== undefined) return putBack(job, token);
        const run = this.#run(queue, handler, job);
        runs.add(run);
        await run.finally(() => runs.delete(run));
      },
      {
        connection: {},
        concurrency,
        lockDuration: this.#lockMs,
        stalledInterval: this.#lockMs / 2,
        runRetryDelay: RECONNECT_PAUSE_MS,
      },
      this.#store.factory,
    );
    worker.on('error', (error) => this.#complain(queue, error));
    this.#running.push({ worker, runs });
  }

  async counts(queue: string): Promise<JobCounts> {
    const counts = await this.#ask(queue, (bell) =>
      bell.getJobCounts('waiting', 'active', 'delayed', 'failed'),
    );
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { waiting, active, delayed, failed };
  }

  async empty(): Promise<void> {
    this.#assertOpen();
    await this.#store.empty(this.#prefix);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The handler's own words stay in the log; the queue's storage gets the code only. */
  async #run(queue: string, handler: JobHandler, job: Job<unknown, void>): Promise<void> {
    try {
      await handler(job.data, this.#stop.signal);
    } catch (error) {
      const described = describeError(error);
      this.#log({
        level: 'error',
        event: 'queue handler failed',
        queue,
        ...described,
        attempt: job.attemptsMade + 1,
        attempts: job.opts.attempts ?? 1,
      });
      throw new Error(described.code, { cause: error });
    }
  }

  async #close(): Promise<void> {
    // Workers take nothing new from here on; what they run may finish.
    await Promise.all(
      this.#running.map(({ worker }) => settlesWithin(worker.pause(true), CLOSE_WITHIN_MS)),
    );
    const finished = (ms: number) =>
      settlesWithin(Promise.allSettled(this.#running.flatMap(({ runs }) => [...runs])), ms);
    if (!(await finished(this.#graceMs))) {
      this.#stop.abort();
      await finished(AFTER_ABORT_MS);
    }
    await Promise.all(this.#running.map((running) => closeWorker(running)));
    await Promise.all(
      [...this.#queues.values()].map((queue) =>
        settlesWithin(
          queue.then((opened) => opened.close()),
          CLOSE_WITHIN_MS,
        ),
      ),
    );
    await settlesWithin(this.#store.close(), CLOSE_WITHIN_MS);
  }

  /** Puts a question to a queue; whatever the server's trouble is, the caller gets one code for it. */
  async #ask<T>(queue: string, question: (bell: AnyQueue) => Promise<T>): Promise<T> {
    this.#assertOpen();
    try {
      return await question(await this.#queue(queue));
    } catch (error) {
      if (error instanceof QueueError) throw error;
      const { code, message } = describeError(error);
      throw new QueueError(
        'QUEUE_UNREACHABLE',
        `The queue's server does not do its work (${code}: ${message}). Check that it runs and accepts this program.`,
        error,
      );
    }
  }

  #queue(queue: string): Promise<AnyQueue> {
    const name = this.#nameOf(queue);
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const opening = this.#openQueue(name, queue);
    this.#queues.set(name, opening);
    // A queue that was opened while the server was away stays broken: the next caller tries anew.
    opening.catch(() => this.#queues.delete(name));
    return opening;
  }

  async #openQueue(name: string, queue: string): Promise<AnyQueue> {
    const opened: AnyQueue = new Queue<
      unknown,
      void,
      string,
      unknown,
      void,
      string,
      IQueueBackend,
      unknown
    >(name, { connection: {}, streams: { events: { maxLen: KEEP_EVENTS } } }, this.#store.factory);
    opened.on('error', (error) => this.#complain(queue, error));
    try {
      const ready = opened.waitUntilReady();
      if (!(await settlesWithin(ready, ANSWER_WITHIN_MS))) throw new Error('no answer in time');
      await ready;
      return opened;
    } catch (error) {
      await settlesWithin(opened.close(), CLOSE_WITHIN_MS);
      throw error;
    }
  }

  #jobOptions(): JobsOptions {
    const { attempts, firstPauseMs } = this.#retry;
    return {
      attempts,
      backoff: { type: 'exponential', delay: firstPauseMs, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: KEEP_FAILED,
      stackTraceLimit: 0,
    };
  }

  #nameOf(queue: string): string {
    assert.match(queue, WORD);
    return `${this.#prefix}.${queue}`;
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new QueueError('QUEUE_CLOSED', 'The queue is closed because the program is stopping.');
  }
}

/**
 * Whether the schedule is there as asked and its next run with it. Putting it in place again would
 * take away a run that is due and not yet taken, and the next one would be a day later.
 */
async function standsAsAsked(
  queue: AnyQueue,
  id: string,
  pattern: string,
  payload: object,
): Promise<boolean> {
  const there = await queue.getJobScheduler(id);
  if (there?.next === undefined) return false;
  if (there.pattern !== pattern || there.tz !== TIME_ZONE) return false;
  if (!isDeepStrictEqual(there.template?.data ?? {}, payload)) return false;
  return (await queue.getJob(`repeat:${id}:${there.next}`)) !== undefined;
}

/** For a job that was on its way here when the workers were told to stop: it costs no attempt. */
async function putBack(job: Job<unknown, void>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** A worker whose handler ignores its signal is cut off; the job's lock expires and it runs again. */
async function closeWorker({ worker, runs }: Running): Promise<void> {
  const stuck = runs.size > 0;
  if (stuck) await settlesWithin(worker.getBackend().disconnectBlocking(), CLOSE_WITHIN_MS);
  if (await settlesWithin(worker.close(stuck), CLOSE_WITHIN_MS)) return;
  await settlesWithin(worker.disconnect(), CLOSE_WITHIN_MS);
}

function assertSmall(payload: object): void {
  const { length } = JSON.stringify(payload);
  assert.ok(length <= MAX_PAYLOAD_CHARACTERS, `a job carries ids only, not ${length} characters`);
}
