/**
 * The other half of the suite over both backends: connections, servers and processes that end, and
 * how the queue itself ends.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { Client } from 'pg';
import { describe, expect, test, vi } from 'vitest';

import type { QueueLogEntry } from './queue-log.ts';
import { A_WHILE_MS, gate, idOf, noting, PREFIX, SOON } from './queue-test-handlers.ts';
import { openLine, openPlaceIn, type Backend } from './queue-test-server.ts';
import { openQueues, type JobHandler } from './queue.ts';

const openPlace = openPlaceIn({ redisDatabase: 14 });

describe.each<Backend>(['redis', 'postgres'])('the queue on %s, in trouble', (backend) => {
  test('all connections ended from outside: waiting and running workers carry on', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    const hold = gate();
    const ran: unknown[] = [];
    queues.work('apply', { concurrency: 1, handler: noting(ran) });
    queues.work('long', { concurrency: 1, handler: () => hold.opened });
    await queues.ring('long', 'unit-7', { id: 0 });
    for (const id of [1, 2, 3]) {
      await vi.waitFor(async () => expect(await place.cutConnections()).toBeGreaterThan(1), SOON);
      await vi.waitFor(() => queues.ring('apply', `key-${id}`, { id }), SOON);
      // Sooner than the worker would ask by itself: it has to hear the bell again.
      await vi.waitFor(() => expect(ran).toContainEqual({ id }), { timeout: 4_000, interval: 10 });
    }
    hold.open();
    await vi.waitFor(async () => {
      expect(await queues.counts('long')).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    }, SOON);
  });

  test('a server that is away makes rings fail within seconds, and its return is noticed', async () => {
    await using place = await openPlace(backend);
    await using line = await openLine(place.url);
    const entries: QueueLogEntry[] = [];
    await using queues = await openQueues({
      url: line.url,
      prefix: PREFIX,
      log: (entry) => entries.push(entry),
    });
    const ran: unknown[] = [];
    queues.work('apply', { concurrency: 2, handler: noting(ran) });
    await queues.ring('apply', 'key', { id: 1 });
    await vi.waitFor(() => expect(ran).toHaveLength(1), SOON);

    await line.cut();
    const since = Date.now();
    const unreachable = expect.objectContaining({ code: 'QUEUE_UNREACHABLE' });
    await expect(queues.ring('apply', 'key', { id: 2 })).rejects.toThrow(unreachable);
    // A queue that was never used before fails alike, and is not broken for good.
    await expect(queues.counts('fresh')).rejects.toThrow(unreachable);
    expect(Date.now() - since).toBeLessThan(12_000);
    await pause(A_WHILE_MS);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.length).toBeLessThan(10);

    await line.mend();
    await vi.waitFor(() => queues.ring('apply', 'key', { id: 3 }), SOON);
    await vi.waitFor(() => expect(ran).toContainEqual({ id: 3 }), SOON);
    expect(await queues.counts('fresh')).toMatchObject({ waiting: 0 });
  });

  test('dispose ends within seconds even while the server is away', async () => {
    await using place = await openPlace(backend);
    await using line = await openLine(place.url);
    const queues = await openQueues({ url: line.url, prefix: PREFIX });
    const ran: unknown[] = [];
    queues.work('apply', { concurrency: 2, handler: noting(ran) });
    await queues.ring('apply', 'key', { id: 1 });
    await vi.waitFor(() => expect(ran).toHaveLength(1), SOON);
    await line.cut();
    const since = Date.now();
    await queues[Symbol.asyncDispose]();
    expect(Date.now() - since).toBeLessThan(10_000);
  });

  test('dispose lets the running handler finish, takes no new job and closes every connection', async () => {
    await using place = await openPlace(backend);
    const queues = await openQueues({ url: place.url, prefix: PREFIX });
    const heard = gate();
    const ran: unknown[] = [];
    queues.work('apply', {
      concurrency: 1,
      handler: async (payload, signal) => {
        heard.open();
        await pause(300);
        ran.push({ payload, aborted: signal.aborted });
      },
    });
    await queues.ring('apply', 'one', { id: 1 });
    await heard.opened;
    await queues.ring('apply', 'two', { id: 2 });
    await queues[Symbol.asyncDispose]();
    expect(ran).toEqual([{ payload: { id: 1 }, aborted: false }]);
    await expect(queues.ring('apply', 'three', { id: 3 })).rejects.toThrow(
      expect.objectContaining({ code: 'QUEUE_CLOSED' }),
    );
    await vi.waitFor(async () => expect(await place.countConnections()).toBe(0), SOON);

    // The finished job is gone for good, the other one was not lost.
    await using next = await openQueues({ url: place.url, prefix: PREFIX });
    expect(await next.counts('apply')).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
  });

  test('dispose aborts a handler that outlasts the grace and does not wait for a deaf one', async () => {
    await using place = await openPlace(backend);
    const queues = await openQueues({ url: place.url, prefix: PREFIX, graceMs: 200 });
    const heard = gate();
    const never = gate();
    let aborted = false;
    queues.work('apply', {
      concurrency: 2,
      handler: async (_payload, signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        heard.open();
        await never.opened;
      },
    });
    await queues.ring('apply', 'one', { id: 1 });
    await heard.opened;
    const since = Date.now();
    await queues[Symbol.asyncDispose]();
    expect(aborted).toBe(true);
    expect(Date.now() - since).toBeGreaterThanOrEqual(200);
    expect(Date.now() - since).toBeLessThan(6_000);
    await vi.waitFor(async () => expect(await place.countConnections()).toBe(0), SOON);
    never.open();
    await pause(A_WHILE_MS);
  });

  test('a job that is on its way to a worker when it stops is not begun, and not lost', async () => {
    await using place = await openPlace(backend);
    const entries: QueueLogEntry[] = [];
    const log = (entry: QueueLogEntry) => entries.push(entry);
    const ended = new Set<number>();
    let stopping = false;
    let begunLate = 0;
    const handler: JobHandler = async (payload) => {
      if (stopping) begunLate += 1;
      await pause(1);
      ended.add(idOf(payload));
    };
    const ids = Array.from({ length: 40 }, (_, id) => id);
    for (const id of ids) {
      const queues = await openQueues({ url: place.url, prefix: PREFIX, log });
      queues.work('apply', { concurrency: 2, handler });
      await queues.ring('apply', `key-${id}`, { id });
      // From "hardly fetched" to "done": the pauses sweep over the moment of the fetch.
      await pause(id % 5);
      stopping = true;
      await queues[Symbol.asyncDispose]();
      stopping = false;
    }
    expect(begunLate).toBe(0);
    // A job left active would be given out again after the lock's 30 seconds only.
    await using queues = await openQueues({ url: place.url, prefix: PREFIX, log });
    expect(await queues.counts('apply')).toMatchObject({ active: 0, delayed: 0, failed: 0 });
    queues.work('apply', { concurrency: 2, handler });
    await vi.waitFor(() => expect(ended.size).toBe(ids.length), SOON);
    expect(entries).toEqual([]);
  });

  test('after dispose nothing keeps the process alive, not even a deaf handler', async () => {
    await using place = await openPlace(backend);
    const child = start(
      place.url,
      `
      const heard = Promise.withResolvers();
      queues.work('apply', { concurrency: 2, handler: async () => {
        heard.resolve();
        await new Promise(() => undefined);
      } });
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'idle']) {
        queues.work(name, { concurrency: 1, handler: async () => undefined });
      }
      await queues.schedule('idle', 'sync', '0 30 1 * * *', {});
      await queues.ring('apply', 'one', { id: 1 });
      await heard.promise;
      await queues[Symbol.asyncDispose]();
      console.log('disposed');`,
    );
    await output(child, 'disposed');
    const since = Date.now();
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(Date.now() - since).toBeLessThan(2_000);
  });

  test('a job whose process was killed in the middle of it is run by another one', async () => {
    await using place = await openPlace(backend);
    const child = start(
      place.url,
      `
      queues.work('apply', { concurrency: 1, handler: async () => {
        console.log('running');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      } });
      await queues.ring('apply', 'one', { id: 1 });`,
    );
    await output(child, 'running');
    await using queues = await openQueues({ url: place.url, prefix: PREFIX, lockMs: 1_000 });
    const ran: unknown[] = [];
    queues.work('apply', { concurrency: 1, handler: noting(ran) });
    // Rung into the run that is about to die: it must lead to a run too.
    await queues.ring('apply', 'one', { id: 2 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await vi.waitFor(() => expect(ran).toContainEqual({ id: 2 }), SOON);
  });

  test('four processes may open one empty server at the same moment', async () => {
    await using place = await openPlace(backend);
    const opened = await Promise.all(
      [1, 2, 3, 4].map(() => openQueues({ url: place.url, prefix: PREFIX })),
    );
    const ran: unknown[] = [];
    for (const queues of opened) queues.work('apply', { concurrency: 1, handler: noting(ran) });
    await Promise.all(opened.map((queues, id) => queues.ring('apply', `key-${id}`, { id })));
    await vi.waitFor(() => expect(ran).toHaveLength(4), SOON);
    await Promise.all(opened.map((queues) => queues[Symbol.asyncDispose]()));
  });

  test('a process with eight queues and eight workers holds few connections', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const ran: unknown[] = [];
    for (const name of names) queues.work(name, { concurrency: 4, handler: noting(ran) });
    await Promise.all(names.map((name) => queues.ring(name, 'one', { name })));
    await vi.waitFor(() => expect(ran).toHaveLength(names.length), SOON);
    // Redis: two shared and one that blocks for each worker. PostgreSQL: four pooled and one LISTEN.
    expect(await place.countConnections()).toBeLessThanOrEqual(backend === 'redis' ? 10 : 5);
  });

  test('a server that does not answer is named at open, without the password', async () => {
    await using place = await openPlace(backend);
    const line = await openLine(place.url);
    await line.cut();
    const url = new URL(line.url);
    url.username = 'someone';
    url.password = 'hush';
    const error: unknown = await openQueues({ url: url.toString(), prefix: PREFIX }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    expect(String(error)).toContain(url.host);
    expect(String(error)).not.toContain('hush');
  });
});

test('a job on PostgreSQL whose notification was lost is found within ten seconds', async () => {
  await using place = await openPlace('postgres');
  await using queues = await openQueues({ url: place.url, prefix: PREFIX });
  const ran: unknown[] = [];
  await queues.schedule('nightly', 'sync', '0 30 1 * * *', { slot: 3 });
  queues.work('nightly', { concurrency: 1, handler: noting(ran) });
  await pause(A_WHILE_MS);
  const admin = new Client(place.url);
  await admin.connect();
  try {
    // What promoting the job would do, without the NOTIFY.
    await admin.query(`update bullmq.job set state = 'waiting', process_at_ms = null`);
  } finally {
    await admin.end();
  }
  await vi.waitFor(() => expect(ran).toEqual([{ slot: 3 }]), { timeout: 12_000, interval: 50 });
});

/** A process of its own that opens the queue and runs the given lines. */
function start(url: string, lines: string): ChildProcess {
  const code = `
    import { openQueues } from ${JSON.stringify(new URL('queue.ts', import.meta.url).href)};
    const queues = await openQueues({
      url: ${JSON.stringify(url)}, prefix: ${JSON.stringify(PREFIX)}, graceMs: 100, lockMs: 1_000,
    });
    ${lines}`;
  // A library warning of what the next release will refuse ends the process.
  const flags = ['--throw-deprecation', '--input-type=module'];
  return spawn(process.execPath, [...flags, '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Waits until the process has said the word; throws with what it said if it ends before. */
async function output(child: ChildProcess, word: string): Promise<void> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes(word)) return;
  }
  throw new Error(`the process ended without saying ${word}, only: ${said}`);
}
