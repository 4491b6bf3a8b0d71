/**
 * Statements about rows whose numbers the planner cannot know: keys in temporary tables, records that were
 * written a moment ago. Many it takes for a handful and compares each with each; a publication of 10,000
 * rows took 50 s so, and takes 3 s by hash joins. A handful it takes for many, where a table was never
 * analysed, and reads the table whole: a packet at a node of 20,000 people took 70,000 rows so.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/** From this many rows on a table is read whole rather than looked up row by row. */
export const largeSet = 200;

/** Runs `work` in a transaction of the caller, planned for as many rows as there are. */
export async function plannedFor<T>(db: Db, rows: number, work: () => Promise<T>): Promise<T> {
  const avoided = sql.raw(rows < largeSet ? 'enable_seqscan' : 'enable_nestloop');
  await sql`set local ${avoided} = off`.execute(db);
  const result = await work();
  await sql`set local ${avoided} = on`.execute(db);
  return result;
}
