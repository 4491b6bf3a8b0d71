/** Puts a hub together from its settings: files, database, queues, server, workers, in this order. */

import {
  type Database,
  openDatabase,
  transaction,
} from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeLists } from '@lienthong/shared-schema/runtime/load-code-lists.ts';
import { logLevelOf, openLog } from '@lienthong/shared-schema/runtime/log.ts';
import { migrate } from '@lienthong/shared-schema/runtime/migrate.ts';
import type { Queues } from '@lienthong/shared-schema/runtime/queue.ts';
import { untilAborted } from '@lienthong/shared-schema/runtime/until-aborted.ts';

import type { HubConfig } from './config.ts';
import { HubError } from './errors.ts';
import { createHubFiles, openHubFiles } from './hub-files.ts';
import { ringApply, ringTotals, work } from './jobs/workers.ts';
import { serverTlsOptions } from './pki/tls.ts';
import type { HubContext } from './sync/context.ts';
import { startHub } from './sync/hub-start.ts';

const migrations = new URL('db/migrations/', import.meta.url);

/** Accepting, applying, reading and the queues' own pool together stay far below 100. */
const connectionsMax = 16;

export function openHubDatabase(config: HubConfig): Database {
  return openDatabase(config.databaseUrl, {
    max: connectionsMax,
    applicationName: 'lienthong-hub',
  });
}

/** Brings tables and code lists up to date. Returns the names of the migrations applied. */
export async function migrateHub(database: Database): Promise<readonly string[]> {
  const applied = await migrate(database.db, migrations);
  await transaction(database, (tx) => loadCodeLists(tx));
  return applied;
}

/** `hub init`: keys, certificate authority and database; running it again changes nothing. */
export async function initHub(config: HubConfig): Promise<readonly string[]> {
  await createHubFiles({
    directory: config.dataDirectory,
    hosts: [...new Set([config.publicAddress.host, 'localhost', '127.0.0.1'])],
    now: new Date(),
  });
  await using database = openHubDatabase(config);
  return await migrateHub(database);
}

/** The context of commands that do not serve: no queue is opened, the sweep finds what they leave. */
export async function openHubContext(config: HubConfig): Promise<OpenHub> {
  const files = await openHubFiles(config.dataDirectory);
  await using stack = new AsyncDisposableStack();
  const database = stack.use(openHubDatabase(config));
  const hub: HubContext = {
    database,
    incarnation: files.incarnation,
    dataDirectory: config.dataDirectory,
    audience: files.audience,
    signingKey: files.signingKey,
    bundleKey: files.bundleKey,
    now: () => new Date(),
    wakeApply: async () => undefined,
    log: openLog('hub', logLevelOf(config.logLevel)),
  };
  const restored = await startHub(hub);
  const open = stack.move();
  return { ...hub, restored, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

export type OpenHub = AsyncDisposable &
  HubContext & {
    /** Why the database is older than what this hub has signed; undefined where it is not. */
    readonly restored: string | undefined;
  };

/**
 * As `openHubContext`, for what speaks or signs in the hub's name. Throws HUB_RESTORED: a restored hub
 * says nothing before its raise, since its numbers were given before.
 */
export async function openSoundHub(config: HubConfig): Promise<OpenHub> {
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await openHubContext(config));
  if (hub.restored !== undefined) throw new HubError('HUB_RESTORED', { detail: hub.restored });
  stack.move();
  return hub;
}

export type RunOptions = {
  readonly serve: boolean;
  readonly work: boolean;
  /** Told once the hub listens. */
  readonly onListening?: (address: string) => void;
};

/**
 * Serves nodes, works on jobs, or both, until the signal aborts. The server and the queues are loaded
 * here alone: they are a part of the start of any other command.
 */
export async function runHub(
  config: HubConfig,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  await using context = await openSoundHub(config);
  await using queues = await openHubQueues(config, context);
  const hub: HubContext = { ...context, wakeApply: (agency) => ringApply(queues, agency) };
  await using server = options.serve ? await listen(config, hub, queues) : undefined;
  if (server !== undefined) options.onListening?.(server.address);
  const working = options.work ? work(hub, queues, signal, config.replicaUrl) : undefined;
  await untilAborted(signal);
  await working;
}

async function openHubQueues(config: HubConfig, hub: HubContext): Promise<Queues> {
  const { openQueues } = await import('@lienthong/shared-schema/runtime/queue.ts');
  return openQueues({
    url: config.queueUrl,
    prefix: 'hub',
    log: (entry) => hub.log.warn(entry, 'queue'),
  });
}

async function listen(
  config: HubConfig,
  hub: HubContext,
  queues: Queues,
): Promise<AsyncDisposable & { readonly address: string }> {
  const files = await openHubFiles(config.dataDirectory);
  const { buildApp } = await import('./http/app.ts');
  const app = buildApp({
    hub,
    tls: serverTlsOptions({
      keyPem: files.serverKeyPem,
      certificatePem: files.serverCertificatePem,
      rootPem: files.rootPem,
    }),
    wakeTotals: () =>
      ringTotals(queues).catch((error: unknown) => {
        hub.log.warn({ err: error }, 'the totals queue could not be rung');
      }),
  });
  const address = await app.listen({ host: config.listen.host, port: config.listen.port });
  return {
    address,
    async [Symbol.asyncDispose]() {
      app.server.closeIdleConnections();
      await app.close();
    },
  };
}
