/**
 * The queue's store on PostgreSQL: BullMQ's own tables in the schema `bullmq` of the given database.
 * All queues and workers of a process share one small pool and one LISTEN connection: five
 * connections, where BullMQ alone would open up to eleven per queue and per worker.
 * The schema is brought up to date when the store is opened; several processes may do so at once.
 */

import { EventEmitter } from 'node:events';

import { PostgresConnection, PostgresQueueBackend, type QueueBaseOptions } from 'bullmq';

import { hostOf, QueueError } from './queue-error.ts';
import { describeError } from './queue-log.ts';
import {
  ANSWER_WITHIN_MS,
  restAfterErrors,
  type QueueStore,
  type StoreOptions,
} from './queue-store.ts';

const SCHEMA = 'bullmq';
const POOL_SIZE = 4;
const QUERY_WITHIN_MS = 30_000;

// A job whose notification was lost (a connection died between two messages) is found by asking
// again. BullMQ would ask once an hour here; this is also the longest such a job can be overlooked.
const ASK_AGAIN_S = 10;

export async function openPostgresStore(options: StoreOptions): Promise<QueueStore> {
  const { url, complain } = options;
  const connection = new SharedConnection({
    ...connectionSettings(url),
    schema: SCHEMA,
    migrate: true,
    max: POOL_SIZE,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: QUERY_WITHIN_MS,
    keepAlive: true,
    application_name: 'lienthong-queue',
  });
  connection.setMaxListeners(0);
  connection.on('error', (error) => complain(undefined, error));

  try {
    await connection.waitUntilReady();
  } catch (error) {
    await connection.close();
    throw new QueueError(
      'QUEUE_UNREACHABLE',
      `The queue's tables at ${hostOf(url)} cannot be used. Check that PostgreSQL runs, that the queue URL in the settings is right, and that its user may create the schema ${SCHEMA}.`,
      error,
    );
  }

  return {
    kind: 'postgres',
    factory: (name, queueOptions) => new SharingBackend(connection, name, queueOptions),
    empty: (prefix) => emptyTables(connection, prefix),
    close: () => connection.close(),
  };
}

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;

/** The connection with a LISTEN session that many workers may use at once. */
class SharedConnection extends PostgresConnection {
  readonly #prepared = new WeakSet<ListenClient>();

  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (!this.#prepared.has(client)) {
      this.#prepared.add(client);
      oneAtATime(client);
      if (client instanceof EventEmitter) client.setMaxListeners(0);
    }
    return client;
  }
}

/** Several workers send LISTEN at the same moment; node-postgres wants a query ended before the next. */
function oneAtATime(client: ListenClient): void {
  const query = client.query.bind(client);
  let last: Promise<unknown> = Promise.resolve();
  client.query = (text, params) => {
    const next = last.then(() => query(text, params));
    last = next.catch(() => undefined);
    return next;
  };
}

/**
 * A backend that borrows the process's one connection. BullMQ lets only a backend that owns its
 * connection listen again after the LISTEN session was lost; this one does so while borrowing.
 */
class SharingBackend extends PostgresQueueBackend {
  #stopped = false;

  constructor(connection: PostgresConnection, name: string, options: QueueBaseOptions<unknown>) {
    super(connection, name, { ...options, connection: '' }, false);
    connection.on('listenerinvalidated', this.#listenAgain);
    this.moveToActive = restAfterErrors(super.moveToActive.bind(this));
  }

  override get maximumBlockTimeout(): number {
    return ASK_AGAIN_S;
  }

  override async disconnectBlocking(wait?: boolean): Promise<void> {
    this.#stopped = true;
    await super.disconnectBlocking(wait);
  }

  override async reconnectBlocking(): Promise<void> {
    this.#stopped = false;
    await super.reconnectBlocking();
  }

  override async close(): Promise<void> {
    this.connection.off('listenerinvalidated', this.#listenAgain);
    await super.close();
  }

  readonly #listenAgain = (): void => {
    if (!this.#stopped) void this.#endWait();
  };

  /** Ends the wait on the dead session and allows the next one, which starts with LISTEN. */
  async #endWait(): Promise<void> {
    await super.disconnectBlocking();
    if (!this.#stopped) await super.reconnectBlocking();
  }
}

/** `options` in the URL would replace BullMQ's search_path, so it is handed over apart. */
function connectionSettings(url: string): { connectionString: string; options?: string } {
  const parsed = new URL(url);
  const options = parsed.searchParams.get('options');
  if (options === null) return { connectionString: url };
  parsed.searchParams.delete('options');
  return { connectionString: parsed.toString(), options };
}

const TABLES = [
  'job',
  'scheduler',
  'rate_limit',
  'event',
  'metrics',
  'dedup',
  'dedup_next',
  'meta',
];
const DEADLOCK = '40P01';

async function emptyTables(connection: PostgresConnection, prefix: string): Promise<void> {
  for (let tries = 3; tries > 0; tries -= 1) {
    try {
      return void (await connection.pool.query(emptyingStatements(prefix)));
    } catch (error) {
      if (tries === 1 || describeError(error).code !== DEADLOCK) throw error;
    }
  }
}

/**
 * Statements sent together are one transaction. They stand behind the advisory locks that BullMQ's
 * own `obliterate` takes, in the order of their keys, so that no ring and no finishing job is half
 * inside. The prefix is a plain word (see `queue.ts`), so it may stand in the text.
 */
function emptyingStatements(prefix: string): string {
  const ours = `starts_with(queue, '${prefix}.')`;
  const names = TABLES.map((table) => `select queue from ${table} where ${ours}`).join(' union ');
  return [
    `select pg_advisory_xact_lock(hashtext('bullmq:finalization'), key)
       from (select distinct hashtext(queue) as key from (${names}) as known order by key) as keys`,
    ...TABLES.map((table) => `delete from ${table} where ${ours}`),
  ].join('; ');
}
