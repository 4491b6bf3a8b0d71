/**
 * The code lists that this node took from its feed, and the task that each leaves: to look at the
 * records that hold what the list does not allow. Those in force lie in `catalogue`.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { HeldCodeList } from '../protocol/code-list.ts';

/** Undefined where no version of this list was ever taken. */
export async function newestTaken(db: Db, name: string): Promise<HeldCodeList | undefined> {
  const { rows } = await sql<HeldCodeList>`
    select hub_incarnation, version, body from sync.code_list where name = ${name}
    order by hub_incarnation desc, version desc limit 1`.execute(db);
  return rows[0];
}

export async function storeTaken(
  db: Db,
  taken: {
    readonly hubIncarnation: bigint;
    readonly name: string;
    readonly version: number;
    readonly body: Uint8Array;
    readonly signature: Uint8Array;
  },
): Promise<void> {
  await sql`insert into sync.code_list (hub_incarnation, name, version, body, signature)
    values (${taken.hubIncarnation}, ${taken.name}, ${taken.version}, ${Buffer.from(taken.body)},
      ${Buffer.from(taken.signature)})`.execute(db);
}

/** A task for each of these lists, in the version in force; one that is there begins anew. */
export async function raiseTasks(db: Db, names: readonly string[]): Promise<void> {
  await sql`insert into sync.code_list_task (list, version)
    select name, version from catalogue.code_list where name = any(${names})
    on conflict (list) do update set version = excluded.version, raised_at = now(),
      holders = null, counted_at = null, acknowledged_at = null, acknowledged_by = null`.execute(
    db,
  );
}

export type CodeListTask = {
  readonly list: string;
  readonly version: number;
  readonly raisedAt: Date;
  /** Records that hold a value of the list that was not in force then; null until they are counted. */
  readonly holders: bigint | null;
  readonly countedAt: Date | null;
};

/** What nobody has acknowledged yet, in order of list. */
export async function openTasks(db: Db): Promise<readonly CodeListTask[]> {
  const { rows } = await sql<CodeListTask>`
    select list, version, raised_at, holders, counted_at from sync.code_list_task
    where acknowledged_at is null order by list collate "C"`.execute(db);
  return rows;
}

export type TaskCount = Pick<CodeListTask, 'list' | 'version'> & { readonly records: bigint };

/**
 * Notes how many records hold something; a task of a list that none does is done and goes. A task of
 * another version was raised since, and is counted the next time.
 */
export async function settleTasks(db: Db, counts: readonly TaskCount[]): Promise<void> {
  await sql`with counted as (
      select list, version, records from unnest(${counts.map((one) => one.list)}::text[],
        ${counts.map((one) => one.version)}::integer[],
        ${counts.map((one) => one.records)}::bigint[]) as c (list, version, records)),
    done as (
      delete from sync.code_list_task t using counted c
      where t.list = c.list and t.version = c.version and c.records = 0)
    update sync.code_list_task t set holders = c.records, counted_at = now()
    from counted c where t.list = c.list and t.version = c.version and c.records > 0`.execute(db);
}

/** False where there is no such open task. */
export async function acknowledgeTask(db: Db, list: string, by: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update sync.code_list_task
    set acknowledged_at = now(), acknowledged_by = ${by}
    where list = ${list} and acknowledged_at is null`.execute(db);
  return numAffectedRows === 1n;
}

export type ListOverview = {
  readonly name: string;
  readonly version: number;
  readonly vi: string;
  readonly entries: number;
  /** Entries that are in force today. */
  readonly inForce: number;
  /** Whether the version in force came from the hub, and not with the software. */
  readonly published: boolean;
};

/** Every list, in order of name. `today` is `YYYY-MM-DD`. */
export async function listCodeLists(db: Db, today: string): Promise<readonly ListOverview[]> {
  const { rows } = await sql<ListOverview>`
    select l.name, l.version, l.name_vi as vi, count(v.code)::integer as entries,
      (count(v.code) filter (where ${today} collate "C" between v.valid_from and v.valid_to))::integer
        as in_force,
      exists (select from sync.code_list t where t.name = l.name and t.version = l.version)
        as published
    from catalogue.code_list l
    left join catalogue.code_value v on v.list = l.name
    group by l.name, l.version, l.name_vi order by l.name collate "C"`.execute(db);
  return rows;
}
