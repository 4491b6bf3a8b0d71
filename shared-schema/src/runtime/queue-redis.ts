/**
 * The queue's store on Redis: two shared connections, plus the blocking one each worker needs.
 * The producers' connection fails a command after a few seconds, so that a ring never hangs while
 * Redis is away; the workers' connection waits for ever, as BullMQ asks.
 * Redis Cluster is not supported: emptying has to be one script over all keys of the prefix.
 */

import { createRedisBackend } from 'bullmq';
import { Redis } from 'ioredis';

import { hostOf, QueueError } from './queue-error.ts';
import type { QueueLog } from './queue-log.ts';
import {
  ANSWER_WITHIN_MS,
  restAfterErrors,
  type QueueStore,
  type StoreOptions,
} from './queue-store.ts';

const LAST_WORDS_MS = 500;

// One script, hence one instant: were the keys removed in several commands, a ring between two of
// them could leave a deduplication key whose job is in no list, and its key would be mute for ever.
const REMOVE_KEYS = `
  local keys = redis.call('KEYS', ARGV[1])
  for i = 1, #keys do redis.call('UNLINK', keys[i]) end
  return #keys`;

type Patience = { readonly maxRetriesPerRequest: number | null; readonly commandTimeout?: number };

export async function openRedisStore(options: StoreOptions): Promise<QueueStore> {
  const { url, log, complain } = options;
  const connect = (how: Patience): Redis => {
    const client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: ANSWER_WITHIN_MS,
      connectionName: 'lienthong-queue',
      // A client that is disconnected twice keeps the process alive for this long.
      disconnectTimeout: LAST_WORDS_MS,
      ...how,
    });
    client.on('error', (error) => complain(undefined, error));
    return client;
  };
  const producers = connect({ maxRetriesPerRequest: 1, commandTimeout: ANSWER_WITHIN_MS });
  const workers = connect({ maxRetriesPerRequest: null });

  try {
    await Promise.all([producers.connect(), workers.connect()]);
    await warnAboutEviction(producers, log);
  } catch (error) {
    producers.disconnect();
    workers.disconnect();
    throw new QueueError(
      'QUEUE_UNREACHABLE',
      `Redis at ${hostOf(url)} does not answer. Start it, or correct the queue URL in the settings.`,
      error,
    );
  }

  return {
    kind: 'redis',
    factory(name, queueOptions, how) {
      const connection = how?.withBlockingConnection === true ? workers : producers;
      const backend = createRedisBackend(name, { ...queueOptions, connection }, how);
      backend.moveToActive = restAfterErrors(backend.moveToActive.bind(backend));
      return backend;
    },
    async empty(prefix) {
      await producers.eval(REMOVE_KEYS, 0, `bull:${prefix}.*`);
    },
    async close() {
      producers.disconnect();
      workers.disconnect();
      await Promise.resolve();
    },
  };
}

/** With any policy but noeviction a full Redis throws jobs and locks away without a word. */
async function warnAboutEviction(client: Redis, log: QueueLog): Promise<void> {
  const memory = await client.info('memory');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  log({
    level: 'warn',
    event: 'queue eviction policy unsafe',
    code: policy,
    message: `Redis has maxmemory-policy ${policy}: set it to noeviction, or a full memory loses jobs.`,
  });
}
