/** Rows that a reach policy does not let the hub hold: counted, removed, and told to their units. */

import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { ForbiddenForms } from '../protocol/policy.ts';

/** Where the forbidden rows are: tables, with a condition where others lie there too. */
function forbiddenPlaces({ section, plain, sealed }: ForbiddenForms): readonly string[] {
  return [
    ...(plain ? [`national.${section.name}`] : []),
    ...(sealed ? [`national.sealed where section = ${section.tag}`] : []),
  ];
}

/** `agency, record_id` of each forbidden row. */
const forbiddenRows = (forms: ForbiddenForms): string =>
  forbiddenPlaces(forms)
    .map((place) => `select agency, record_id from ${place}`)
    .join(' union all ');

export type ForbiddenCount = {
  readonly section: number;
  readonly rows: bigint;
  readonly units: number;
};

/** By section: how many rows of how many units are held and may not be. */
export async function countForbidden(
  db: Db,
  forms: readonly ForbiddenForms[],
): Promise<readonly ForbiddenCount[]> {
  if (forms.length === 0) return [];
  const counts = forms.map(
    (one) => `select ${one.section.tag}::integer as section, count(*) as rows,
      count(distinct agency)::integer as units from (${forbiddenRows(one)}) f`,
  );
  const { rows } = await sql<ForbiddenCount>`${sql.raw(counts.join('\nunion all\n'))}`.execute(db);
  return rows;
}

/** Removes them and notes in `pg_temp.narrowed` which sections of which records they were. */
export async function removeForbidden(db: Db, forms: readonly ForbiddenForms[]): Promise<void> {
  await sql`create temporary table if not exists narrowed (
    agency text not null, record_id uuid not null, section smallint not null
  ) on commit delete rows`.execute(db);
  for (const one of forms) {
    for (const place of forbiddenPlaces(one)) {
      await sql`with gone as (delete from ${sql.raw(place)} returning agency, record_id)
        insert into pg_temp.narrowed (agency, record_id, section)
        select distinct agency, record_id, ${one.section.tag}::smallint from gone`.execute(db);
    }
  }
  await sql`analyze pg_temp.narrowed`.execute(db);
}

/** Puts the records of `pg_temp.narrowed` on their units' feeds as changed in these sections. */
export async function appendNarrowedToFeeds(db: Db): Promise<void> {
  await sql`with changed as (
      select agency, record_id, array_agg(distinct section order by section) as sections
      from pg_temp.narrowed group by agency, record_id),
    moved as (
      update registry.unit u set feed_head = feed_head + c.records
      from (select agency, count(*) as records from changed group by agency) c
      where u.agency = c.agency returning u.agency, u.feed_head - c.records as base)
    insert into sync.feed_entry (agency, position, kind, record_id, version, sections)
    select c.agency, m.base + row_number() over (partition by c.agency order by c.record_id),
      'record', c.record_id, r.version, c.sections
    from changed c
    join moved m on m.agency = c.agency
    join national.record r on r.record_id = c.record_id`.execute(db);
}
