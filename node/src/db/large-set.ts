/**
 * Statements about many rows whose numbers the planner cannot know: keys in temporary tables, records that
 * were written a moment ago. It takes them for a handful and compares each with each; a publication of
 * 10,000 rows took 50 s so, and takes 3 s by hash joins.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/** From this many rows on a table is read whole rather than looked up row by row. */
export const largeSet = 200;

/** Runs `work` in a transaction of the caller, planned for many rows where there are that many. */
export async function plannedFor<T>(db: Db, rows: number, work: () => Promise<T>): Promise<T> {
  if (rows < largeSet) return await work();
  await sql`set local enable_nestloop = off`.execute(db);
  const result = await work();
  await sql`set local enable_nestloop = on`.execute(db);
  return result;
}
