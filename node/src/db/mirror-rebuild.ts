/**
 * Making the mirror anew from the feed of a restored hub: positions of the former feed mean nothing
 * there. Readers see the mirror whole meanwhile; what the feed does not bring goes at its end.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

export async function beginMirrorRebuild(db: Db, hubIncarnation: bigint): Promise<void> {
  await sql`delete from sync.mirror_seen`.execute(db);
  await sql`update sync.feed_position set cursor = 0, hub_incarnation = ${hubIncarnation},
    rebuilding = true`.execute(db);
}

/** Notes the staged records that exist at the hub; nothing to do while no rebuild is under way. */
export async function noteMirrored(db: Db): Promise<void> {
  await sql`insert into sync.mirror_seen (record_id)
    select m.record_id from ${sql.raw(stageRecord)} m, sync.feed_position p
    where p.rebuilding and m.op = 'U'
    on conflict do nothing`.execute(db);
}

/**
 * Ends the rebuild if the cursor is where the feed ended. Returns the number of records removed, or
 * undefined where no rebuild was under way.
 */
export async function endMirrorRebuild(db: Db, feedHead: bigint): Promise<number | undefined> {
  const { rows } = await sql<{ due: boolean }>`
    select rebuilding and cursor >= ${feedHead} as due from sync.feed_position
    for update`.execute(db);
  if (rows[0]?.due !== true) return undefined;
  const { numAffectedRows } = await sql`delete from national.record r
    where not exists (select 1 from sync.mirror_seen s where s.record_id = r.record_id)`.execute(
    db,
  );
  await sql`delete from sync.mirror_seen`.execute(db);
  await sql`update sync.feed_position set rebuilding = false`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
