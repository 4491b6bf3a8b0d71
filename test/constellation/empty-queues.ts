/** Empties every queue of a constellation at once: what an operator or a lost server might do. */
import { Redis } from 'ioredis';

import { withClient } from '../services/postgres-databases.ts';

/** On Redis FLUSHALL; on PostgreSQL every table of the queues' schema but its migrations is truncated. */
export async function emptyQueues(
  databases: readonly string[],
  queueUrl: string | undefined,
): Promise<void> {
  if (queueUrl !== undefined) {
    const redis = new Redis(queueUrl, { maxRetriesPerRequest: 3 });
    await redis.flushall();
    redis.disconnect();
    return;
  }
  for (const url of databases) {
    await withClient(url, async (client) => {
      const { rows } = await client.query<{ name: string }>(`
        select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname = 'bullmq' and tablename !~ 'migration'`);
      if (rows.length > 0)
        await client.query(`truncate ${rows.map((row) => row.name).join(', ')} cascade`);
    });
  }
}
