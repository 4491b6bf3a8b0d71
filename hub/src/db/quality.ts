/** Where the quality of a unit's data is read at the hub, and its figures of each night. */
import { nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { QualityFigure, QualitySide } from '@lienthong/shared-schema/runtime/quality.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import { sql } from 'kysely';

import { dueChanges } from './due-changes.ts';

const fieldNames = nationalSections
  .flatMap(({ tag, name, fields }) =>
    fields.map((field) => `(${tag}, ${field.tag}, ${literal(name)}, ${literal(field.name)})`),
  )
  .join(', ');

export const qualitySide = (agency: string): QualitySide => ({
  schema: 'national',
  people: sql`
    select i.record_id, coalesce(e.employing_unit, ''), e.object_class, i.pin, i.full_name,
      i.birth_date::text
    from national.identity i
    left join national.employment e on e.record_id = i.record_id
    where i.agency = ${agency} and coalesce(e.status, '1') = '1'`,
  compared: sql`
    select c.record_id, n.section, n.field
    from reference.comparison c
    left join reference.correction o on o.record_id = c.record_id and o.source = c.source
    left join (values ${sql.raw(fieldNames)}) as n (section_tag, field_tag, section, field)
      on n.section_tag = o.section and n.field_tag = o.field
    where c.agency = ${agency} and c.state in ('MATCHED', 'DIFFERS')`,
  changes: dueChanges(agency),
  notBack: sql`
    select distinct f.record_id from sync.feed_entry f
    join registry.unit u on u.agency = f.agency
    where f.agency = ${agency} and f.kind = 'record' and f.position > u.feed_acked`,
});

const daysKept = 400;

/** In place of those of the same day; what is older than 400 days goes. */
export async function storeQualityDay(
  db: Db,
  { agency, asOf }: { readonly agency: string; readonly asOf: string },
  figures: readonly QualityFigure[],
): Promise<void> {
  await sql`delete from sync.quality_day
    where agency = ${agency} and (as_of = ${asOf}
      or as_of < to_char(${asOf}::date - ${daysKept}::integer, 'YYYY-MM-DD'))`.execute(db);
  await sql`insert into sync.quality_day (agency, as_of, unit, measure, good, total)
    select ${agency}, ${asOf}, f.unit, f.measure, f.good, f.total
    from unnest(${figures.map((one) => one.unit)}::text[],
      ${figures.map((one) => one.measure)}::text[],
      ${figures.map((one) => one.good.toString())}::bigint[],
      ${figures.map((one) => one.of.toString())}::bigint[]) as f (unit, measure, good, total)`.execute(
    db,
  );
}

export type StoredQuality = QualityFigure & { readonly agency: string; readonly asOf: string };

/** The newest night of each unit. */
export async function newestQuality(db: Db): Promise<readonly StoredQuality[]> {
  const { rows } = await sql<StoredQuality>`
    select q.agency, q.as_of, q.unit, q.measure, q.good, q.total as of
    from sync.quality_day q
    join (select agency, max(as_of) as as_of from sync.quality_day group by agency) n
      on n.agency = q.agency and n.as_of = q.as_of
    order by q.agency, q.unit, q.measure`.execute(db);
  return rows;
}
