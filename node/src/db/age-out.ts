/**
 * What of the intake is deleted for its age, since personal data are kept no longer than needed (Law
 * 91/2025/QH15): rows that are published, that changed nothing, or that newer data replaced. What waits, is
 * refused or was rejected stays, and with it the newer rows of the same person or unit, by which it is known
 * to be old: else it could be published over them. The lines of the imports and the journal stay as well.
 * Nothing does this by itself.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { rowKeys } from './intake.ts';

/** Rows by state, and of how many imports they are. */
export type AgedOut = {
  readonly imports: number;
  readonly states: Readonly<Record<string, number>>;
};

const closedStates = ['published', 'unchanged', 'withdrawn'];

/** Rows `r` of imports `i` that began before the day `YYYY-MM-DD` in Vietnam. */
const aged = (day: string): RawBuilder<unknown> => sql`
  i.id = r.import_id and r.state = any(${closedStates}::text[])
  and i.started_at < ${day}::date::timestamp at time zone 'Asia/Ho_Chi_Minh'
  and ${sql.join(
    rowKeys.map((key) => noOlderOpen(key)),
    sql` and `,
  )}`;

/** No older row that may still be published has the same key as `r`. */
const noOlderOpen = (key: string): RawBuilder<unknown> => sql`not exists (
  select from intake.row o join intake.import w on w.id = o.import_id
  where ${sql.ref(`o.${key}`)} = ${sql.ref(`r.${key}`)} and o.state <> all(${closedStates}::text[])
    and (w.started_at, w.id) < (i.started_at, i.id))`;

export async function countAged(db: Db, day: string): Promise<AgedOut> {
  const { rows } = await sql<{ state: string; rows: number }>`
    select r.state, count(*)::integer as rows from intake.row r, intake.import i
    where ${aged(day)} group by r.state order by r.state`.execute(db);
  const { rows: of } = await sql<{ imports: number }>`
    select count(distinct r.import_id)::integer as imports from intake.row r, intake.import i
    where ${aged(day)}`.execute(db);
  return {
    imports: of[0]?.imports ?? 0,
    states: Object.fromEntries(rows.map((row) => [row.state, row.rows])),
  };
}

export async function deleteAged(db: Db, day: string): Promise<void> {
  await sql`
    with gone as (
      delete from intake.row r using intake.import i where ${aged(day)} returning r.import_id
    )
    update intake.import i set aged_at = now() where i.id in (select import_id from gone)`.execute(
    db,
  );
}
