/**
 * The two servers a queue can stand on, as the tests of `queue.ts` need them: a place of one's own on
 * a real one, what an operator may do to it by hand, and a line to it that can be cut for a while.
 */

import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { Redis } from 'ioredis';
import { Client, DatabaseError } from 'pg';

import { openTestDatabase, redisUrl } from '../../../test/support/database.ts';

export type Place = AsyncDisposable & {
  readonly url: string;
  /** Takes everything away behind the queue's back. */
  wipe(): Promise<void>;
  /** Ends all connections to the place but this one; how many there were. */
  cutConnections(): Promise<number>;
  countConnections(): Promise<number>;
  /** All jobs as the server keeps them. */
  readJobs(): Promise<string>;
};

export type Backend = 'redis' | 'postgres';

/**
 * Test files run side by side on one Redis, so each that uses the queue has one of Redis's numbered
 * databases to itself.
 */
export function openPlaceIn(options: { readonly redisDatabase: number }) {
  return (backend: Backend): Promise<Place> =>
    backend === 'redis' ? openRedisPlace(options.redisDatabase) : openPostgresPlace();
}

/** The queue is in use meanwhile: whoever truncates may be the one that has to give way. */
async function truncate(client: Client, tables: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`truncate ${tables}`);
      return;
    } catch (error) {
      const deadlock = error instanceof DatabaseError && error.code === '40P01';
      if (!deadlock || attempt === TRUNCATES_MAX) throw error;
    }
  }
}

const TRUNCATES_MAX = 20;

async function openPostgresPlace(): Promise<Place> {
  const database = await openTestDatabase();
  const client = new Client(database.url);
  await client.connect();
  const others = `from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  return {
    url: database.url,
    async wipe() {
      const { rows } = await client.query<{ tables: string }>(
        `select string_agg(format('bullmq.%I', tablename), ', ') as tables
           from pg_tables where schemaname = 'bullmq' and tablename <> 'migration'`,
      );
      await truncate(client, rows[0]?.tables ?? '');
    },
    async cutConnections() {
      const cut = await client.query(`select pg_terminate_backend(pid) ${others}`);
      return cut.rowCount ?? 0;
    },
    async countConnections() {
      const { rowCount } = await client.query(`select pid ${others}`);
      return rowCount ?? 0;
    },
    async readJobs() {
      const { rows } = await client.query(`select to_jsonb(job) as job from bullmq.job`);
      return JSON.stringify(rows);
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function openRedisPlace(database: number): Promise<Place> {
  const url = new URL(redisUrl());
  url.pathname = `/${database}`;
  const client = new Redis(url.toString());
  await client.flushdb();
  const others = async (): Promise<readonly string[]> => {
    const own = String(await client.client('ID'));
    return String(await client.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(` db=${database} `))
      .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '')
      .filter((id) => id !== '' && id !== own);
  };
  return {
    url: url.toString(),
    async wipe() {
      await client.flushdb();
    },
    async cutConnections() {
      const ids = await others();
      await Promise.all(ids.map((id) => client.client('KILL', 'ID', Number(id))));
      return ids.length;
    },
    async countConnections() {
      return (await others()).length;
    },
    async readJobs() {
      const keys = await client.keys('*');
      const jobs = await Promise.all(
        keys.map(async (key) =>
          (await client.type(key)) === 'hash' ? client.hgetall(key) : undefined,
        ),
      );
      return JSON.stringify(jobs);
    },
    async [Symbol.asyncDispose]() {
      await client.flushdb();
      client.disconnect();
    },
  };
}

export type Line = AsyncDisposable & {
  /** The place's URL, through the line. */
  readonly url: string;
  /** The server is away: connections end, new ones are refused. */
  cut(): Promise<void>;
  mend(): Promise<void>;
};

/** A TCP line to a server. */
export async function openLine(target: string): Promise<Line> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await listen(server, 0);
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.toString(),
    cut,
    mend: () => listen(server, port),
    [Symbol.asyncDispose]: () => (server.listening ? cut() : Promise.resolve()),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
