/**
 * The rows that one publication is about, in a temporary table of their keys: what record each is of,
 * and why it is held back. The tables of a publication stay with the connection and are emptied by each
 * commit, so that the publication of one packet makes no table anew.
 */
import type { RecordKind } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { largeSet } from './large-set.ts';

/** `row` as the file numbers it. */
export type RowKey = { readonly sheet: string; readonly row: number };

const tables: readonly string[] = [
  // known: its record was there before; closed: and is of nobody who works here now
  `publish_pick (
    sheet text not null, row_no integer not null, kind text not null, action text not null,
    section text, unit_code text, pin text, carries jsonb not null,
    record_id uuid, known boolean not null default false, closed boolean not null default false,
    held text, primary key (sheet, row_no))`,
  // list: the list section that was changed; empty for all other sections
  'publish_changed (record_id uuid not null, list text not null)',
  'publish_list (record_id uuid not null, section text not null, primary key (record_id, section))',
  `publish_list_row (
    record_id uuid not null, section text not null, ordinal integer not null, value jsonb not null)`,
  'publish_differing (record_id uuid not null, section text not null)',
];

/** How many rows of which kind were picked: what there is none of needs no statement. */
export type Picked = {
  readonly rows: number;
  readonly units: number;
  readonly people: number;
  readonly listRows: number;
  readonly removals: number;
};

/** Takes the waiting rows that are asked for, by default all; of a row of a list the whole list. */
export async function pickRows(
  db: Db,
  importId: string,
  rows: readonly RowKey[] | undefined,
): Promise<Picked> {
  for (const table of tables) {
    await sql`create temporary table if not exists ${sql.raw(table)} on commit delete rows`.execute(
      db,
    );
  }
  // an earlier publication of the same transaction has left its rows
  await sql`delete from pg_temp.publish_pick`.execute(db);
  await sql`delete from pg_temp.publish_changed`.execute(db);
  const { rows: counts } = await sql<Picked>`
    with picked as (
    insert into pg_temp.publish_pick
      (sheet, row_no, kind, action, section, unit_code, pin, carries, record_id)
    select r.sheet, r.row_no, r.kind, r.action, r.section, r.unit_code, r.pin, r.carries, r.record_id
    from intake.row r
    where r.import_id = ${importId} and r.state = 'waiting' and ${asked(importId, rows)}
    returning kind, action)
    select count(*)::integer as rows,
      (count(*) filter (where kind = 'unit'))::integer as units,
      (count(*) filter (where kind = 'person'))::integer as people,
      (count(*) filter (where kind = 'list-row'))::integer as list_rows,
      (count(*) filter (where action = 'remove'))::integer as removals
    from picked`.execute(db);
  return counts[0] ?? { rows: 0, units: 0, people: 0, listRows: 0, removals: 0 };
}

/** For the planner; a handful of rows is published faster than looked over. */
export async function analyzePicks(db: Db, { rows }: Picked): Promise<void> {
  if (rows < largeSet) return;
  await sql`analyze pg_temp.publish_pick, pg_temp.publish_changed`.execute(db);
}

export async function analyzeLists(db: Db, { rows }: Picked): Promise<void> {
  if (rows < largeSet) return;
  await sql`analyze pg_temp.publish_list, pg_temp.publish_list_row`.execute(db);
}

/** Whether a row `r` is one of the keys, or of the same list as one of them. */
export function asked(importId: string, rows: readonly RowKey[] | undefined): RawBuilder<unknown> {
  if (rows === undefined) return sql`true`;
  const sheets = rows.map((one) => one.sheet);
  const numbers = rows.map((one) => one.row);
  const keys = sql`select a.sheet, a.row_no
    from unnest(${sheets}::text[], ${numbers}::integer[]) as a (sheet, row_no)`;
  return sql`(
    (r.sheet, r.row_no) in (${keys})
    or r.kind = 'list-row' and (r.pin, r.section) in (
      select o.pin, o.section from intake.row o
      where o.import_id = ${importId} and o.kind = 'list-row' and (o.sheet, o.row_no) in (${keys})))`;
}

export const rowKind = { org_unit: 'unit', person: 'person' } as const;

/** The picks `p` that write records of this kind, with their rows `r`; a condition may follow. */
export function publishable(importId: string, kind: RecordKind): RawBuilder<unknown> {
  return sql`pg_temp.publish_pick p
    join intake.row r on r.import_id = ${importId} and r.sheet = p.sheet and r.row_no = p.row_no
    where p.kind = ${rowKind[kind]} and p.action = 'put' and p.held is null
      and p.record_id is not null`;
}
