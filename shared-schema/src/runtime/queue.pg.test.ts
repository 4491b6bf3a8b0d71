/** One suite over both backends: what `queue.ts` promises holds on Redis and on PostgreSQL alike. */

import { setTimeout as pause } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';

import type { QueueLogEntry } from './queue-log.ts';
import { A_WHILE_MS, gate, idOf, noting, PREFIX, SOON } from './queue-test-handlers.ts';
import { openPlaceIn, type Backend } from './queue-test-server.ts';
import { openQueues } from './queue.ts';

const openPlace = openPlaceIn({ redisDatabase: 13 });

describe.each<Backend>(['redis', 'postgres'])('the queue on %s', (backend) => {
  test('a ring runs the handler with the payload and leaves nothing behind', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    expect(queues.backend).toBe(backend);
    const ran: unknown[] = [];
    queues.work('apply', { concurrency: 1, handler: noting(ran) });
    await queues.ring('apply', 'unit-7', { unitId: 7 });
    await vi.waitFor(() => expect(ran).toEqual([{ unitId: 7 }]), SOON);
    await vi.waitFor(async () => {
      expect(await queues.counts('apply')).toEqual({
        waiting: 0,
        active: 0,
        delayed: 0,
        failed: 0,
      });
    }, SOON);
  });

  test('ten rings of one key while it waits are one run, and another key has its own', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    for (let ring = 0; ring < 10; ring += 1) {
      await queues.ring('apply', 'unit-7', { unitId: 7 });
    }
    await queues.ring('apply', 'unit-8', { unitId: 8 });
    expect(await queues.counts('apply')).toMatchObject({ waiting: 2 });
    const ran: unknown[] = [];
    queues.work('apply', { concurrency: 4, handler: noting(ran) });
    await vi.waitFor(() => expect(ran).toHaveLength(2), SOON);
    await pause(A_WHILE_MS);
    expect(ran).toEqual(expect.arrayContaining([{ unitId: 7 }, { unitId: 8 }]));
    expect(ran).toHaveLength(2);
  });

  test('rings during a run are one more run that starts after it', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    const hold = gate();
    const events: string[] = [];
    queues.work('apply', {
      concurrency: 4,
      handler: async () => {
        events.push('start');
        if (events.length === 1) await hold.opened;
        events.push('end');
      },
    });
    await queues.ring('apply', 'unit-7', { unitId: 7 });
    await vi.waitFor(() => expect(events).toEqual(['start']), SOON);
    await Promise.all([1, 2, 3].map(() => queues.ring('apply', 'unit-7', { unitId: 7 })));
    await pause(A_WHILE_MS);
    expect(events).toEqual(['start']);
    hold.open();
    await vi.waitFor(() => expect(events).toEqual(['start', 'end', 'start', 'end']), SOON);
    await pause(A_WHILE_MS);
    expect(events).toHaveLength(4);
  });

  test('two processes that ring and work side by side lose no key', async () => {
    await using place = await openPlace(backend);
    await using one = await openQueues({ url: place.url, prefix: PREFIX });
    await using two = await openQueues({ url: place.url, prefix: PREFIX });
    const ran = new Map<number, Set<string>>();
    for (const [name, queues] of [
      ['one', one],
      ['two', two],
    ] as const) {
      queues.work('apply', {
        concurrency: 3,
        handler: async (payload) => {
          const id = idOf(payload);
          ran.set(id, (ran.get(id) ?? new Set()).add(name));
          await pause(2);
        },
      });
    }
    const ids = Array.from({ length: 150 }, (_, id) => id);
    await Promise.all(
      ids.flatMap((id) => [one, two].map((queues) => queues.ring('apply', `key-${id}`, { id }))),
    );
    await vi.waitFor(() => expect(ran.size).toBe(ids.length), SOON);
    const workers = new Set([...ran.values()].flatMap((names) => [...names]));
    expect([...workers].toSorted()).toEqual(['one', 'two']);
  });

  test('installations with different prefixes do not see or empty each other', async () => {
    await using place = await openPlace(backend);
    await using hub = await openQueues({ url: place.url, prefix: 'hub' });
    await using node = await openQueues({ url: place.url, prefix: 'hub-node' });
    await hub.ring('apply', 'unit-7', { from: 'hub' });
    await node.ring('apply', 'unit-7', { from: 'node' });
    await hub.empty();
    expect(await hub.counts('apply')).toMatchObject({ waiting: 0 });
    const ran: unknown[] = [];
    hub.work('apply', { concurrency: 1, handler: noting(ran) });
    node.work('apply', { concurrency: 1, handler: noting(ran) });
    await vi.waitFor(() => expect(ran).toEqual([{ from: 'node' }]), SOON);
  });

  test('a failing handler is tried again with growing pauses, parked, and a later ring works', async () => {
    await using place = await openPlace(backend);
    const entries: QueueLogEntry[] = [];
    await using queues = await openQueues({
      url: place.url,
      prefix: PREFIX,
      log: (entry) => entries.push(entry),
      retry: { attempts: 3, firstPauseMs: 300 },
    });
    const starts: number[] = [];
    let broken = true;
    queues.work('apply', {
      concurrency: 1,
      handler: async () => {
        starts.push(Date.now());
        await Promise.resolve();
        if (broken) {
          throw Object.assign(new Error('unit 7 is Nguyễn Văn Thử\nsecond line'), {
            code: 'HUB_UNIT_LOCKED',
          });
        }
      },
    });
    await queues.ring('apply', 'unit-7', { unitId: 7 });
    await vi.waitFor(async () => {
      expect(await queues.counts('apply')).toEqual({
        waiting: 0,
        active: 0,
        delayed: 0,
        failed: 1,
      });
    }, SOON);
    expect(starts).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = starts;
    // 300 ms and 600 ms, each shortened by up to half; a few ms for the clocks of two programs.
    expect(second - first).toBeGreaterThanOrEqual(145);
    expect(third - second).toBeGreaterThanOrEqual(295);
    expect(
      entries.map(({ code, message, attempt, attempts }) => [code, message, attempt, attempts]),
    ).toEqual(
      [1, 2, 3].map((attempt) => ['HUB_UNIT_LOCKED', 'unit 7 is Nguyễn Văn Thử', attempt, 3]),
    );

    // The server keeps the code alone: what an error says may name a person.
    const kept = await place.readJobs();
    expect(kept).toContain('HUB_UNIT_LOCKED');
    expect(kept).not.toContain('Nguyễn');

    broken = false;
    await queues.ring('apply', 'unit-7', { unitId: 7 });
    await vi.waitFor(() => expect(starts).toHaveLength(4), SOON);
  });

  test('a schedule runs next at its time in Vietnam and comes back after emptying', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    expect(await queues.nextRun('nightly', 'sync')).toBeUndefined();
    const schedule = (pattern: string) => queues.schedule('nightly', 'sync', pattern, { slot: 3 });
    await schedule('0 30 1 * * *');
    const next = await queues.nextRun('nightly', 'sync');
    expect(next?.toISOString()).toMatch(/T18:30:00\.000Z$/);
    const ahead = Number(next) - Date.now();
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(24 * 3600 * 1000);

    await schedule('0 30 1 * * *');
    expect(await queues.counts('nightly')).toMatchObject({ delayed: 1 });
    await schedule('15 0 2 * * *');
    expect((await queues.nextRun('nightly', 'sync'))?.toISOString()).toMatch(/T19:00:15\.000Z$/);
    expect(await queues.counts('nightly')).toMatchObject({ delayed: 1 });

    await queues.empty();
    expect(await queues.nextRun('nightly', 'sync')).toBeUndefined();
    await schedule('0 30 1 * * *');
    expect(await queues.nextRun('nightly', 'sync')).toEqual(next);
  });

  test('a schedule set by several processes at once is one schedule, and it runs again and again', async () => {
    await using place = await openPlace(backend);
    await using one = await openQueues({ url: place.url, prefix: PREFIX });
    await using two = await openQueues({ url: place.url, prefix: PREFIX });
    await Promise.all(
      [one, two, one, two].map((queues) =>
        queues.schedule('nightly', 'sync', '0 30 1 * * *', { slot: 3 }),
      ),
    );
    expect(await one.counts('nightly')).toMatchObject({ waiting: 0, delayed: 1 });
    const ran: unknown[] = [];
    two.work('often', { concurrency: 1, handler: noting(ran) });
    await one.schedule('often', 'tick', '* * * * * *', { slot: 4 });
    await vi.waitFor(() => expect(ran.slice(0, 2)).toEqual([{ slot: 4 }, { slot: 4 }]), SOON);
  });

  test('setting a schedule again does not take away a run that is due', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    const schedule = () => queues.schedule('nightly', 'sync', '* * * * * *', { slot: 3 });
    await schedule();
    const due = await queues.nextRun('nightly', 'sync');
    await pause(Number(due) - Date.now() + 100);
    await schedule();
    expect(await queues.nextRun('nightly', 'sync')).toEqual(due);
    const starts: number[] = [];
    queues.work('nightly', {
      concurrency: 1,
      handler: async () => {
        starts.push(Date.now());
        await Promise.resolve();
      },
    });
    await vi.waitFor(() => expect(starts.length).toBeGreaterThan(0), SOON);
  });

  test.each(['empty()', 'by hand'])(
    'emptied %s while a job runs, the worker lives and the next ring of that key runs',
    async (how) => {
      await using place = await openPlace(backend);
      await using queues = await openQueues({ url: place.url, prefix: PREFIX });
      const hold = gate();
      const ran: unknown[] = [];
      queues.work('apply', {
        concurrency: 1,
        handler: async (payload) => {
          ran.push(payload);
          if (ran.length === 1) await hold.opened;
        },
      });
      await queues.ring('apply', 'unit-7', { ring: 1 });
      await vi.waitFor(() => expect(ran).toHaveLength(1), SOON);
      await queues.ring('apply', 'unit-7', { ring: 2 });
      await (how === 'empty()' ? queues.empty() : place.wipe());
      expect(await queues.counts('apply')).toEqual({
        waiting: 0,
        active: 0,
        delayed: 0,
        failed: 0,
      });
      // What the sweep does.
      await queues.ring('apply', 'unit-7', { ring: 3 });
      hold.open();
      await vi.waitFor(() => expect(ran).toEqual([{ ring: 1 }, { ring: 3 }]), SOON);
      await queues.ring('apply', 'unit-7', { ring: 4 });
      await vi.waitFor(() => expect(ran).toContainEqual({ ring: 4 }), SOON);
    },
  );

  test('emptied again and again under load, what is rung afterwards still runs', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    const ran = new Set<number>();
    queues.work('apply', {
      concurrency: 4,
      handler: async (payload) => {
        await pause(1);
        ran.add(idOf(payload));
      },
    });
    const over = new AbortController();
    const emptying = (async () => {
      while (!over.signal.aborted) {
        await Promise.all([queues.empty(), pause(5)]);
      }
    })();
    const ids = Array.from({ length: 40 }, (_, id) => id);
    const ringAll = () => Promise.all(ids.map((id) => queues.ring('apply', `key-${id}`, { id })));
    for (let sweep = 0; sweep < 20; sweep += 1) {
      await ringAll();
    }
    over.abort();
    await emptying;
    ran.clear();
    await ringAll();
    await vi.waitFor(() => expect(ran.size).toBe(ids.length), SOON);
  });

  test('a payload that is more than ids is refused', async () => {
    await using place = await openPlace(backend);
    await using queues = await openQueues({ url: place.url, prefix: PREFIX });
    await expect(queues.ring('apply', 'one', { text: 'x'.repeat(2_000) })).rejects.toThrow(
      'ids only',
    );
  });
});

test('a URL of another kind is refused with the kinds that are allowed', async () => {
  for (const url of ['mysql://localhost', 'not a url']) {
    await expect(openQueues({ url, prefix: PREFIX })).rejects.toThrow(
      expect.objectContaining({ code: 'QUEUE_URL_INVALID' }),
    );
  }
});

test('settings in the options of a PostgreSQL URL do not lead the queue to other tables', async () => {
  await using place = await openPlace('postgres');
  const url = new URL(place.url);
  url.searchParams.set('options', '-c work_mem=5MB');
  await using queues = await openQueues({ url: url.toString(), prefix: PREFIX });
  const ran: unknown[] = [];
  queues.work('apply', { concurrency: 1, handler: noting(ran) });
  await queues.ring('apply', 'one', { id: 1 });
  await vi.waitFor(() => expect(ran).toEqual([{ id: 1 }]), SOON);
});

test('a Redis that may evict keys is reported when the queue is opened', async () => {
  await using place = await openPlace('redis');
  const admin = new Redis(place.url);
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  try {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const entries: QueueLogEntry[] = [];
    await using _queues = await openQueues({
      url: place.url,
      prefix: PREFIX,
      log: (entry) => entries.push(entry),
    });
    expect(entries).toEqual([
      expect.objectContaining({ event: 'queue eviction policy unsafe', code: 'allkeys-lru' }),
    ]);
  } finally {
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    admin.disconnect();
    warned.mockRestore();
  }
});
