/** `registry.hub`: the incarnation that this database has seen. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/** 0 where no hub has opened this database yet. */
export async function seenIncarnation(db: Db): Promise<bigint> {
  const { rows } = await sql<{ incarnation: bigint }>`
    select incarnation from registry.hub`.execute(db);
  return rows[0]?.incarnation ?? 0n;
}

export async function recordIncarnation(db: Db, incarnation: bigint): Promise<void> {
  await sql`insert into registry.hub (incarnation) values (${incarnation})
    on conflict (only_row) do update
      set incarnation = greatest(registry.hub.incarnation, excluded.incarnation)`.execute(db);
}
