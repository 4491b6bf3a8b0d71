/**
 * When a page of the feed has been written: changes whose record is in the mirror at their version, or a
 * newer one, have arrived at the hub. One that the hub took at once arrived with the receipt of its
 * batch; one that it refused first on the day on which the node learns that it was taken.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { hanoiDayOf } from './live-since.ts';

/** After the verdicts of the page are stored. */
export async function settleChanges(db: Db): Promise<void> {
  await sql`update sync.change c set arrived_on = ${hanoiDayOf(sql`coalesce(
      case when not exists (
        select from sync.verdict v where v.record_id = c.record_id and v.version = c.version)
      then (select b.receipted_at from sync.outbox_batch b where b.seq = c.seq) end,
      now())`)}
    from ${sql.raw(stageRecord)} m
    where m.record_id = c.record_id and m.op = 'U' and m.version >= c.version
      and c.arrived_on is null`.execute(db);
}
