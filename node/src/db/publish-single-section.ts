/**
 * One section with one row a record, from the intake to its profile table: rows that become empty are
 * deleted, rows that differ are updated in the columns that the source carries, missing rows inserted.
 * One statement, so that it costs little for one packet and is planned as a whole for a large file.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordKind, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, sqlType } from '@lienthong/shared-schema/sql/names.ts';
import { type RawBuilder, sql } from 'kysely';

import { publishable } from './publish-pick.ts';

/** Section name to the fields that a row speaks of. */
export type Carries = Readonly<Record<string, readonly string[]>>;

export type SinglePublication = {
  readonly importId: string;
  readonly section: Section;
  /** The rows of the import with just these columns are published. */
  readonly carries: Carries;
  /** Of these, the fields of the section. */
  readonly carried: readonly string[];
};

/** The single sections of this kind of which the rows carry a field. */
export const carriedSections = (
  kind: RecordKind,
  carries: Carries,
): readonly Pick<SinglePublication, 'section' | 'carried'>[] =>
  sections
    .filter((section) => section.kind === kind && !section.many)
    .map((section) => ({ section, carried: carries[section.name] ?? [] }))
    .filter(({ carried }) => carried.length > 0);

export async function publishSingleSection(db: Db, publication: SinglePublication): Promise<void> {
  const { section } = publication;
  const { columns, carried, kept } = columnsOf(publication);
  const table = sql.raw(`profile.${section.name}`);
  const empties = sql.raw(`${allNull('s', carried)} and ${allNull('t', kept)}`);
  await sql`
    with filed as materialized (${filedRows(publication)}),
    gone as (
      delete from ${table} t using filed s
      where t.record_id = s.record_id and ${empties}
      returning t.record_id
    ), changed as (
      update ${table} t set ${sql.raw(carried.map((name) => `${name} = s.${name}`).join(', '))}
      from filed s
      where t.record_id = s.record_id and not (${empties}) and ${differs(carried)}
      returning t.record_id
    ), added as (
      insert into ${table} (record_id, ${sql.raw(columns.join(', '))})
      select s.record_id, ${sql.raw(listed('s', columns))}
      from filed s
      where not (${sql.raw(allNull('s', columns))})
        and not exists (select from ${table} t where t.record_id = s.record_id)
      returning record_id
    )
    insert into pg_temp.publish_changed (record_id, list)
    select record_id, '' from gone
    union all select record_id, '' from changed
    union all select record_id, '' from added`.execute(db);
}

/** Records of closed people to whom the rows would change something in this section. */
export async function noteClosedDiffering(db: Db, publication: SinglePublication): Promise<void> {
  const { section } = publication;
  const { columns, carried } = columnsOf(publication);
  const table = sql.raw(`profile.${section.name}`);
  await sql`
    insert into pg_temp.publish_differing (record_id, section)
    select s.record_id, ${section.name}
    from (${filedRows(publication)} where k.closed) s left join ${table} t using (record_id)
    where case when t.record_id is null then not (${sql.raw(allNull('s', columns))})
               else ${differs(carried)} end`.execute(db);
}

/** What the rows say, typed. What a row says beyond the columns that it carries is for new records. */
function filedRows({ importId, section, carries }: SinglePublication): RawBuilder<unknown> {
  const typed = section.fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ');
  return sql`
    select k.record_id, v.*
    from (
      select p.record_id, p.closed, r.sections -> ${section.name}::text -> 0 as filed
      from ${publishable(importId, section.kind)} and p.carries = ${JSON.stringify(carries)}::jsonb
    ) k cross join lateral jsonb_to_record(coalesce(k.filed, '{}'::jsonb)) as v (${sql.raw(typed)})`;
}

function columnsOf({ section, carried }: SinglePublication) {
  const columns = fieldColumns(section);
  return {
    columns,
    carried: columns.filter((name) => carried.includes(name)),
    kept: columns.filter((name) => !carried.includes(name)),
  };
}

const differs = (carried: readonly string[]): RawBuilder<unknown> =>
  sql.raw(`row(${listed('t', carried)}) is distinct from row(${listed('s', carried)})`);

const listed = (alias: string, names: readonly string[]): string =>
  names.map((name) => `${alias}.${name}`).join(', ');

const allNull = (alias: string, names: readonly string[]): string =>
  names.length === 0 ? 'true' : `num_nonnulls(${listed(alias, names)}) = 0`;
