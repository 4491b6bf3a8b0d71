/**
 * Publication: the waiting rows of an import become rows of the profile tables, by statements over
 * whole sections that are generated from the catalogue. Units first, then people, then their lists, all
 * in the caller's one transaction with the change of state of the intake rows.
 *
 * Only what differs is written, so the same file again touches nothing and no trigger has anything to
 * say. Sections and fields for which the source has no column stay as they are.
 */
import { recordKindNumber, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { orgPost } from '@lienthong/shared-schema/catalogue/organisation.ts';
import type { RecordKind } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { publishOrgPosts, publishPersonList } from './publish-list-section.ts';
import { publishSingleSection } from './publish-single-section.ts';

/** Publishes what waits of the import. What is refused, or a list that waits for its person, stays. */
export async function publishImport(db: Db, importId: string): Promise<void> {
  // One publication at a time: two could both mint a record for the same new person.
  await sql`select pg_advisory_xact_lock(hashtextextended('intake.publish', 0))`.execute(db);
  await sql`
    create temporary table publish_changed (record_id uuid not null, list text)
    on commit drop`.execute(db);
  await matchUnits(db, importId);
  await publishSingleSections(db, importId, 'org_unit');
  await publishOrgPosts(db, { importId, section: orgPost });
  await matchPeople(db, importId);
  await publishSingleSections(db, importId, 'person');
  await matchListRows(db, importId);
  for (const section of await listsOf(db, importId)) {
    await publishPersonList(db, { importId, section });
  }
  await settleStates(db, importId);
}

const rowKind = { org_unit: 'unit', person: 'person' } as const;

async function matchUnits(db: Db, importId: string): Promise<void> {
  await sql`
    update intake.row r set record_id = u.record_id
    from profile.org_unit u
    where r.import_id = ${importId} and r.kind = 'unit' and r.state = 'waiting'
      and u.code = r.unit_code`.execute(db);
  await mintRecords(db, importId, 'org_unit');
}

/** Of several records with one PIN the active one is meant: a person who left and came back. */
async function matchPeople(db: Db, importId: string): Promise<void> {
  await sql`
    update intake.row r set record_id = m.record_id
    from (
      select distinct on (i.pin) i.pin, i.record_id
      from profile.identity i left join profile.employment e using (record_id)
      order by i.pin, (e.status = '1') desc nulls last, i.record_id desc
    ) m
    where r.import_id = ${importId} and r.kind = 'person' and r.state = 'waiting'
      and m.pin = r.pin`.execute(db);
  await mintRecords(db, importId, 'person');
}

async function mintRecords(db: Db, importId: string, kind: RecordKind): Promise<void> {
  await sql`
    with minted as (
      update intake.row set record_id = catalogue.new_record_id()
      where import_id = ${importId} and kind = ${rowKind[kind]} and state = 'waiting'
        and record_id is null
      returning record_id
    )
    insert into profile.record (record_id, kind)
    select record_id, ${recordKindNumber[kind]}::smallint from minted`.execute(db);
}

/**
 * A list row finds its person by the PIN, unless the file's own row of that person is refused. A list
 * of which one row is refused waits as a whole: half of it would replace what the unit has.
 */
async function matchListRows(db: Db, importId: string): Promise<void> {
  await sql`
    with person as (
      select pin, bool_and(state = 'refused') as refused
      from intake.row
      where import_id = ${importId} and kind = 'person' and pin is not null
      group by pin
    ), halved as (
      select distinct pin, section from intake.row
      where import_id = ${importId} and kind = 'list-row' and state = 'refused'
        and pin is not null
    ), known as (
      select distinct on (i.pin) i.pin, i.record_id
      from profile.identity i left join profile.employment e using (record_id)
      order by i.pin, (e.status = '1') desc nulls last, i.record_id desc
    )
    update intake.row r set record_id = known.record_id
    from known
    where r.import_id = ${importId} and r.kind = 'list-row' and r.state = 'waiting'
      and known.pin = r.pin
      and not exists (select from person p where p.pin = r.pin and p.refused)
      and not exists (select from halved h where h.pin = r.pin and h.section = r.section)
    `.execute(db);
}

/** Sections of one row, for each set of columns that the sheets of the import have. */
async function publishSingleSections(db: Db, importId: string, kind: RecordKind): Promise<void> {
  const { rows } = await sql<{ carries: Readonly<Record<string, readonly string[]>> }>`
    select distinct carries from intake.row
    where import_id = ${importId} and kind = ${rowKind[kind]} and state = 'waiting'`.execute(db);
  for (const { carries } of rows) {
    for (const section of sections) {
      const carried = carries[section.name];
      if (section.many || section.kind !== kind || carried === undefined) continue;
      await publishSingleSection(db, { importId, section, carries, carried });
    }
  }
}

async function listsOf(db: Db, importId: string) {
  const { rows } = await sql<{ section: string }>`
    select distinct section from intake.row
    where import_id = ${importId} and kind = 'list-row' and record_id is not null`.execute(db);
  const names = new Set(rows.map((row) => row.section));
  return sections.filter((section) => names.has(section.name));
}

async function settleStates(db: Db, importId: string): Promise<void> {
  await sql`create index on publish_changed (record_id)`.execute(db);
  await sql`analyze publish_changed`.execute(db);
  await sql`
    update intake.row r
    set state = case when c.changed then 'published' else 'unchanged' end,
        published_at = case when c.changed then now() end
    from (
      select sheet, row_no, exists (
        select from publish_changed p
        where p.record_id = w.record_id
          and p.list is not distinct from case when w.kind = 'list-row' then w.section end
      ) as changed
      from intake.row w
      where import_id = ${importId} and state = 'waiting' and record_id is not null
    ) c
    where r.import_id = ${importId} and r.sheet = c.sheet and r.row_no = c.row_no`.execute(db);
}
