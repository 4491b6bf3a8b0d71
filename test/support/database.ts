/**
 * Databases and Redis for test files (`*.pg.test.ts` and the system tests). Each file has databases of its own, so files run side by
 * side; a template that many files start from is prepared once in a run, whichever worker comes first, and copied.
 */
import { randomBytes } from 'node:crypto';

import type { Client } from 'pg';
import { inject } from 'vitest';

import {
  createDatabase,
  databaseUrl,
  dropDatabase,
  withClient,
} from '../services/postgres-databases.ts';
import type { ProvidedPostgres } from '../services/provided.ts';

export type TestDatabase = AsyncDisposable & { readonly url: string };

/** The server the tests run on; for what needs more than a database, such as roles. */
export function testPostgres(): ProvidedPostgres {
  return inject('postgres');
}

/** The Redis of this run. Throws, with the command that mends it, where none could be had. */
export function redisUrl(): string {
  const redis = inject('redis');
  if ('unavailable' in redis) throw new Error(redis.unavailable);
  return redis.url;
}

/** A database nobody else uses, empty or a copy of a `templateDatabase`; dropped on dispose, with all connections to it. */
export async function openTestDatabase(
  options: { readonly template?: string } = {},
): Promise<TestDatabase> {
  const { adminUrl, prefix } = testPostgres();
  const name = `${prefix}${randomBytes(6).toString('hex')}`;
  const url = await createDatabase(adminUrl, { name, template: options.template });
  return { url, [Symbol.asyncDispose]: () => dropDatabase(adminUrl, name) };
}

/**
 * The name of a template that `prepare` has filled (migrations, a population), for `openTestDatabase`. The first caller of the run
 * prepares it, all others wait; if that fails, the next caller tries again. `name`: a-z, 0-9 and _, at most 24 characters, one for
 * each way of preparing.
 */
export async function templateDatabase(
  name: string,
  prepare: (url: string) => Promise<void>,
): Promise<string> {
  const { adminUrl, prefix } = testPostgres();
  const template = `${prefix}template_${name}`;
  await withClient(adminUrl, async (client) => {
    // Held by this session and so released even if the worker dies meanwhile.
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [template]);
    if (await exists(client, template)) return;
    // Under another name until it is complete: what a dead worker left half prepared is never taken for the template.
    const making = `${prefix}making_${name}`;
    await dropDatabase(adminUrl, making);
    await createDatabase(adminUrl, { name: making });
    await prepare(databaseUrl(adminUrl, making));
    await disconnectAll(client, making);
    await client.query(`alter database ${making} rename to ${template}`);
  });
  return template;
}

async function exists(client: Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  return rowCount === 1;
}

/**
 * Closes a database for good, even to the server's own autovacuum: one in use can be neither renamed nor copied. Connections that
 * `prepare` has closed may take a moment to be gone.
 */
async function disconnectAll(client: Client, database: string): Promise<void> {
  await client.query(`alter database ${database} allow_connections false`);
  await client.query(
    'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1',
    [database],
  );
}
