/** Queries on a copy of this hub's database, and on what of ours is known to be in one. */
import { type Database, type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/** Whether both are connections to one and the same database: a lock taken here is seen there. */
export async function isSameDatabase(own: Database, copy: Database): Promise<boolean> {
  return transaction(own, async ({ db }) => {
    const { rows } = await sql<{ key: number; at: number }>`
      with made as (select (random() * 2000000000)::integer as key)
      select key, pg_backend_pid() as at, pg_advisory_xact_lock(key, 1) from made`.execute(db);
    const [lock] = rows;
    const { rows: seen } = await sql`select 1 from pg_locks
      where locktype = 'advisory' and classid = ${lock?.key} and objid = 1 and pid = ${lock?.at}
        and database = (select oid from pg_database where datname = current_database())`.execute(
      copy.db,
    );
    return seen.length > 0;
  });
}

export type SafeUnit = {
  readonly agency: string;
  readonly safeSeq: bigint;
  readonly appliedSeq: bigint;
};

export async function safeUnits(db: Db): Promise<readonly SafeUnit[]> {
  const { rows } = await sql<SafeUnit>`
    select agency, safe_seq, applied_seq from registry.unit order by agency`.execute(db);
  return rows;
}

/** The newest batch of the unit in the archive there; 0 where there is none. */
export async function newestCopied(copy: Db, agency: string): Promise<bigint> {
  const { rows } = await sql<{ seq: bigint | null }>`
    select max(seq) as seq from sync.inbox where agency = ${agency}`.execute(copy);
  return rows[0]?.seq ?? 0n;
}

/** It never falls, and never passes what is applied here. */
export async function raiseSafe(db: Db, agency: string, safeSeq: bigint): Promise<void> {
  await sql`update registry.unit set safe_seq = least(${safeSeq}, applied_seq)
    where agency = ${agency} and safe_seq < least(${safeSeq}, applied_seq)`.execute(db);
}
