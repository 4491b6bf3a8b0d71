/**
 * What a batch says of its changes, kept so that the hub can say how late each came. A note is a word of
 * the unit on its own data: one that does not have the form is left out and refuses nothing.
 */
import { changeNotePattern } from '@lienthong/shared-schema/calendar/change-note.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

const staged = sql.raw(stageRecord);

/** After the outcomes are settled, in the transaction of the batch. */
export async function noteChanges(
  db: Db,
  { agency, seq }: { readonly agency: string; readonly seq: bigint },
): Promise<void> {
  await sql`insert into sync.change
      (agency, record_id, section, version, kind, event_on, noted_on, seq)
    select ${agency}, m.record_id, split_part(c.note, ':', 1)::smallint, m.version,
      split_part(c.note, ':', 2), split_part(c.note, ':', 3), split_part(c.note, ':', 4), ${seq}
    from ${staged} m cross join lateral unnest(m.changes) as c (note)
    where m.op = 'U' and m.outcome in ('apply', 'refuse') and c.note ~ ${changeNotePattern}
    on conflict do nothing`.execute(db);
  await sql`update sync.change c
    set arrived_on = to_char(b.received_at at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')
    from ${staged} m, sync.inbox b
    where c.agency = ${agency} and c.record_id = m.record_id and c.version <= m.version
      and c.arrived_on is null and m.outcome = 'apply' and m.op = 'U'
      and b.agency = ${agency} and b.seq = ${seq}`.execute(db);
  // of a record that is gone nothing is due
  await sql`delete from sync.change c using ${staged} m
    where c.agency = ${agency} and c.record_id = m.record_id and c.arrived_on is null
      and m.outcome = 'apply' and m.op = 'D'`.execute(db);
}
