/** Repair of the hub: records go into the change log again, for the next seal to send them whole. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type HubRecord = {
  readonly recordId: string;
  /** 0 and 0: the hub does not have it. */
  readonly hubKind: number;
  readonly hubVersion: bigint;
};

/**
 * Puts the records into the log. What the hub has and this node has not becomes a tombstone; the
 * version is raised above the hub's, so that it counts there. A record that was deleted here, is gone
 * at the hub, and lies in the tables again without a captured change, is left out: nothing that was
 * deleted comes back by a repair. Returns those left out.
 */
export async function logForRepair(
  db: Db,
  records: readonly HubRecord[],
): Promise<readonly string[]> {
  const list = sql`unnest(${records.map((one) => one.recordId)}::uuid[],
    ${records.map((one) => one.hubKind)}::smallint[],
    ${records.map((one) => one.hubVersion.toString())}::bigint[]) as h (record_id, kind, version)`;
  await sql`insert into sync.record (record_id, kind, version, present)
    select h.record_id, h.kind, h.version, true from ${list} where h.kind > 0
    on conflict (record_id) do update
      set version = greatest(sync.record.version, excluded.version), present = true`.execute(db);
  const { rows: deleted } = await sql<{ recordId: string }>`
    select k.record_id from sync.record k join ${list} on h.record_id = k.record_id
    where not k.present order by k.record_id`.execute(db);
  await sql`insert into sync.change_log (record_id, section)
    select h.record_id, 0 from ${list}
    where not exists (
      select 1 from sync.record k where k.record_id = h.record_id and not k.present)`.execute(db);
  return deleted.map((row) => row.recordId);
}
