/** Backups of databases, taken while their programs run: each is a database of its own. */
import { withClient } from '../services/postgres-databases.ts';
import { openTestDatabase, type TestDatabase, testPostgres } from './database.ts';

/** A copy of the database as it is now. Its programs lose their connections, and get new ones. */
export async function backupOf(url: string): Promise<TestDatabase> {
  const template = new URL(url).pathname.replace('/', '');
  return withClient(testPostgres().adminUrl, async (client) => {
    await client.query(`alter database ${template} allow_connections false`);
    try {
      await client.query(
        'select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1',
        [template],
      );
      return await openTestDatabase({ template });
    } finally {
      await client.query(`alter database ${template} allow_connections true`);
    }
  });
}
