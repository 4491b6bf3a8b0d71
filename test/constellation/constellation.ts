/**
 * A hub and its nodes on this machine, each with a database, keys and a certificate of its own: what
 * the demo shows and the system tests exercise. Everything goes through the command lines that
 * operators use.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../services/free-port.ts';
import {
  mustRun,
  runCommand,
  type CommandResult,
  type Service,
  startService,
} from './processes.ts';

export type ConstellationOptions = {
  /** Folder for keys and logs, made if needed; short, since it is created anew for each run. */
  readonly directory: string;
  /** Makes a database and returns its URL. */
  readonly createDatabase: (name: string) => Promise<string>;
  /** Queues of hub and nodes; absent: in their own databases. */
  readonly queueUrl?: string;
};

export type Member = {
  readonly agency: string;
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command of this node; throws unless it ends with 0. */
  readonly run: (args: readonly string[], onLine?: (line: string) => void) => Promise<unknown>;
  readonly tryRun: (args: readonly string[]) => Promise<CommandResult>;
  readonly serve: (args: readonly string[]) => Promise<Service>;
};

export type Constellation = AsyncDisposable & {
  readonly hub: {
    readonly databaseUrl: string;
    readonly env: Readonly<Record<string, string>>;
    readonly run: (args: readonly string[]) => Promise<unknown>;
    /** Of the process that serves and works just now. */
    readonly pid: () => number;
    /** Stops and starts the hub's process. */
    readonly restart: () => Promise<void>;
  };
  /** Sets up and enrols a node. */
  readonly addNode: (agency: string) => Promise<Member>;
};

const enrolWaitSeconds = '60';

/** Starts a hub that serves and works; nodes are added one by one. */
export async function openConstellation(options: ConstellationOptions): Promise<Constellation> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const services: Service[] = [];
  const queue = (name: 'HUB_QUEUE_URL' | 'NODE_QUEUE_URL'): Record<string, string> =>
    options.queueUrl === undefined ? {} : { [name]: options.queueUrl };

  const port = await freePort();
  const hubUrl = await options.createDatabase('hub');
  const hubEnv = {
    HUB_DATABASE_URL: hubUrl,
    HUB_LISTEN: `127.0.0.1:${port}`,
    HUB_PUBLIC_ADDRESS: `127.0.0.1:${port}`,
    HUB_DATA_DIR: join(directory, 'hub'),
    ...queue('HUB_QUEUE_URL'),
  };
  const runHub = (args: readonly string[]): Promise<unknown> =>
    mustRun({ side: 'hub', args, env: hubEnv });
  const startHub = (): Promise<Service> =>
    startService({
      side: 'hub',
      args: ['serve', '--with-worker'],
      env: hubEnv,
      logFile: join(directory, 'hub.log'),
    });
  await runHub(['init']);
  let hubService = await startHub();

  const addNode = async (agency: string): Promise<Member> => {
    const databaseUrl = await options.createDatabase(agency.toLowerCase());
    const env = {
      NODE_DATABASE_URL: databaseUrl,
      NODE_AGENCY: agency,
      NODE_DATA_DIR: join(directory, agency),
      NODE_LISTEN: `127.0.0.1:${await freePort()}`,
      ...queue('NODE_QUEUE_URL'),
    };
    const run: Member['run'] = (args, onLine) =>
      mustRun({ side: 'node', args, env, ...(onLine === undefined ? {} : { onLine }) });
    await run(['init']);
    await enrolNode(run, runHub, agency);
    return {
      agency,
      databaseUrl,
      env,
      run,
      tryRun: (args) => runCommand({ side: 'node', args, env }),
      serve: async (args) => {
        const logFile = join(directory, `${agency}.log`);
        const service = await startService({ side: 'node', args, env, logFile });
        services.push(service);
        return service;
      },
    };
  };

  return {
    hub: {
      databaseUrl: hubUrl,
      env: hubEnv,
      run: runHub,
      pid: () => hubService.process.pid ?? 0,
      async restart() {
        await hubService[Symbol.asyncDispose]();
        hubService = await startHub();
      },
    },
    addNode,
    async [Symbol.asyncDispose]() {
      await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
      await hubService[Symbol.asyncDispose]();
    },
  };
}

/** Invitation, request, approval, certificate: as two operators would do it. */
export async function enrolNode(
  runNode: Member['run'],
  runHub: (args: readonly string[]) => Promise<unknown>,
  agency: string,
): Promise<void> {
  const { invitation } = (await runHub(['invite', agency])) as { invitation: string };
  const requested = Promise.withResolvers<string>();
  const enrolled = runNode(['enrol', invitation, '--wait', enrolWaitSeconds], (line) => {
    const match = /^Enrolment ([0-9]+) waits/u.exec(line);
    if (match?.[1] !== undefined) requested.resolve(match[1]);
  });
  enrolled.catch((error: unknown) => requested.reject(error));
  await runHub(['approve', await requested.promise]);
  await enrolled;
}
