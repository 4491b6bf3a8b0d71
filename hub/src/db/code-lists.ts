/**
 * Code lists at the hub: those in force lie in `catalogue`, every version that was published is kept,
 * signed, in `sync.code_list`. Whoever judges by them shares a lock that a publication takes alone,
 * so that no record is refused by a list that has just been replaced and then forgotten.
 */
import { type Db, lockName } from '@lienthong/shared-schema/runtime/database.ts';
import type { SignedBody } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

const codeListsLock = 'code lists';

/** For a transaction that judges: the lists in force stay so until it ends. */
export async function keepCodeLists(db: Db): Promise<void> {
  await lockName(db, codeListsLock, 'share');
}

/** For the transaction that replaces a list: waits for all who judge by it. */
export async function holdCodeLists(db: Db): Promise<void> {
  await lockName(db, codeListsLock, 'wait');
}

export async function storePublished(
  db: Db,
  list: {
    readonly name: string;
    readonly version: number;
    readonly body: Uint8Array;
    readonly signature: Uint8Array;
    readonly asOf: string;
  },
): Promise<void> {
  await sql`insert into sync.code_list (name, version, body, signature, as_of)
    values (${list.name}, ${list.version}, ${Buffer.from(list.body)},
      ${Buffer.from(list.signature)}, ${list.asOf})`.execute(db);
}

/** The newest published version of each of these lists, in order of name. */
export async function newestPublished(
  db: Db,
  names: readonly string[],
): Promise<readonly SignedBody[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<SignedBody>`
    select distinct on (name) body, signature from sync.code_list
    where name = any(${names}) order by name, version desc`.execute(db);
  return rows;
}

/** Puts the newest version of each published list on the feed of a unit, unless it was told of it. */
export async function tellCodeLists(db: Db, agency: string): Promise<void> {
  await keepCodeLists(db);
  await sql`with due as (
      select distinct on (l.name) l.name, l.version from sync.code_list l
      order by l.name, l.version desc),
    untold as (
      select d.name, d.version, row_number() over (order by d.name) as n from due d
      where not exists (select from sync.feed_entry e
        where e.agency = ${agency} and e.kind = 'code-list' and e.version = d.version
          and e.body = convert_to(d.name, 'UTF8'))),
    moved as (
      update registry.unit set feed_head = feed_head + (select count(*) from untold)
      where agency = ${agency} returning feed_head - (select count(*) from untold) as base)
    insert into sync.feed_entry (agency, position, kind, version, body)
    select ${agency}, m.base + u.n, 'code-list', u.version, convert_to(u.name, 'UTF8')
    from untold u cross join moved m`.execute(db);
}

export type FieldKey = { readonly section: number; readonly field: string };

/**
 * Asks every unit for the records that are held back for a code in one of these fields: the new list
 * may know it. Returns the number of records.
 */
export async function askForHeld(db: Db, fields: readonly FieldKey[]): Promise<number> {
  const { numAffectedRows } = await sql`with due as (
      select distinct f.agency, f.record_id from sync.held_fault f
      join unnest(${fields.map((one) => one.section)}::smallint[],
        ${fields.map((one) => one.field)}::text[]) as c (section, field)
        on c.section = f.section and c.field = f.field
      where f.code in ('code_unknown', 'code_not_valid_then')),
    moved as (
      update registry.unit u set feed_head = feed_head + d.records
      from (select agency, count(*) as records from due group by agency) d
      where u.agency = d.agency returning u.agency, u.feed_head - d.records as base)
    insert into sync.feed_entry (agency, position, kind, record_id)
    select d.agency, m.base + row_number() over (partition by d.agency order by d.record_id),
      'resend', d.record_id
    from due d join moved m on m.agency = d.agency`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export type ListOverview = {
  readonly name: string;
  readonly version: number;
  readonly vi: string;
  readonly entries: number;
  /** Entries that are in force today. */
  readonly inForce: number;
  /** The day of publication; null where the version in force came with the software. */
  readonly publishedOn: string | null;
};

/** Every list, in order of name. `today` is `YYYY-MM-DD`. */
export async function listCodeLists(db: Db, today: string): Promise<readonly ListOverview[]> {
  const { rows } = await sql<ListOverview>`
    select l.name, l.version, l.name_vi as vi, count(v.code)::integer as entries,
      (count(v.code) filter (where ${today} collate "C" between v.valid_from and v.valid_to))::integer
        as in_force,
      p.as_of as published_on
    from catalogue.code_list l
    left join catalogue.code_value v on v.list = l.name
    left join sync.code_list p on p.name = l.name and p.version = l.version
    group by l.name, l.version, l.name_vi, p.as_of order by l.name collate "C"`.execute(db);
  return rows;
}
