/**
 * A PostgreSQL server of one side, durable as in production, that is shut down at once (SIGQUIT: no
 * checkpoint, every connection gone) and comes back by recovery; and whose disk runs full.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { embeddedPostgres, installedPostgres } from '../services/postgres-binaries.ts';
import { startCluster } from '../services/postgres-cluster.ts';
import { createDatabase, withClient } from '../services/postgres-databases.ts';
import { type Disk, openDisk } from './disk.ts';

export type DatabaseServer = AsyncDisposable & {
  readonly url: string;
  /** Undefined where this user may not mount one. */
  readonly disk: Disk | undefined;
  /** Down for so long, then up again; resolves when it answers. */
  readonly crash: (downMs: number) => Promise<void>;
  /** Not a byte left for so long; a server that gave up is started again. */
  readonly runFull: (ms: number) => Promise<void>;
};

/** Its data, its log, and room for an hour of a run. */
const diskMegabytes = 448;
const lookMs = 50;
const endsWithinMs = 20_000;
const comesBackWithinMs = 60_000;
const settings = {
  max_wal_size: '96MB',
  min_wal_size: '32MB',
  shared_buffers: '64MB',
  max_connections: '120',
};

export async function openDatabaseServer(options: {
  readonly folder: string;
  readonly name: string;
  readonly mayMount: boolean;
}): Promise<DatabaseServer> {
  await using stack = new AsyncDisposableStack();
  const { folder, mayMount } = options;
  const disk = mayMount ? stack.use(await openDisk(folder, diskMegabytes)) : undefined;
  const binaries = await installedPostgres()
    .find(process.env)
    .catch(() => embeddedPostgres().find(process.env));
  const cluster = stack.use(
    await startCluster({ directory: folder, binaries, durable: true, settings }),
  );
  const onDisk = disk === undefined || cluster.folder.startsWith(folder);
  if (!onDisk) throw new Error(`the server's user cannot enter ${folder}`);
  const url = await createDatabase(cluster.adminUrl, { name: `lienthong_${options.name}` });
  /** Until it answers; it is started again wherever it has ended by then. */
  const comeBack = async (): Promise<void> => {
    const deadline = performance.now() + comesBackWithinMs;
    for (;;) {
      try {
        if (cluster.hasEnded()) await cluster.startAgain();
        await withClient(url, (client) => client.query('select'));
        return;
      } catch (error) {
        // recovery may fail once more where the cause is not quite gone
        if (performance.now() > deadline) throw error;
        await sleep(500);
      }
    }
  };
  const owned = stack.move();
  return {
    url,
    disk,
    async crash(downMs) {
      if (!cluster.hasEnded()) process.kill(cluster.pid, 'SIGQUIT');
      const deadline = performance.now() + endsWithinMs;
      while (!cluster.hasEnded()) {
        if (performance.now() > deadline) throw new Error('the server does not end');
        await sleep(lookMs);
      }
      await sleep(downMs);
      await comeBack();
    },
    async runFull(ms) {
      if (disk === undefined) return;
      try {
        await disk.fill();
        await sleep(ms);
      } finally {
        await disk.free();
      }
      // a server that ran out of room for its log may just be about to give up
      await sleep(1_000);
      await comeBack();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
