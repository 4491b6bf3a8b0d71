/**
 * A hub for one test: a migrated database for itself, real keys and authority, a clock that the test
 * may move, and a log that is kept in memory. Queues are not opened: the doorbell notes who rang.
 * The tests of a file get each other's databases, emptied: making one takes longer than most tests.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { type Database, openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { type LogLevel, logTo } from '@lienthong/shared-schema/runtime/log.ts';
import { afterAll } from 'vitest';

import { createHubFiles, type HubFiles, openHubFiles } from '../../hub/src/hub-files.ts';
import { migrateHub } from '../../hub/src/hub.ts';
import { type Authority, openAuthority } from '../../hub/src/pki/authority.ts';
import type { HubContext } from '../../hub/src/sync/context.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestDatabase, templateDatabase } from './database.ts';
import { preparedFolder } from './prepared-folder.ts';

export type TestHub = AsyncDisposable &
  HubContext & {
    readonly url: string;
    readonly files: HubFiles;
    readonly authority: Authority;
    /** `hub.now()` answers this. */
    readonly clock: { now: Date };
    /** Agencies for which the apply queue was rung, in order. */
    readonly rings: readonly string[];
    /** Every line logged so far. */
    readonly logged: () => string;
  };

const migrated = (): Promise<string> =>
  templateDatabase('hub', async (url) => {
    await using database = openDatabase(url, { max: 2, applicationName: 'template' });
    await migrateHub(database);
  });

type Place = AsyncDisposable & { readonly url: string; readonly database: Database };

async function openPlace(): Promise<Place> {
  const made = await openTestDatabase({ template: await migrated() });
  const database = openDatabase(made.url, { max: 12, applicationName: 'test hub' });
  return {
    url: made.url,
    database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}

function openGiven(url: string): Place {
  const database = openDatabase(url, { max: 12, applicationName: 'test hub' });
  return { url, database, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** Databases of this test file that are empty again and wait for the next test. */
const idle: Place[] = [];

afterAll(async () => {
  await Promise.all(idle.splice(0).map((place) => place[Symbol.asyncDispose]()));
});

/** Empties every table but those of the catalogue; what a test created beside them stays. */
async function emptyTables({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ statement: string }>(
    `select format('delete from %I.%I', schemaname, tablename) as statement from pg_tables
     where schemaname in ('national', 'reference', 'registry', 'sync')`,
  );
  const statements = rows.map((row) => row.statement);
  // as on a replica: no trigger looks for the rows that others refer to; those of the digests run
  // there too, so what they note of the first round goes in the second
  const replica = 'set local session_replication_role = replica';
  await pool.query(['begin', replica, ...statements, ...statements, 'commit'].join(';'));
}

type Keys = { readonly files: HubFiles; readonly authority: Authority };

async function openKeys(): Promise<Keys> {
  const folder = await preparedFolder('hub', (directory) =>
    createHubFiles({ directory, hosts: ['localhost', '127.0.0.1'], now: new Date() }),
  );
  return { files: await openHubFiles(folder), authority: await openAuthority(folder) };
}

let keys: Promise<Keys> | undefined;

/** Making the keys takes longer than most tests, so all hubs of a run share theirs. */
function sharedKeys(): Promise<Keys> {
  keys ??= openKeys();
  return keys;
}

export type TestHubOptions = {
  readonly now?: Date;
  readonly logLevel?: LogLevel;
  /** A database that is there already, such as a restored backup; it stays as it is in the end. */
  readonly url?: string;
  /** The folder of another test hub, whose files outlive the database. */
  readonly dataDirectory?: string;
  readonly incarnation?: bigint;
};

export async function openTestHub(options: TestHubOptions = {}): Promise<TestHub> {
  const { files, authority } = await sharedKeys();
  const given = options.url === undefined ? undefined : openGiven(options.url);
  const place = given ?? idle.pop() ?? (await openPlace());
  const { database } = place;
  const folder = await openScratch();
  const clock = { now: options.now ?? new Date() };
  const rings: string[] = [];
  const lines: string[] = [];
  return {
    url: place.url,
    files,
    authority,
    clock,
    rings,
    logged: () => lines.join(''),
    database,
    incarnation: options.incarnation ?? files.incarnation,
    dataDirectory: options.dataDirectory ?? folder.path,
    audience: files.audience,
    signingKey: files.signingKey,
    bundleKey: files.bundleKey,
    now: () => clock.now,
    wakeApply: async (agency) => void rings.push(agency),
    log: logTo({ write: (line) => void lines.push(line) }, 'hub', options.logLevel ?? 'debug'),
    async [Symbol.asyncDispose]() {
      if (given !== undefined) {
        await folder[Symbol.asyncDispose]();
        return given[Symbol.asyncDispose]();
      }
      await folder[Symbol.asyncDispose]();
      const { rowCount } = await database.pool.query('select from sync.code_list limit 1');
      if (rowCount === 0) {
        await emptyTables(database);
        idle.push(place);
      } else {
        // its code lists are others than those of a new one
        await place[Symbol.asyncDispose]();
      }
    },
  };
}

/** The rows of a query, each as its values in order. */
export async function rowsOf(
  hub: TestHub,
  query: string,
): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await hub.database.pool.query<unknown[]>({ text: query, rowMode: 'array' });
  return rows;
}

/** Returns once some connection to the hub's database waits for a lock. */
export async function untilWaiting(hub: TestHub): Promise<void> {
  const waiting = `select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await rowsOf(hub, waiting)).length === 0) await sleep(5);
}

/** What is held back: last digits of the record, then its faults as `field code`. */
export async function heldFaults(
  hub: TestHub,
  agency: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows } = await hub.database.pool.query<{ n: string; faults: string[] }>(
    `select ltrim(right(h.record_id::text, 12), '0') as n,
        array_agg(trim(f.field || ' ' || f.code) order by f.section, f.field, f.code) as faults
      from sync.held_record h left join sync.held_fault f using (agency, record_id)
      where h.agency = $1 group by h.record_id order by h.record_id`,
    [agency],
  );
  return Object.fromEntries(rows.map(({ n, faults }) => [n, faults]));
}
