/**
 * Connections and transactions. Everything that runs SQL gets a `Kysely` (or a `Tx`) from here.
 *
 * `date` stays a string, `bigint` becomes a bigint, results come in camel case. A transaction is
 * retried where PostgreSQL says that trying again may help; nothing else is retried here.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { CamelCasePlugin, Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely';
import pg from 'pg';

/** The tables are described by their migrations; queries state the shape of what they return. */
export type Db = Kysely<unknown>;

export type Database = AsyncDisposable & {
  readonly db: Db;
  readonly pool: pg.Pool;
};

/** A transaction: `db` runs queries in it, `client` is the same connection for COPY. */
export type Tx = {
  readonly db: Db;
  readonly client: pg.PoolClient;
};

export type DatabaseOptions = {
  /** Connections at most. */
  readonly max: number;
  readonly applicationName: string;
};

/** `YYYY-MM-DD` stays text: local midnight in Hanoi before 1975 is another day in today's zone. */
const dateOid = 1082;
const int8Oid = 20;

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary' && oid === dateOid) return (value: string) => value;
    if (format !== 'binary' && oid === int8Oid) return (value: string) => BigInt(value);
    return format === 'binary'
      ? pg.types.getTypeParser(oid, 'binary')
      : pg.types.getTypeParser(oid, 'text');
  },
};

/** Pinned renderings: the same row has the same bytes on every server, version and locale. */
const renderings = '-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex';

/**
 * Statements that follow from the catalogue have more than a thousand expressions, and PostgreSQL
 * would compile them again each time: 50 s for one that runs in less than a second.
 */
const planning = '-c jit=off';

/** Whatever the cluster's default: a receipt, a nonce, an epoch count on what a commit has said. */
const durability = '-c synchronous_commit=on';

/** What a URL says itself would replace what is pinned here: of two options the last one counts. */
function pinned(url: string): Pick<pg.PoolConfig, 'connectionString' | 'options'> {
  const parsed = new URL(url);
  const given = parsed.searchParams.get('options') ?? '';
  parsed.searchParams.delete('options');
  parsed.searchParams.delete('client_encoding');
  return {
    connectionString: parsed.href,
    options: `${given} ${renderings} ${planning} ${durability}`,
  };
}

export function openDatabase(url: string, options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...pinned(url),
    max: options.max,
    application_name: options.applicationName,
    client_encoding: 'UTF8',
    types,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
  });
  // an idle connection that breaks is replaced by the pool; the next query says what is wrong
  pool.on('error', () => undefined);
  // one that breaks in use fails its query, and besides emits an event that would end the process
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = kyselyOver(pool);
  return {
    db,
    pool,
    async [Symbol.asyncDispose]() {
      await db.destroy();
      // Kysely ends the pool only if it has run a query itself; transactions here go past it
      if (!pool.ended) await pool.end();
    },
  };
}

function kyselyOver(pool: PostgresPool): Db {
  return new Kysely<unknown>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}

export type TransactionOptions = {
  readonly isolation?: 'read committed' | 'repeatable read';
  /** A statement that takes no snapshot (`lock table …`), run before the first query. */
  readonly firstly?: string;
};

/** serialization failure, deadlock, lock not available: the same work may succeed in a moment. */
const retryDelaysMs: Readonly<Record<string, readonly number[]>> = {
  '40001': [10, 40, 160, 640],
  '40P01': [10, 40, 160, 640],
  '55P03': [50, 200, 800],
};

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function transaction<T>(
  { pool }: Pick<Database, 'pool'>,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await runOnce(pool, work, options);
    } catch (error) {
      const delay = retryDelaysMs[sqlState(error) ?? '']?.[attempt];
      if (delay === undefined) throw error;
      await sleep(delay * (0.5 + Math.random()));
    }
  }
}

async function runOnce<T>(
  pool: pg.Pool,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    await client.query(`begin isolation level ${options.isolation ?? 'read committed'}`);
    if (options.firstly !== undefined) await client.query(options.firstly);
    const result = await work({ db: dbOver(client), client });
    await client.query('commit');
    return result;
  } catch (error) {
    failure = error;
    await client.query('rollback').catch((broken: unknown) => {
      failure = new Error('the transaction failed and its connection is lost', { cause: broken });
    });
    throw error;
  } finally {
    // a connection whose rollback failed, or that a COPY left half-way, is not used again
    client.release(failure instanceof Error && failure.cause !== undefined ? failure : undefined);
  }
}

/** A Kysely over one connection that somebody else opened and will release. */
function dbOver(client: pg.PoolClient): Db {
  const borrowed = new Proxy(client, {
    get(target, name) {
      if (name === 'release') return () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return kyselyOver({
    connect: async () => borrowed,
    end: async () => undefined,
    options: {},
  });
}

/** Throws where the database cannot be asked. */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}

/**
 * A lock of this name until the transaction ends; `try` leaves at once where somebody has it, `share`
 * waits only for those who have it alone.
 */
export async function lockName(
  db: Db,
  name: string,
  how: 'wait' | 'try' | 'share',
): Promise<boolean> {
  if (how === 'share') {
    await sql`select pg_advisory_xact_lock_shared(hashtextextended(${name}, 0))`.execute(db);
    return true;
  }
  if (how === 'wait') {
    await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db);
    return true;
  }
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`.execute(db);
  return rows[0]?.locked === true;
}

/** The SQLSTATE of an error of PostgreSQL, such as `23505`. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
