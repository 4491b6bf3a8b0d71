/**
 * Redis for the tests that need it, from the first place that has it: the server that LIENTHONG_TEST_REDIS_URL names, a server
 * program on PATH, Debian's packages unpacked into the working space, a container. What is started here keeps nothing on disk,
 * listens on 127.0.0.1 with a random password, evicts nothing (the queues need that), and ends with the calling process.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setInterval } from 'node:timers/promises';

import { Redis as RedisClient } from 'ioredis';

import { startOnFreePort } from './free-port.ts';
import { sweepLedgers } from './ledger.ts';
import { logTail } from './log-tail.ts';
import {
  type RedisProgram,
  type RedisSource,
  redisOnPath,
  unpackedRedis,
} from './redis-binaries.ts';
import { type RunningServer, type Supervised, openSupervised } from './supervised.ts';
import type { StopLadder } from './supervision.ts';

export type Redis = AsyncDisposable & {
  readonly url: string;
  readonly origin: 'environment' | 'path' | 'unpacked' | 'container';
  /** The server's process and folder; absent for one from the environment or in a container. */
  readonly own?: {
    /** Another one after each `startAgain`. */
    readonly pid: number;
    readonly folder: string;
    /** Waits until the server has ended, and starts it on its port again, empty. */
    readonly startAgain: () => Promise<void>;
  };
};

export type RedisOptions = {
  /** Working space of the checkout. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where to look after the environment, in order, before a container. */
  readonly sources?: readonly RedisSource[];
  /** Default: a container of Docker's; what else starts one, in tests. */
  readonly container?: () => Promise<{ readonly url: string } & AsyncDisposable>;
};

export const REDIS_URL_VARIABLE = 'LIENTHONG_TEST_REDIS_URL';

const START_MS_MAX = 15_000;
const STOP: StopLadder = [
  { signal: 'SIGTERM', graceMs: 3000 },
  { signal: 'SIGKILL', graceMs: 3000 },
];

export async function openRedis(options: RedisOptions): Promise<Redis> {
  const url = options.env[REDIS_URL_VARIABLE];
  if (url !== undefined && url !== '') return openFromEnvironment(url);
  await mkdir(options.directory, { recursive: true });
  await sweepLedgers(options.directory);
  const attempts = [
    ...(options.sources ?? [redisOnPath(), unpackedRedis()]).map((source) => ({
      origin: source.origin,
      open: async () => startServer(options.directory, await source.find(options)),
    })),
    { origin: 'container' as const, open: options.container ?? openContainer },
  ];
  const tried: string[] = [`${REDIS_URL_VARIABLE}: not set`];
  const causes: unknown[] = [];
  for (const { origin, open } of attempts) {
    try {
      return { origin, ...(await open()) };
    } catch (error) {
      causes.push(error);
      tried.push(`${origin}: ${error instanceof Error ? error.message.trim() : String(error)}`);
    }
  }
  const list = tried.map((line) => `  - ${line}`).join('\n');
  throw new Error(
    `No Redis could be had. Tried:\n${list}\nInstall it: sudo apt-get install redis-server`,
    { cause: causes.at(-1) },
  );
}

/** The container library takes a while to load, and is hardly ever needed. */
async function openContainer(): Promise<Omit<Redis, 'origin'>> {
  const { startRedisContainer } = await import('./redis-container.ts');
  return startRedisContainer();
}

async function openFromEnvironment(url: string): Promise<Redis> {
  try {
    await ping(url);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${REDIS_URL_VARIABLE} names a server that does not answer: ${why}. Start it, or unset the variable.`,
      { cause },
    );
  }
  return { url, origin: 'environment', [Symbol.asyncDispose]: async () => {} };
}

async function startServer(
  directory: string,
  program: RedisProgram,
): Promise<Omit<Redis, 'origin'>> {
  const name = `lienthong-redis-${randomBytes(6).toString('hex')}`;
  const folder = join(resolve(directory), name);
  await using stack = new AsyncDisposableStack();
  const supervised = stack.use(await openSupervised({ directory, name, folders: [folder] }));
  await mkdir(folder, { mode: 0o700 });
  const password = randomBytes(18).toString('base64url');
  const start = (port: number) => listen({ supervised, program, folder, password, port });
  const { url, port, ...first } = await startOnFreePort(start);
  let running: RunningServer = first;
  const owned = stack.move();
  return {
    url,
    own: {
      get pid() {
        return running.pid;
      },
      folder,
      startAgain: async () => {
        await running.ended;
        running = await start(port);
      },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function listen(place: {
  readonly supervised: Supervised;
  readonly program: RedisProgram;
  readonly folder: string;
  readonly password: string;
  readonly port: number;
}): Promise<RunningServer & { readonly url: string; readonly port: number }> {
  const { supervised, program, folder, password, port } = place;
  const config = join(folder, 'redis.conf');
  // In a file and not on the command line, where every user of the machine could read the password.
  await writeFile(config, configuration(place), { mode: 0o600 });
  const output = join(folder, 'redis.log');
  const libraries = program.libraries.join(':');
  const env = { PATH: '/usr/bin:/bin', ...(libraries && { LD_LIBRARY_PATH: libraries }) };
  const command = { file: program.file, args: [config], env, cwd: folder, output };
  const server = await supervised.serve(command, STOP);
  const url = `redis://:${password}@127.0.0.1:${port}`;
  try {
    await untilReady(url, server);
    return { ...server, url, port };
  } catch (cause) {
    throw new Error(`the server did not start: ${await logTail(output)}`, { cause });
  }
}

function configuration(options: {
  readonly port: number;
  readonly password: string;
  readonly folder: string;
}): string {
  return [
    'bind 127.0.0.1',
    `port ${options.port}`,
    `requirepass ${options.password}`,
    'save ""',
    'appendonly no',
    'maxmemory-policy noeviction',
    'daemonize no',
    `dir "${options.folder}"`,
  ].join('\n');
}

async function untilReady(url: string, server: RunningServer): Promise<void> {
  const state: { ended?: string } = {};
  void server.ended.then(
    (how) => (state.ended = how),
    () => (state.ended = 'its supervisor'),
  );
  const deadline = Date.now() + START_MS_MAX;
  for await (const _ of setInterval(10)) {
    try {
      return await ping(url);
    } catch (error) {
      if (state.ended !== undefined)
        throw new Error(`it ended with ${state.ended}`, { cause: error });
      if (Date.now() > deadline) throw error;
    }
  }
}

async function ping(url: string): Promise<void> {
  const client = new RedisClient(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 5000,
  });
  // The reason of a refused connection comes as an event; the promise only says that it is closed.
  const reasons: Error[] = [];
  client.on('error', (error: Error) => reasons.push(error));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw reasons.at(0) ?? error;
  } finally {
    client.disconnect();
  }
}
