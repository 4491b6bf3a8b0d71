/**
 * Which record a picked row is of: the one that its source names, else the unit with its code or the
 * person with its number. New records are minted for people and units that the unit does not have.
 */
import { recordKindNumber } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordKind } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { rowKind } from './publish-pick.ts';
import { isActive, recordsOfPins } from './record-of-pin.ts';

export async function matchUnits(db: Db): Promise<void> {
  await sql`
    update pg_temp.publish_pick p set record_id = u.record_id, known = true
    from profile.org_unit u
    where p.kind = 'unit' and u.code = p.unit_code
      and (p.record_id is null or p.record_id = u.record_id)`.execute(db);
}

const ofPicks = recordsOfPins(sql`select pin from pg_temp.publish_pick`);

export async function matchPeople(db: Db): Promise<void> {
  await sql`
    update pg_temp.publish_pick p set record_id = m.record_id
    from (${ofPicks}) m
    where p.kind = 'person' and p.record_id is null and m.pin = p.pin`.execute(db);
  await noteClosed(db, 'person');
}

/** A record that this publication makes or closes is not closed for it: the lists come with that. */
async function noteClosed(db: Db, kind: 'person' | 'list-row'): Promise<void> {
  await sql`
    update pg_temp.publish_pick p
    set known = true, closed = not (${isActive})
    from profile.record k left join profile.employment e using (record_id)
    where p.kind = ${kind} and k.record_id = p.record_id
      and not (p.kind = 'list-row' and exists (
        select from pg_temp.publish_pick w
        where w.kind = 'person' and w.record_id = p.record_id and w.held is null and not w.closed))`.execute(
    db,
  );
}

/**
 * A list row finds its person by the PIN, unless the file's own row of that person is refused. A list
 * of which one row is refused or rejected waits as a whole: half of it would replace what the unit has.
 */
export async function matchListRows(db: Db, importId: string): Promise<void> {
  await sql`
    with barred as (
      select pin from intake.row
      where import_id = ${importId} and kind = 'person' and pin is not null
      group by pin having bool_and(state in ('refused', 'rejected'))
    ), halved as (
      select distinct pin, section from intake.row
      where import_id = ${importId} and kind = 'list-row' and state in ('refused', 'rejected')
        and pin is not null
    )
    update pg_temp.publish_pick p set record_id = m.record_id
    from (${ofPicks}) m
    where p.kind = 'list-row' and p.held is null and m.pin = p.pin
      and not exists (select from barred b where b.pin = p.pin)
      and not exists (select from halved h where h.pin = p.pin and h.section = p.section)`.execute(
    db,
  );
  await noteClosed(db, 'list-row');
}

/** Records for the rows of people and units that are new here: they carry what makes a record exist. */
export async function mintRecords(db: Db): Promise<void> {
  for (const kind of ['org_unit', 'person'] as const) await mint(db, kind);
}

async function mint(db: Db, kind: RecordKind): Promise<void> {
  const head = kind === 'person' ? 'identity' : 'org_unit';
  await sql`
    with minted as (
      update pg_temp.publish_pick set record_id = catalogue.new_record_id()
      where kind = ${rowKind[kind]} and action = 'put' and held is null and record_id is null
        and coalesce(pin, unit_code) is not null and carries ? ${head}
      returning record_id
    )
    insert into profile.record (record_id, kind)
    select record_id, ${recordKindNumber[kind]}::smallint from minted`.execute(db);
}
