/** Where the quality of this unit's data is read, and its figures of each night. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { QualityFigure, QualitySide } from '@lienthong/shared-schema/runtime/quality.ts';
import { sql } from 'kysely';

import type { Reader } from '../protocol/reader.ts';
import { dueChangesFor } from './due-changes.ts';
import { withinUnit } from './readable.ts';

/** Changes that the reader may not see are not counted; people who are secrets never are. */
export const qualitySideFor = (reader: Reader): QualitySide => ({
  schema: 'profile',
  people: sql`
    select i.record_id, coalesce(e.employing_unit, ''), e.object_class, i.pin, i.full_name,
      i.birth_date::text
    from profile.identity i
    join profile.record r on r.record_id = i.record_id and not r.state_secret
    left join profile.employment e on e.record_id = i.record_id
    where coalesce(e.status, '1') = '1'`,
  compared: sql`
    select c.record_id, o.section, o.field
    from reference.comparison c
    left join reference.correction o on o.record_id = c.record_id and o.source = c.source
    where c.state in ('MATCHED', 'DIFFERS')`,
  changes: dueChangesFor(reader),
  digests: sql`
    select o.record_id, coalesce(o.digest = m.digest, false) as good
    from sync.own_digest o left join sync.mirror_digest m on m.record_id = o.record_id`,
  notBack: sql`
    select q.record_id from pg_temp.quality_person q
    where exists (select from sync.change_log l where l.record_id = q.record_id)
      or not exists (
        select from sync.record k
        join national.record n on n.record_id = k.record_id and n.version = k.version
        where k.record_id = q.record_id)`,
});

const daysKept = 400;

/** In place of those of the same day; what is older than 400 days goes. */
export async function storeQualityDay(
  db: Db,
  asOf: string,
  figures: readonly QualityFigure[],
): Promise<void> {
  await sql`delete from sync.quality_day
    where as_of = ${asOf}
      or as_of < to_char(${asOf}::date - ${daysKept}::integer, 'YYYY-MM-DD')`.execute(db);
  await sql`insert into sync.quality_day (as_of, unit, measure, good, total)
    select ${asOf}, f.unit, f.measure, f.good, f.total
    from unnest(${figures.map((one) => one.unit)}::text[],
      ${figures.map((one) => one.measure)}::text[],
      ${figures.map((one) => one.good.toString())}::bigint[],
      ${figures.map((one) => one.of.toString())}::bigint[]) as f (unit, measure, good, total)`.execute(
    db,
  );
}

export type QualityDay = QualityFigure & { readonly asOf: string };

/** Of the newest nights, the newest first: the sums of the unit and all below it, or of all. */
export async function readQualityDays(
  db: Db,
  { days, unit }: { readonly days: number; readonly unit?: string | undefined },
): Promise<readonly QualityDay[]> {
  const within = unit === undefined ? sql`true` : withinUnit(sql`q.unit`, unit);
  const { rows } = await sql<QualityDay>`
    select q.as_of, ${unit ?? ''} as unit, q.measure, sum(q.good)::bigint as good,
      sum(q.total)::bigint as of
    from sync.quality_day q
    where ${within} and q.as_of in (
      select distinct as_of from sync.quality_day order by as_of desc limit ${days})
    group by q.as_of, q.measure order by q.as_of desc, q.measure`.execute(db);
  return rows;
}
