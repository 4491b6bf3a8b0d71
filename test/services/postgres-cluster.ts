/**
 * A PostgreSQL server of our own: a fresh cluster in a private folder, listening on a free port of 127.0.0.1 and nowhere else (no
 * socket file), with a random password. It lives as long as its supervisor, that is at most as long as the calling process. One
 * that need not be durable has its data in memory where there is room for it.
 */
import { randomBytes } from 'node:crypto';
import { chown, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';

import { Client } from 'pg';

import { startOnFreePort } from './free-port.ts';
import { logTail } from './log-tail.ts';
import { memoryPlace } from './memory-place.ts';
import { type OperatingUser, canEnter, placeFor, serverUser } from './operating-user.ts';
import type { Binaries } from './postgres-binaries.ts';
import { type RunningServer, type Supervised, openSupervised } from './supervised.ts';
import type { Command, StopLadder } from './supervision.ts';

export type Cluster = AsyncDisposable & {
  /** A superuser's URL, of the database `postgres`. */
  readonly adminUrl: string;
  /** Process id of the server; another one after each `startAgain`. */
  readonly pid: number;
  /** Folder with its logs; gone at the end. */
  readonly folder: string;
  /** Folder with its data, below `folder` or in memory; gone at the end. */
  readonly data: string;
  /** Whether the server has ended, by itself or by somebody's signal. */
  readonly hasEnded: () => boolean;
  /** Starts the server on its data and its port again; it must have ended. Throws where it cannot. */
  readonly startAgain: () => Promise<void>;
};

export type ClusterOptions = {
  readonly directory: string;
  readonly binaries: Binaries;
  /** True: a commit is on the disk before it is answered, as in production. False: faster, lost with the machine. */
  readonly durable: boolean;
  /** Further server settings, such as `wal_level`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Default: any free port. */
  readonly pickPort?: () => Promise<number>;
};

const START_MS_MAX = 60_000;
/** Fast shutdown, then immediate (no checkpoint, but its shared memory is given back), then none of its choice. */
const STOP: StopLadder = [
  { signal: 'SIGINT', graceMs: 20_000 },
  { signal: 'SIGQUIT', graceMs: 5000 },
  { signal: 'SIGKILL', graceMs: 5000 },
];
const BASE_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',
};
const FAST_SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const user = await serverUser();
  const name = `lienthong-postgres-${randomBytes(6).toString('hex')}`;
  const folder = join(await placeFor(options.directory, user), name);
  const memory = options.durable ? undefined : await memoryPlace(user);
  const folders = memory === undefined ? [folder] : [folder, join(memory, name)];
  const data = join(folders.at(-1) ?? folder, 'data');
  await using stack = new AsyncDisposableStack();
  const supervised = stack.use(
    await openSupervised({ directory: options.directory, name, folders }),
  );
  for (const own of folders) {
    await mkdir(own, { mode: 0o700 });
    if (user !== undefined) await chown(own, user.uid, user.gid);
  }
  const bin = await reachableBin({ binaries: options.binaries, folder, user });
  const password = randomBytes(18).toString('base64url');
  await initialise({ supervised, bin, folder, data, user, password, durable: options.durable });
  const settings = {
    ...BASE_SETTINGS,
    ...(options.durable ? {} : FAST_SETTINGS),
    ...options.settings,
  };
  const place = { supervised, bin, folder, data, user, password, settings };
  const { adminUrl, port, ...first } = await startOnFreePort(
    (free) => listen(place, free),
    options.pickPort,
  );
  let running: RunningServer = first;
  let hasEnded = false;
  const watch = (server: RunningServer): void => {
    running = server;
    hasEnded = false;
    const note = (): void => {
      if (running === server) hasEnded = true;
    };
    server.ended.then(note, note);
  };
  watch(first);
  const owned = stack.move();
  return {
    adminUrl,
    folder,
    data,
    get pid() {
      return running.pid;
    },
    hasEnded: () => hasEnded,
    startAgain: async () => watch(await listen(place, port)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The programs, copied into the cluster's folder if the server's user cannot enter the folder where they are. */
async function reachableBin(options: {
  readonly binaries: Binaries;
  readonly folder: string;
  readonly user: OperatingUser | undefined;
}): Promise<string> {
  const { bin, movable } = options.binaries;
  if (options.user === undefined || (await canEnter(bin, options.user))) return bin;
  if (movable === undefined) throw new Error(`the user ${options.user.name} cannot enter ${bin}`);
  const copy = join(options.folder, 'native');
  await cp(movable, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  return join(copy, 'bin');
}

type Place = {
  readonly supervised: Supervised;
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly user: OperatingUser | undefined;
  readonly password: string;
};

type ListeningPlace = Place & { readonly settings: Readonly<Record<string, string>> };
type Listening = RunningServer & { readonly adminUrl: string; readonly port: number };

async function initialise(place: Place & { readonly durable: boolean }): Promise<void> {
  const passwordFile = join(place.folder, 'password');
  await writeFile(passwordFile, place.password, { mode: 0o600 });
  if (place.user !== undefined) await chown(passwordFile, place.user.uid, place.user.gid);
  const command = commandOf(place, 'initdb', [
    `--pgdata=${place.data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=libc',
    '--locale=C.UTF-8',
    ...(place.durable ? [] : ['--no-sync']),
  ]);
  try {
    await place.supervised.run(command);
  } catch (cause) {
    throw new Error(`initdb failed: ${await logTail(command.output)}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function commandOf(place: Place, program: string, args: readonly string[]): Command {
  return {
    file: join(place.bin, program),
    args,
    // Nothing of the caller's: PGPORT, PGDATA and the like would bend what is started here.
    env: {
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      HOME: place.folder,
    },
    cwd: place.folder,
    output: join(place.folder, `${program}.log`),
    ...(place.user === undefined ? {} : { user: { uid: place.user.uid, gid: place.user.gid } }),
  };
}

async function listen(place: ListeningPlace, port: number): Promise<Listening> {
  const settings = Object.entries({ ...place.settings, port: String(port) });
  const command = commandOf(place, 'postgres', [
    '-D',
    place.data,
    ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]);
  const server = await place.supervised.serve(command, STOP);
  const adminUrl = `postgres://postgres:${place.password}@127.0.0.1:${port}/postgres`;
  try {
    await untilReady(adminUrl, server);
    return { ...server, adminUrl, port };
  } catch (cause) {
    throw new Error(`the server did not start: ${await logTail(command.output)}`, { cause });
  }
}

async function untilReady(adminUrl: string, server: RunningServer): Promise<void> {
  const state: { ended?: string } = {};
  void server.ended.then(
    (how) => (state.ended = how),
    () => (state.ended = 'its supervisor'),
  );
  const deadline = Date.now() + START_MS_MAX;
  for await (const _ of setInterval(25)) {
    try {
      await connectOnce(adminUrl);
      return;
    } catch (error) {
      if (state.ended !== undefined)
        throw new Error(`it ended with ${state.ended}`, { cause: error });
      if (Date.now() > deadline) throw error;
    }
  }
}

async function connectOnce(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  await client.connect();
  await client.end();
}
