/**
 * List sections, from the intake to their profile tables: a record's list is replaced whole where it
 * differs in any row or in their order, and not touched where it does not.
 */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, sqlType } from '@lienthong/shared-schema/sql/names.ts';
import { sql } from 'kysely';

export type ListPublication = { readonly importId: string; readonly section: Section };

/** The list rows that have found their person, in the order of the file. */
export async function publishPersonList(db: Db, publication: ListPublication): Promise<void> {
  const { importId, section } = publication;
  await createStage(db, section);
  await sql`
    insert into publish_list_row
    select r.record_id,
           row_number() over (partition by r.record_id order by r.sheet, r.row_no),
           v.*
    from intake.row r
    cross join lateral jsonb_to_record(r.sections -> ${section.name}::text -> 0)
      as v (${sql.raw(typedColumns(section))})
    where r.import_id = ${importId} and r.kind = 'list-row' and r.state = 'waiting'
      and r.section = ${section.name} and r.record_id is not null`.execute(db);
  await sql`insert into publish_list select distinct record_id from publish_list_row`.execute(db);
  await replaceDiffering(db, section, section.name);
}

/** The posts of the units; those of years that the file does not speak of stay. */
export async function publishOrgPosts(db: Db, publication: ListPublication): Promise<void> {
  const { importId, section } = publication;
  await createStage(db, section);
  await sql`
    insert into publish_list
    select record_id from intake.row
    where import_id = ${importId} and kind = 'unit' and state = 'waiting'
      and carries ? ${section.name}`.execute(db);
  await sql`
    with filed as (
      select r.record_id, v.*
      from intake.row r
      cross join lateral jsonb_to_recordset(r.sections -> ${section.name}::text)
        as v (${sql.raw(typedColumns(section))})
      where r.import_id = ${importId} and r.kind = 'unit' and r.state = 'waiting'
    ), whole as (
      select * from filed
      union all
      select t.record_id, ${sql.raw(fieldColumns(section).join(', '))}
      from profile.org_post t join publish_list using (record_id)
      where t.year not in (select year from filed)
    )
    insert into publish_list_row
    select record_id, row_number() over (partition by record_id order by year, post_kind),
           ${sql.raw(fieldColumns(section).join(', '))}
    from whole`.execute(db);
  await replaceDiffering(db, section, null);
}

async function createStage(db: Db, section: Section): Promise<void> {
  const columns = typedColumns(section);
  await sql`create temporary table publish_list (record_id uuid primary key)`.execute(db);
  await sql`
    create temporary table publish_list_row (
      record_id uuid not null, ordinal integer not null, ${sql.raw(columns)},
      primary key (record_id, ordinal)
    )`.execute(db);
}

/** `list` is what the change is noted under; null with the record itself. */
async function replaceDiffering(db: Db, section: Section, list: string | null): Promise<void> {
  const table = sql.raw(`profile.${section.name}`);
  const columns = sql.raw(['record_id', 'ordinal', ...fieldColumns(section)].join(', '));
  await sql`analyze publish_list, publish_list_row`.execute(db);
  await sql`
    create temporary table publish_differing on commit drop as
    with had as (
      select ${columns} from ${table} where record_id in (select record_id from publish_list)
    ), has as (
      select ${columns} from publish_list_row
    ), differing as (
      (select * from has except select * from had) union all (select * from had except select * from has)
    )
    select distinct record_id from differing`.execute(db);
  await sql`
    delete from ${table} t using publish_differing d where t.record_id = d.record_id`.execute(db);
  await sql`
    insert into ${table} (${columns})
    select ${columns} from publish_list_row join publish_differing using (record_id)`.execute(db);
  await sql`
    insert into publish_changed select record_id, ${list}::text from publish_differing`.execute(db);
  await sql`drop table publish_list, publish_list_row, publish_differing`.execute(db);
}

const typedColumns = (section: Section): string =>
  section.fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ');
