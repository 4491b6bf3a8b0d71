import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { freePort } from './free-port.ts';
import { embeddedPostgres } from './postgres-binaries.ts';
import { startCluster } from './postgres-cluster.ts';
import { withClient } from './postgres-databases.ts';
import { openScratch } from './scratch.ts';

test('a port that another program has taken in the meantime is given up for the next one', async () => {
  await using scratch = await openScratch();
  const rival = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(rival, 'listening');
  const address = rival.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  const ports = [taken, await freePort()];
  try {
    await using cluster = await startCluster({
      directory: scratch.path,
      binaries: await embeddedPostgres().find(process.env),
      durable: false,
      settings: {},
      pickPort: async () => ports.shift() ?? 0,
    });
    expect(new URL(cluster.adminUrl).port).not.toBe(String(taken));
    expect(ports).toEqual([]);
  } finally {
    rival.close();
  }
});

test('a setting that the server refuses is told with what the server said, at once', async () => {
  await using scratch = await openScratch();
  const starting = startCluster({
    directory: scratch.path,
    binaries: await embeddedPostgres().find(process.env),
    durable: false,
    settings: { wal_level: 'nonsense' },
  });
  await expect(starting).rejects.toThrow(/did not start: .*wal_level/s);
});

test('a server that is shut down at once comes back at its address with what was committed', async () => {
  await using scratch = await openScratch();
  await using cluster = await startCluster({
    directory: scratch.path,
    binaries: await embeddedPostgres().find(process.env),
    durable: true,
    settings: {},
  });
  await withClient(cluster.adminUrl, (client) =>
    client.query('create table kept as select 1 as one'),
  );
  const { pid } = cluster;
  process.kill(pid, 'SIGQUIT');
  while (!cluster.hasEnded()) await sleep(20);
  await cluster.startAgain();
  expect(cluster.hasEnded()).toBe(false);
  expect(cluster.pid).not.toBe(pid);
  const found = await withClient(cluster.adminUrl, (client) =>
    client.query('select one from kept'),
  );
  expect(found.rows).toEqual([{ one: 1 }]);
});
