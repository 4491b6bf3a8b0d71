/** The changes that the units have told of, for their due days. What a unit has not sent is not here. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

/** `record_id, section, version, kind, event_on, noted_on, arrived_on, unit`; of one unit or of all. */
export const dueChanges = (agency: string | undefined): RawBuilder<unknown> => sql`
  select c.record_id, c.section, c.version, c.kind, c.event_on, c.noted_on, c.arrived_on,
    coalesce(e.employing_unit, u.code, c.agency) as unit
  from sync.change c
  left join national.employment e on e.record_id = c.record_id and e.agency = c.agency
  left join national.org_unit u on u.record_id = c.record_id and u.agency = c.agency
  where ${agency === undefined ? sql`true` : sql`c.agency = ${agency}`}`;

const daysKept = 400;

/** What arrived long ago and is measured no more. What new records are made of stays. */
export async function forgetOldChanges(db: Db, today: string): Promise<void> {
  await sql`delete from sync.change
    where kind in ('system', 'elsewhere')
      and arrived_on < to_char(${today}::date - ${daysKept}::integer, 'YYYY-MM-DD')`.execute(db);
}
