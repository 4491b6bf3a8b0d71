/** Real processes of hub and node, killed without warning while they work. */
import { once } from 'node:events';
import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';

import { compareSides } from '../constellation/compare.ts';
import { loadPopulation } from '../constellation/load-population.ts';
import { spawnProgram } from '../constellation/processes.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openRedis } from '../services/redis.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

const people = 400;
const kills = 8;

test('a node that is killed again and again in the middle of its work, and a hub that restarts, lose nothing', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const constellation = await openTestConstellation(stack, folder.path);
  const node = await constellation.addNode('H52');
  await loadPopulation(node.databaseUrl, {
    agency: 'H52',
    size: people,
    seed: 7,
    today: '2026-11-01',
  });
  const log = join(folder.path, 'killed.log');
  const stderr = openSync(log, 'a');
  stack.defer(() => closeSync(stderr));
  let killed = 0;
  for (let i = 0; i < kills; i++) {
    await withClient(node.databaseUrl, async (client) => {
      await client.query(`update profile.identity set other_names = $1`, [`Lần ${i}`]);
    });
    const before = statSync(log).size;
    const args = ['--json', 'sync'];
    const child = spawnProgram({ side: 'node', args, env: node.env, stderr });
    const exited = once(child, 'exit');
    // once it has told that it works, the kill falls anywhere in the second that follows
    while (child.exitCode === null && statSync(log).size === before) await sleep(10);
    await Promise.race([exited, sleep(i * 100)]);
    if (child.exitCode === null) killed += 1;
    child.kill('SIGKILL');
    await exited;
    if (i === kills / 2) await constellation.hub.restart();
  }
  expect(killed).toBeGreaterThan(kills / 2);
  const result = await node.run(['sync']);
  expect(result).toMatchObject({ marker: expect.any(String) });
  const sides = await compareSides({
    agency: 'H52',
    hub: constellation.hub.databaseUrl,
    node: node.databaseUrl,
  });
  expect(sides).toMatchObject({ differing: [], hubEqualsNode: true, mirrorEqualsHub: true });
  await withClient(constellation.hub.databaseUrl, async (client) => {
    const { rows } = await client.query(
      `select u.status, u.head_seq = u.applied_seq as applied,
        (select count(*) from sync.inbox) = u.head_seq as whole,
        (select count(distinct other_names)::integer from national.identity) as names
       from registry.unit u`,
    );
    expect(rows).toEqual([{ status: 'active', applied: true, whole: true, names: 1 }]);
  });
  expect(await node.run(['verify'])).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true });
  expect(await constellation.hub.run(['verify', 'H52'])).toMatchObject({ faults: [] });
});

test('a worker whose queue server is gone ends all the same when it is told to', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const { hub } = await openTestConstellation(stack, folder.path);
  const redis = stack.use(await openRedis({ directory: folder.path, env: {} }));
  const asked = new Redis(redis.url);
  const stderr = openSync(join(folder.path, 'work.log'), 'w');
  const env = { ...hub.env, HUB_QUEUE_URL: redis.url };
  const child = spawnProgram({ side: 'hub', args: ['work'], env, stderr });
  closeSync(stderr);
  const exited = once(child, 'exit');
  await vi.waitFor(async () => expect(await asked.client('LIST')).toMatch(/cmd=bzpopmin/u), 30_000);
  asked.disconnect();
  await redis[Symbol.asyncDispose]();
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
