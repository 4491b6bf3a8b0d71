/** Empties every queue of a constellation at once: what an operator or a lost server might do. */
import { Redis } from 'ioredis';
import { DatabaseError } from 'pg';

import { withClient } from '../services/postgres-databases.ts';

/** On Redis FLUSHALL; on PostgreSQL every table of the queues' schema but its migrations is truncated. */
export async function emptyQueues(
  databases: readonly string[],
  queueUrl: string | undefined,
): Promise<void> {
  if (queueUrl !== undefined) {
    const redis = new Redis(queueUrl, { maxRetriesPerRequest: 3 });
    try {
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
    return;
  }
  for (const url of databases) await emptySchema(url);
}

/** deadlock detected: the queues are in use meanwhile, and whoever truncates may have to give way. */
const deadlock = '40P01';
const attemptsMax = 20;

async function emptySchema(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await truncateQueues(url);
      return;
    } catch (error) {
      const again = error instanceof DatabaseError && error.code === deadlock;
      if (!again || attempt === attemptsMax) throw error;
    }
  }
}

async function truncateQueues(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(`
        select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname = 'bullmq' and tablename !~ 'migration'`);
    if (rows.length > 0)
      await client.query(`truncate ${rows.map((row) => row.name).join(', ')} cascade`);
  });
}
