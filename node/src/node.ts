/** Puts a node together from its settings: database, identity, link, queues, server, workers. */
import { mkdir } from 'node:fs/promises';

import { isValidAsOf, shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import {
  type Database,
  openDatabase,
  transaction,
} from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeLists } from '@lienthong/shared-schema/runtime/load-code-lists.ts';
import { logLevelOf, openLog } from '@lienthong/shared-schema/runtime/log.ts';
import { migrate } from '@lienthong/shared-schema/runtime/migrate.ts';
import { parseListen } from '@lienthong/shared-schema/runtime/settings.ts';
import { publicKeyFromPem } from '@lienthong/shared-schema/runtime/signature.ts';
import { untilAborted } from '@lienthong/shared-schema/runtime/until-aborted.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import type { NodeConfig } from './config.ts';
import { raiseTasks } from './db/code-lists.ts';
import { claimDatabase, readLink } from './db/link.ts';
import { NodeError } from './errors.ts';
import { work } from './jobs/workers.ts';
import { openHubLink } from './link/hub-link.ts';
import { clientTlsOptions, loadIdentity } from './pki/identity.ts';
import { openOrCreateKeys } from './pki/request.ts';
import { createSealingKeyFile, loadSealingKey } from './pki/sealing-key.ts';
import type { EnrolledNode, NodeContext } from './sync/context.ts';

const migrations = new URL('db/migrations/', import.meta.url);
const connectionsMax = 10;

export function openNodeDatabase(config: NodeConfig): Database {
  return openDatabase(config.databaseUrl, {
    max: connectionsMax,
    applicationName: 'lienthong-node',
  });
}

/** Brings tables and code lists up to date. Returns the names of the migrations applied. */
export async function migrateNode(database: Database): Promise<readonly string[]> {
  const applied = await migrate(database.db, migrations);
  await transaction(database, async (tx) => raiseTasks(tx.db, await loadCodeLists(tx)));
  return applied;
}

/** `node init`: keys and database for one agency; running it again changes nothing. */
export async function initNode(config: NodeConfig): Promise<readonly string[]> {
  const today = hanoiDay(Date.now());
  const inForce = shippedBook
    .withCode('CO_QUAN', config.agency)
    .some((one) => isValidAsOf(one, today));
  if (!inForce) throw new NodeError('NODE_AGENCY_INVALID', { detail: config.agency });
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
  await openOrCreateKeys(config.dataDirectory);
  await createSealingKeyFile(config.dataDirectory);
  await using database = openNodeDatabase(config);
  const applied = await migrateNode(database);
  const agency = await claimDatabase(database.db, config.agency);
  if (agency !== config.agency) throw new NodeError('NODE_AGENCY_FIXED', { detail: agency });
  return applied;
}

/** The context of commands that need no hub. Throws where `init` has not run. */
export async function openNodeContext(config: NodeConfig): Promise<AsyncDisposable & NodeContext> {
  const database = openNodeDatabase(config);
  try {
    const link = await readLink(database.db);
    if (link === undefined) throw new NodeError('NODE_NOT_INITIALISED');
    if (config.agency !== '' && config.agency !== link.agency) {
      throw new NodeError('NODE_AGENCY_FIXED', { detail: link.agency });
    }
    return {
      database,
      agency: link.agency,
      now: () => new Date(),
      log: openLog('node', logLevelOf(config.logLevel)),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** The context of commands that speak with the hub. Throws where `enrol` has not been completed. */
export async function openEnrolledNode(
  config: NodeConfig,
): Promise<AsyncDisposable & EnrolledNode> {
  const context = await openNodeContext(config);
  try {
    const link = await readLink(context.database.db);
    const address = parseListen(link?.hubAddress ?? '');
    if (link?.hubAudience === null || link?.hubSigningKey === null || address === undefined) {
      throw new NodeError('NODE_NOT_ENROLLED');
    }
    const identity = await loadIdentity(config.dataDirectory);
    const hubLink = openHubLink(address, clientTlsOptions(identity));
    return {
      ...context,
      link: hubLink,
      signingKey: identity.signingKey,
      sealingKey: await loadSealingKey(config.dataDirectory),
      hubSigningKey: publicKeyFromPem(link?.hubSigningKey ?? ''),
      audience: link?.hubAudience ?? new Uint8Array(0),
      session: { ready: false },
      async [Symbol.asyncDispose]() {
        hubLink[Symbol.dispose]();
        await context[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await context[Symbol.asyncDispose]();
    throw error;
  }
}

export type RunOptions = {
  readonly serve: boolean;
  readonly work: boolean;
  readonly onListening?: (address: string) => void;
};

/**
 * Serves the unit's people and programs, works on jobs, or both, until the signal aborts. The server and
 * the queues are loaded here alone: they are a third of the start of any other command.
 */
export async function runNode(
  config: NodeConfig,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  if (options.serve) {
    const context = stack.use(await openNodeContext(config));
    const { buildApp } = await import('./http/app.ts');
    const app = buildApp(context);
    stack.defer(() => app.close());
    options.onListening?.(await app.listen({ host: config.listen.host, port: config.listen.port }));
  }
  let working: Promise<void> | undefined;
  if (options.work) {
    const node = stack.use(await openEnrolledNode(config));
    const { openQueues } = await import('@lienthong/shared-schema/runtime/queue.ts');
    const queues = stack.use(
      await openQueues({
        url: config.queueUrl,
        prefix: `node-${node.agency.toLowerCase()}`,
        log: (entry) => node.log.warn(entry, 'queue'),
      }),
    );
    working = work(node, queues, signal);
  }
  await untilAborted(signal);
  await working;
}
