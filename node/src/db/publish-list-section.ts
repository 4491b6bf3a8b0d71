/**
 * List sections, from the intake to their profile tables: a record's list is replaced whole where it
 * differs in any row or in their order, and not touched where it does not. The lists of one publication
 * stand in one temporary table, their rows as they were filed; `publish_list` has the lists themselves,
 * so that one without a row empties its section.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { orgPost } from '@lienthong/shared-schema/catalogue/organisation.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, sqlType } from '@lienthong/shared-schema/sql/names.ts';
import { sql } from 'kysely';

import { publishable } from './publish-pick.ts';

const personLists = sections.filter((one) => one.many && one.kind === 'person');

export async function clearLists(db: Db): Promise<void> {
  for (const table of ['publish_list', 'publish_list_row', 'publish_differing']) {
    await sql`delete from ${sql.raw(`pg_temp.${table}`)}`.execute(db);
  }
}

/** The lists that the rows of people carry themselves. */
export async function stageCarriedLists(db: Db, importId: string): Promise<void> {
  const names = personLists.map((one) => one.name);
  await sql`
    with carried as (
      select k.record_id, l.section, k.sections -> l.section as filed
      from (
        select p.record_id, p.carries, r.sections from ${publishable(importId, 'person')}
      ) k join unnest(${names}::text[]) as l (section) on k.carries ? l.section
    ), lists as (
      insert into pg_temp.publish_list (record_id, section)
      select record_id, section from carried
    )
    insert into pg_temp.publish_list_row (record_id, section, ordinal, value)
    select c.record_id, c.section, v.ordinal, v.value
    from carried c
    cross join lateral jsonb_array_elements(coalesce(c.filed, '[]'::jsonb))
      with ordinality as v (value, ordinal)`.execute(db);
}

/** The list rows that have found their person, in the order of the file. */
export async function stageListRows(db: Db, importId: string): Promise<void> {
  await sql`
    with lists as (
      insert into pg_temp.publish_list (record_id, section)
      select distinct record_id, section from pg_temp.publish_pick
      where kind = 'list-row' and held is null and record_id is not null
      on conflict do nothing
      returning record_id, section
    )
    insert into pg_temp.publish_list_row (record_id, section, ordinal, value)
    select p.record_id, p.section,
           row_number() over (partition by p.record_id, p.section order by p.sheet, p.row_no),
           coalesce(r.sections -> p.section -> 0, '{}'::jsonb)
    from pg_temp.publish_pick p
    join lists l on l.record_id = p.record_id and l.section = p.section
    join intake.row r on r.import_id = ${importId} and r.sheet = p.sheet and r.row_no = p.row_no
    where p.kind = 'list-row' and p.held is null`.execute(db);
}

/**
 * The posts of the units; those of years that the sheet does not speak of stay. It speaks of a year for all
 * its units, also for one without a figure, and whichever of its rows are published.
 */
export async function stageOrgPosts(db: Db, importId: string): Promise<void> {
  const columns = fieldColumns(orgPost).map((name) => `v.${name}`);
  await sql`
    insert into pg_temp.publish_list (record_id, section)
    select p.record_id, ${orgPost.name}
    from ${publishable(importId, 'org_unit')} and p.carries ? ${orgPost.name}`.execute(db);
  await sql`
    with spoken as (
      select distinct r.sheet, (e.value ->> 'year')::integer as year
      from intake.row r
      cross join lateral jsonb_array_elements(r.sections -> ${orgPost.name}::text) as e (value)
      where r.import_id = ${importId} and r.kind = 'unit' and e.value ? 'year'
    ), filed as (
      select k.record_id, ${sql.raw(columns.join(', '))}
      from (
        select p.record_id, r.sections -> ${orgPost.name}::text as filed
        from ${publishable(importId, 'org_unit')} and p.carries ? ${orgPost.name}
      ) k cross join lateral jsonb_to_recordset(coalesce(k.filed, '[]'::jsonb))
        as v (${sql.raw(typedColumns(orgPost))})
    ), whole as (
      select record_id, year, post_kind, to_jsonb(filed) - 'record_id' as value from filed
      union all
      select t.record_id, t.year, t.post_kind, to_jsonb(t) - 'record_id' - 'ordinal'
      from profile.org_post t
      join pg_temp.publish_list using (record_id)
      join pg_temp.publish_pick p using (record_id)
      where p.held is null and (p.sheet, t.year) not in (select sheet, year from spoken)
    )
    insert into pg_temp.publish_list_row (record_id, section, ordinal, value)
    select record_id, ${orgPost.name},
           row_number() over (partition by record_id order by year, post_kind), value
    from whole`.execute(db);
}

/** Notes the lists of this section in which the unit has something else. */
export async function findDiffering(db: Db, section: Section): Promise<void> {
  const columns = sql.raw(['record_id', 'ordinal', ...fieldColumns(section)].join(', '));
  await sql`
    insert into pg_temp.publish_differing (record_id, section)
    with had as (
      select ${columns} from ${sql.raw(`profile.${section.name}`)}
      where record_id in (
        select record_id from pg_temp.publish_list where section = ${section.name})
    ), has as (${typedRows(section)})
    select distinct record_id, ${section.name} from (
      (select * from has except select * from had) union all (select * from had except select * from has)
    ) differing`.execute(db);
}

/** Replaces the lists that differ. `list` is what the change is noted under. */
export async function replaceDiffering(db: Db, section: Section, list: string): Promise<void> {
  const table = sql.raw(`profile.${section.name}`);
  const columns = sql.raw(['record_id', 'ordinal', ...fieldColumns(section)].join(', '));
  await sql`
    delete from ${table} t using pg_temp.publish_differing d
    where d.section = ${section.name} and t.record_id = d.record_id`.execute(db);
  await sql`
    insert into ${table} (${columns})
    select ${columns} from (${typedRows(section)}) v
    where record_id in (
      select record_id from pg_temp.publish_differing where section = ${section.name})`.execute(db);
  await sql`
    insert into pg_temp.publish_changed (record_id, list)
    select record_id, ${list} from pg_temp.publish_differing where section = ${section.name}
    `.execute(db);
}

function typedRows(section: Section) {
  const values = fieldColumns(section).map((name) => `v.${name}`);
  return sql`
    select s.record_id, s.ordinal, ${sql.raw(values.join(', '))}
    from pg_temp.publish_list_row s
    cross join lateral jsonb_to_record(s.value) as v (${sql.raw(typedColumns(section))})
    where s.section = ${section.name}`;
}

const typedColumns = (section: Section): string =>
  section.fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ');
