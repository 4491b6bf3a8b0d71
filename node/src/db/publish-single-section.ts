/**
 * One section with one row a record, from the intake to its profile table: rows that become empty are
 * deleted, rows that differ are updated in the columns that the source carries, missing rows inserted.
 */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, sqlType } from '@lienthong/shared-schema/sql/names.ts';
import { sql } from 'kysely';

export type SinglePublication = {
  readonly importId: string;
  readonly section: Section;
  /** The rows of the import with just these columns are published. */
  readonly carries: Readonly<Record<string, readonly string[]>>;
  /** Of these, the fields of the section. */
  readonly carried: readonly string[];
};

export async function publishSingleSection(db: Db, publication: SinglePublication): Promise<void> {
  const { section, importId, carries } = publication;
  const columns = fieldColumns(section);
  const carried = columns.filter((name) => publication.carried.includes(name));
  const typed = section.fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ');
  const table = sql.raw(`profile.${section.name}`);

  await sql`create temporary table publish_row (record_id uuid primary key, ${sql.raw(typed)})`.execute(
    db,
  );
  await sql`
    insert into publish_row
    select r.record_id, v.*
    from intake.row r
    cross join lateral jsonb_to_record(
      coalesce(r.sections -> ${section.name}::text -> 0, '{}'::jsonb)
    ) as v (${sql.raw(typed)})
    where r.import_id = ${importId} and r.state = 'waiting'
      and r.kind = ${section.kind === 'person' ? 'person' : 'unit'}
      and r.carries = ${JSON.stringify(carries)}::jsonb`.execute(db);
  await sql`analyze publish_row`.execute(db);

  const kept = columns.filter((name) => !carried.includes(name));
  await sql`
    with gone as (
      delete from ${table} t using publish_row s
      where t.record_id = s.record_id
        and ${sql.raw(allNull('s', carried))} and ${sql.raw(allNull('t', kept))}
      returning t.record_id
    )
    insert into publish_changed select record_id from gone`.execute(db);
  await sql`
    with changed as (
      update ${table} t set ${sql.raw(carried.map((name) => `${name} = s.${name}`).join(', '))}
      from publish_row s
      where t.record_id = s.record_id
        and row(${sql.raw(listed('t', carried))}) is distinct from row(${sql.raw(listed('s', carried))})
      returning t.record_id
    )
    insert into publish_changed select record_id from changed`.execute(db);
  await sql`
    with added as (
      insert into ${table} (record_id, ${sql.raw(columns.join(', '))})
      select s.record_id, ${sql.raw(listed('s', columns))}
      from publish_row s
      where not (${sql.raw(allNull('s', columns))})
        and not exists (select from ${table} t where t.record_id = s.record_id)
      returning record_id
    )
    insert into publish_changed select record_id from added`.execute(db);
  await sql`drop table publish_row`.execute(db);
}

const listed = (alias: string, names: readonly string[]): string =>
  names.map((name) => `${alias}.${name}`).join(', ');

const allNull = (alias: string, names: readonly string[]): string =>
  names.length === 0 ? 'true' : `num_nonnulls(${listed(alias, names)}) = 0`;
