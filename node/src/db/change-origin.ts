/**
 * Who says what the triggers capture: the unit's own systems have another due day than everybody else
 * (Decree 27/2026/NĐ-CP art. 19). It is said for the rest of the transaction; plain SQL says nothing.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/** What follows is of the source of an import: of a program of the unit, or from elsewhere. */
export async function sayOrigin(db: Db, importId: string): Promise<void> {
  // a correction comes from a national database through the hub
  await sql`select set_config('lienthong.origin', coalesce((
      select 's' from intake.import i join intake.source s on s.name = i.source
      where i.id = ${importId} and s.kind in ('packet', 'api') and s.name <> 'correction'), ''),
    true)`.execute(db);
}

export async function sayNoOrigin(db: Db): Promise<void> {
  await sql`select set_config('lienthong.origin', '', true)`.execute(db);
}
