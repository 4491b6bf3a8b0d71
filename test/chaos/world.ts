/**
 * A hub and its nodes as in production: every program a process of its own that is kept running, a
 * database server for each side, queues in these databases or on one Redis, and a line of its own
 * from each node to the hub. Set up by the operators' commands; nothing fails on purpose in here.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Random, randomStream } from '@lienthong/shared-schema/population/random.ts';

import { enrolNode } from '../constellation/constellation.ts';
import { type CommandResult, mustRun, runCommand } from '../constellation/processes.ts';
import { freePort } from '../services/free-port.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openRedis, type Redis, REDIS_URL_VARIABLE } from '../services/redis.ts';
import { type DatabaseServer, openDatabaseServer } from './database-server.ts';
import { keepProcess, type KeptProcess } from './kept-process.ts';
import { type Line, openLine } from './line.ts';
import { openSecondClient, type SecondClient } from './second-client.ts';
import { prepareUnit } from './writers.ts';

export type Backend = 'postgres' | 'redis';

export type WorldOptions = {
  readonly seed: number;
  readonly folder: string;
  readonly backend: Backend;
  readonly nodes: number;
  /** Whether disks of their own can be made. */
  readonly mayMount: boolean;
  readonly say: (line: string) => void;
};

export type NodeWorld = {
  readonly agency: string;
  readonly unit: number;
  readonly server: DatabaseServer;
  readonly line: Line;
  readonly client: SecondClient;
  readonly serve: KeptProcess;
  readonly work: KeptProcess;
  /** A second `work` beside the first, to be ended by whoever asked for it. */
  readonly workTwice: () => KeptProcess;
  readonly run: (args: readonly string[]) => Promise<CommandResult>;
};

export type World = AsyncDisposable & {
  readonly hub: {
    readonly server: DatabaseServer;
    readonly serve: KeptProcess;
    readonly workers: readonly KeptProcess[];
    readonly run: (args: readonly string[]) => Promise<CommandResult>;
  };
  readonly nodes: readonly NodeWorld[];
  /** Absent where the queues are in the databases. */
  readonly redis: Redis | undefined;
  /** The URLs that hub and nodes have their queues at, with their prefixes. */
  readonly queues: readonly { readonly url: string; readonly prefix: string }[];
  /** Program, starts and failed ends of everything kept running. */
  readonly processes: () => readonly KeptProcess[];
};

const agencies = ['H52', 'H17', 'G09', 'H01', 'H26', 'H40'];
const hubWorkers = 2;
const workingSpace = fileURLToPath(new URL('../../.data', import.meta.url));
/** Never a server that others use: this one is killed. */
const ownServer = { ...process.env, [REDIS_URL_VARIABLE]: '' };

export async function openWorld(options: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { folder, say, mayMount } = options;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  let stream = 1_000;
  const nextRandom = (): Random => randomStream(options.seed, (stream += 1));
  const openServer = async (name: string): Promise<DatabaseServer> =>
    stack.use(await openDatabaseServer({ folder: join(folder, `disk-${name}`), name, mayMount }));
  const redis =
    options.backend === 'redis'
      ? stack.use(await openRedis({ directory: workingSpace, env: ownServer }))
      : undefined;
  const queue = (name: string): Record<string, string> =>
    redis === undefined ? {} : { [name]: redis.url };
  const kept: KeptProcess[] = [];
  const keep = (
    part: Pick<Parameters<typeof keepProcess>[0], 'name' | 'side' | 'args' | 'env'>,
  ) => {
    const logFile = join(folder, `${part.name}.log`);
    const one = stack.use(keepProcess({ ...part, logFile, random: nextRandom() }));
    kept.push(one);
    return one;
  };

  say('a hub');
  const port = await freePort();
  const hubServer = await openServer('hub');
  const hubEnv = {
    HUB_DATABASE_URL: hubServer.url,
    HUB_LISTEN: `127.0.0.1:${port}`,
    HUB_PUBLIC_ADDRESS: `127.0.0.1:${port}`,
    HUB_DATA_DIR: join(folder, 'hub'),
    ...queue('HUB_QUEUE_URL'),
  };
  const runHub = (args: readonly string[]): Promise<CommandResult> =>
    runCommand({ side: 'hub', args, env: hubEnv });
  await mustRun({ side: 'hub', args: ['init'], env: hubEnv });
  const hubPart = (name: string, command: string): KeptProcess =>
    keep({ name, side: 'hub', args: [command], env: hubEnv });
  const serve = hubPart('hub-serve', 'serve');
  const workers = Array.from({ length: hubWorkers }, (_, i) => hubPart(`hub-work-${i}`, 'work'));

  const openNode = async (agency: string, i: number): Promise<NodeWorld> => {
    const unit = i + 1;
    const server = await openServer(agency.toLowerCase());
    const env = {
      NODE_DATABASE_URL: server.url,
      NODE_AGENCY: agency,
      NODE_DATA_DIR: join(folder, agency),
      NODE_LISTEN: `127.0.0.1:${await freePort()}`,
      ...queue('NODE_QUEUE_URL'),
    };
    const must = (args: readonly string[], onLine?: (line: string) => void): Promise<unknown> =>
      mustRun({ side: 'node', args, env, ...(onLine === undefined ? {} : { onLine }) });
    await must(['init']);
    await enrolNode(must, (args) => mustRun({ side: 'hub', args, env: hubEnv }), agency);
    const line = stack.use(await openLine(port));
    await withClient(server.url, (client) =>
      client.query('update sync.link set hub_address = $1', [`127.0.0.1:${line.port}`]),
    );
    await prepareUnit(agency, server.url, unit);
    const client = stack.use(
      await openSecondClient({
        dataDirectory: env.NODE_DATA_DIR,
        databaseUrl: server.url,
        hubPort: port,
      }),
    );
    const part = (name: string, command: string): KeptProcess =>
      keep({ name: `${agency}-${name}`, side: 'node', args: [command], env });
    say(`a node for ${agency}`);
    return {
      agency,
      unit,
      server,
      line,
      client,
      serve: part('serve', 'serve'),
      work: part('work', 'work'),
      workTwice: () =>
        keepProcess({
          name: `${agency}-work-again`,
          side: 'node',
          args: ['work'],
          env,
          logFile: join(folder, `${agency}-work-again.log`),
          random: nextRandom(),
        }),
      run: (args) => runCommand({ side: 'node', args, env }),
    };
  };
  const nodes = await Promise.all(agencies.slice(0, options.nodes).map(openNode));
  const owned = stack.move();
  return {
    hub: { server: hubServer, serve, workers, run: runHub },
    nodes,
    redis,
    queues: [
      { url: redis?.url ?? hubServer.url, prefix: 'hub' },
      ...nodes.map((node) => ({
        url: redis?.url ?? node.server.url,
        prefix: `node-${node.agency.toLowerCase()}`,
      })),
    ],
    processes: () => kept,
    async [Symbol.asyncDispose]() {
      // all programs at once, before the servers that they close their work with
      await Promise.all(kept.map((one) => one[Symbol.asyncDispose]()));
      await owned.disposeAsync();
    },
  };
}
