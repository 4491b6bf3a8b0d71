/**
 * The digests of records as hub and node keep them: brought up to date from what was marked, read as a
 * tree, and checked against the tables. One refresh at a time on each server, behind the lock of
 * `sync.digest_rule`, which is taken before the snapshot; a reader that finds nothing to do takes none.
 * That table says by which rule the digests were made: a new field or policy makes them all anew.
 */
import { sql } from 'kysely';

import {
  bucketRecordsSql,
  createDigestTablesSql,
  digestMade,
  digestTaken,
  type DigestView,
  firstBranchesSql,
  keepDigestsSql,
  makeDigestsSql,
  markAllSql,
  rootSql,
  secondBranchesSql,
  takeDirtySql,
  takenSectionsSql,
  takePageSql,
  unmarkedSql,
} from '../sql/record-digests.ts';
import type { DigestBranch, SectionDigest } from '../wire/messages.ts';
import { type Database, type Db, transaction, type Tx } from './database.ts';
import { sha256 } from './signature.ts';

/** Records taken in one transaction: bounds what a refresh holds, a second of work. */
const takenMax = 20_000;
/** Records looked at in one transaction of a deep check. */
const pageRecords = 20_000;
const gate = 'lock table sync.digest_rule in exclusive mode';
const firstRecord = '00000000-0000-0000-0000-000000000000';

type Views = readonly DigestView[];

/**
 * Runs `read` in a snapshot in which the digests of all views are those of the tables. What was marked
 * before is worked off first, in transactions of bounded size. Undefined where that is not done after
 * `withinMs`: what was done stays, and a later call goes on from there.
 */
export async function withFreshDigests<T>(
  database: Pick<Database, 'pool'>,
  views: Views,
  read: (tx: Tx) => Promise<T>,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<{ readonly value: T } | undefined> {
  const deadline = performance.now() + withinMs;
  const calm = await transaction(
    database,
    async (tx) => ((await anyDue(tx.db, views)) ? undefined : { value: await read(tx) }),
    { isolation: 'repeatable read' },
  );
  if (calm !== undefined) return calm;
  for (;;) {
    const done = await transaction(
      database,
      async (tx) => {
        for (const view of views) await refresh(tx, view);
        return (await anyDue(tx.db, views)) ? undefined : { value: await read(tx) };
      },
      { isolation: 'repeatable read', firstly: gate },
    );
    if (done !== undefined || performance.now() > deadline) return done;
  }
}

async function anyDue(db: Db, views: Views): Promise<boolean> {
  for (const view of views) {
    const { dirty, agency } = view;
    const whose = agency === undefined ? sql`true` : sql`agency = ${agency}`;
    const { rows } = await sql<{ marked: boolean }>`
      select exists (select 1 from ${sql.raw(dirty)} where ${whose}) as marked`.execute(db);
    if (rows[0]?.marked === true || !(await followsRule(db, view))) return true;
  }
  return false;
}

const ruleOf = (view: DigestView): Buffer => sha256(Buffer.from(view.sections.join('\n')));

async function followsRule(db: Db, view: DigestView): Promise<boolean> {
  const { rows } = await sql<{ rule: Buffer }>`
    select rule from sync.digest_rule
    where digests = ${view.digests} and agency = ${view.agency ?? ''}`.execute(db);
  return rows[0]?.rule.equals(ruleOf(view)) === true;
}

/** False where it did already; else all records are marked, which is work enough for one transaction. */
async function followRule({ db, client }: Tx, view: DigestView): Promise<boolean> {
  if (await followsRule(db, view)) return false;
  await client.query(markAllSql(view));
  await sql`insert into sync.digest_rule (digests, agency, rule)
    values (${view.digests}, ${view.agency ?? ''}, ${ruleOf(view)})
    on conflict (digests, agency) do update set rule = excluded.rule`.execute(db);
  return true;
}

async function refresh(tx: Tx, view: DigestView): Promise<void> {
  if (await followRule(tx, view)) return;
  await emptyTables(tx);
  await tx.client.query(takeDirtySql(view, takenMax));
  await make(tx, view);
  await keep(tx, view);
}

async function emptyTables({ client }: Tx): Promise<void> {
  await client.query(createDigestTablesSql);
  await client.query(`delete from ${digestTaken}`);
  await client.query(`delete from ${digestMade}`);
}

async function make({ client }: Tx, view: DigestView): Promise<void> {
  await client.query(`analyze ${digestTaken}`);
  await client.query(makeDigestsSql(view));
}

async function keep({ client }: Tx, view: DigestView): Promise<void> {
  await client.query(`analyze ${digestMade}`);
  for (const statement of keepDigestsSql(view)) await client.query(statement);
}

export type DeepCheck = {
  readonly records: number;
  /** Records whose tables were changed although nothing was marked: somebody switched triggers off. */
  readonly unmarked: number;
  /** The first of them, in order. */
  readonly named: readonly string[];
};

const namedMax = 1_000;

/**
 * Computes the digest of every record from the tables, names those whose kept digest is another though
 * nothing marked them, and mends what is kept. A page of records at a time, each in its own snapshot.
 */
export async function checkDigests(
  database: Pick<Database, 'pool'>,
  view: DigestView,
): Promise<DeepCheck> {
  // what is marked is not yet wrong
  await withFreshDigests(database, [view], async () => undefined);
  let last = firstRecord;
  let records = 0;
  let unmarked = 0;
  const named: string[] = [];
  for (;;) {
    const from = last;
    const page = await transaction(database, (tx) => checkPage(tx, view, from), {
      isolation: 'repeatable read',
      firstly: gate,
    });
    if (page.last === null) return { records, unmarked, named };
    last = page.last;
    records += page.records;
    unmarked += page.unmarked.length;
    named.push(...page.unmarked.slice(0, namedMax - named.length));
  }
}

async function checkPage(
  tx: Tx,
  view: DigestView,
  after: string,
): Promise<{ last: string | null; records: number; unmarked: readonly string[] }> {
  await emptyTables(tx);
  await tx.client.query(takePageSql(view, after, pageRecords));
  await make(tx, view);
  const unmarked = await sql<{ recordId: string }>`${sql.raw(unmarkedSql(view))}`.execute(tx.db);
  const { rows } = await sql<{ last: string | null; records: number }>`
    select (select record_id from ${sql.raw(digestTaken)} order by record_id desc limit 1) as last,
      (select count(*)::integer from ${sql.raw(digestMade)}) as records`.execute(tx.db);
  await keep(tx, view);
  return {
    last: rows[0]?.last ?? null,
    records: rows[0]?.records ?? 0,
    unmarked: unmarked.rows.map((row) => row.recordId),
  };
}

/** The root: number of records and rows, and the digest over all. */
export async function readRoot(db: Db, view: DigestView): Promise<Omit<DigestBranch, 'prefix'>> {
  const { rows } = await sql<DigestBranch>`${sql.raw(rootSql(view))}`.execute(db);
  const [root] = rows;
  if (root === undefined) throw new RangeError('the query of the root gave no row');
  return root;
}

/** The branches below a prefix of no or one byte. */
export async function readBranches(
  db: Db,
  view: DigestView,
  prefix: Uint8Array,
): Promise<readonly DigestBranch[]> {
  const [byte] = prefix;
  const query = byte === undefined ? firstBranchesSql(view) : secondBranchesSql(view, byte);
  const { rows } = await sql<DigestBranch>`${sql.raw(query)}`.execute(db);
  return rows;
}

export type KeptDigest = { readonly recordId: string; readonly digest: Buffer };

/** The records below a prefix of two bytes. */
export async function readBucket(
  db: Db,
  view: DigestView,
  prefix: Uint8Array,
): Promise<readonly KeptDigest[]> {
  const [high = 0, low = 0] = prefix;
  const query = bucketRecordsSql(view, high * 256 + low);
  const { rows } = await sql<KeptDigest>`${sql.raw(query)}`.execute(db);
  return rows;
}

/** The sections of the given records, from the tables; a record without any is not in the map. */
export async function readSections(
  tx: Tx,
  view: DigestView,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SectionDigest[]>> {
  await emptyTables(tx);
  await sql`insert into ${sql.raw(digestTaken)}
    select r.record_id from (${sql.raw(view.records)}) r
    where r.record_id = any(${[...recordIds]}::uuid[])`.execute(tx.db);
  await tx.client.query(`analyze ${digestTaken}`);
  const { rows } = await sql<SectionDigest & { recordId: string }>`
    ${sql.raw(takenSectionsSql(view))}`.execute(tx.db);
  const grouped = Map.groupBy(rows, (row) => row.recordId);
  return new Map(
    Array.from(grouped, ([id, found]) => [
      id,
      found.map(({ section, rows: count, digest }) => ({ section, rows: count, digest })),
    ]),
  );
}
