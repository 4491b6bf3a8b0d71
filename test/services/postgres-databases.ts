/**
 * Databases of a server as the tests and the demo use them: made, cloned and dropped by an administrator's URL. Every name begins
 * with `lienthong_`, so that on a server which serves others too nothing else can ever be dropped.
 */
import assert from 'node:assert';

import { Client } from 'pg';

const OWN_NAME = /^lienthong_[a-z0-9_]{1,53}$/;

/** The URL of another database of the same server, as the same user. */
export function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // Without a listener a connection that the server ends between two queries would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Makes a database, empty or a copy of `template` (nobody may be connected to that), and returns its URL. */
export async function createDatabase(
  adminUrl: string,
  options: { readonly name: string; readonly template?: string | undefined },
): Promise<string> {
  assertOwnName(options.name);
  const template = options.template ?? 'template0';
  if (template !== 'template0') assertOwnName(template);
  await withClient(adminUrl, async (client) => {
    await client.query(`create database ${options.name} template ${template}`);
  });
  return databaseUrl(adminUrl, options.name);
}

/** Drops a database if it is there, and ends whatever is still connected to it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  assertOwnName(name);
  await withClient(adminUrl, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
  });
}

/** Drops every database whose name begins with `prefix`. */
export async function dropDatabases(adminUrl: string, prefix: string): Promise<void> {
  assertOwnName(prefix);
  const names = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    return rows.map((row) => row.datname);
  });
  await Promise.all(names.map((name) => dropDatabase(adminUrl, name)));
}

function assertOwnName(name: string): void {
  assert(
    OWN_NAME.test(name),
    `the name of a test database begins with lienthong_, not so: ${name}`,
  );
}
