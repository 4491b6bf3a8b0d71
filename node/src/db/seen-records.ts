/**
 * The records of open rows as they were when the rows were judged: a tag with each row. A record that is
 * another by the time of the publication is told to the reviewer.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { plannedFor } from './large-set.ts';
import { asked, type RowKey } from './publish-pick.ts';
import { recordsOfPins } from './record-of-pin.ts';
import { recordTags } from './record-tags.ts';

/** Rows `r` of the import that meet the condition, with the record that each is of. */
const recordsOf = (importId: string, condition: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  with open as materialized (
    select r.sheet, r.row_no, r.kind, r.pin, r.unit_code, r.record_id, r.record_tag
    from intake.row r where r.import_id = ${importId} and ${condition}
  ), named as (
    ${recordsOfPins(sql`select pin from open where kind <> 'unit'`)}
  )
  select o.sheet, o.row_no, o.record_tag, coalesce(o.record_id, u.record_id, n.record_id) as record_id
  from open o
  left join profile.org_unit u on o.kind = 'unit' and u.code = o.unit_code
  left join named n on o.kind <> 'unit' and n.pin = o.pin`;

/** Keeps with each open row what its record is now. */
export async function noteRecordTags(db: Db, importId: string): Promise<void> {
  const { rows } = await sql<{ open: number }>`
    select count(*)::integer as open from intake.row
    where import_id = ${importId} and state in ('waiting', 'refused')`.execute(db);
  await plannedFor(db, rows[0]?.open ?? 0, () => writeTags(db, importId));
}

async function writeTags(db: Db, importId: string): Promise<void> {
  await sql`
    with open as materialized (
      ${recordsOf(importId, sql`r.state in ('waiting', 'refused')`)}
    ), tags as materialized (${recordTags(sql`select record_id from open`)})
    update intake.row r set record_tag = t.tag
    from open o left join tags t on t.record_id = o.record_id
    where r.import_id = ${importId} and r.sheet = o.sheet and r.row_no = o.row_no
      and o.record_tag is distinct from t.tag`.execute(db);
}

/** Keys of waiting rows whose record is another than the one noted with them. */
export function changedSince(
  importId: string,
  rows: readonly RowKey[] | undefined,
): RawBuilder<unknown> {
  return sql`
    with waiting as materialized (
      ${recordsOf(importId, sql`r.state = 'waiting' and ${asked(importId, rows)}`)}
    ), tags as materialized (${recordTags(sql`select record_id from waiting`)})
    select w.sheet, w.row_no from waiting w left join tags t on t.record_id = w.record_id
    where w.record_tag is distinct from t.tag`;
}

export async function countChangedSince(
  db: Db,
  importId: string,
  rows: readonly RowKey[] | undefined,
): Promise<number> {
  const waiting = rows?.length ?? Number.POSITIVE_INFINITY;
  const { rows: counted } = await plannedFor(db, waiting, () =>
    sql<{ changed: number }>`
      select count(*)::integer as changed from (${changedSince(importId, rows)}) c`.execute(db),
  );
  return counted[0]?.changed ?? 0;
}
