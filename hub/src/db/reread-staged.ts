/**
 * Judging and writing what is read again of an archived batch. The staging tables hold the batch as
 * it came; of it only the sections that were unread, of records whose newest state is in it, count.
 * Values that were applied when it came are neither judged nor written again, and versions, unit
 * codes and PINs stay as they are: those were decided, and newer batches have been applied since.
 */
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sectionFaultsSql } from '@lienthong/shared-schema/sql/checks.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import { replaceSealedSql, stageSealed } from '@lienthong/shared-schema/sql/sealed.ts';
import {
  fillColumnsSql,
  replaceSectionSql,
  stageRecord,
  stageTable,
} from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { keepCodeLists } from './code-lists.ts';

const staged = sql.raw(stageRecord);

export type RereadSection = {
  readonly section: Section;
  /** The fields that are new to this hub. */
  readonly fields: readonly Field[];
  /** True when nothing of the section was read before: its rows are new, and not only columns. */
  readonly allNew: boolean;
};

/**
 * Leaves of the staged manifest what is to be read: the others get the outcome `ignore`. A record
 * that is gone or another unit's has no newest state here; one that is held back comes whole anyway.
 */
export async function narrowStaged(
  db: Db,
  batch: { readonly agency: string; readonly seq: bigint },
  sections: readonly RereadSection[],
): Promise<void> {
  await sql`update ${staged} set outcome = 'ignore', whole = false, sections = '{}'`.execute(db);
  // a record that has no row has nothing to be read
  const rows = sections.map(({ section }) =>
    section.reach === 'sealed'
      ? `select record_id, section from ${stageSealed} where section = ${section.tag}`
      : `select distinct record_id, ${section.tag}::smallint from ${stageTable(section)}`,
  );
  await sql`update ${staged} m set outcome = null, version = w.version, sections = w.sections
    from (
      select u.record_id, r.version, array_agg(u.section order by u.section) as sections
      from sync.unread_section u
      join (${sql.raw(rows.join(' union all '))}) as s (record_id, section) using (record_id, section)
      join national.record r on r.record_id = u.record_id and r.agency = u.agency
      where u.agency = ${batch.agency} and u.seq = ${batch.seq} and not exists (
        select 1 from sync.held_record h where h.agency = u.agency and h.record_id = u.record_id)
      group by u.record_id, r.version) w
    where m.record_id = w.record_id`.execute(db);
  await sql`analyze ${staged}`.execute(db);
}

/** Faults of the new values. */
export async function judgeReread(db: Db, sections: readonly RereadSection[]): Promise<void> {
  await keepCodeLists(db);
  for (const one of sections) {
    const { section } = one;
    if (section.reach === 'sealed') continue;
    await sql`insert into pg_temp.stage_fault (record_id, section, field, code)
      select distinct f.record_id, f.section, f.field, f.code
      from (${sql.raw(sectionFaultsSql(section, stageTable(section)))}) f
      join ${staged} m on m.record_id = f.record_id
      where m.outcome is null and f.section = any (m.sections)
        and f.field = any (${judgedFields(one)}::text[])`.execute(db);
  }
}

/** New rows as a whole; else the new columns, and codes whose date is new, since it decides on them. */
function judgedFields({ section, fields, allNew }: RereadSection): readonly string[] {
  const added = new Set(fields.map((field) => field.name));
  return section.fields
    .filter(
      ({ name, asOf }) => allNew || added.has(name) || (asOf !== undefined && added.has(asOf)),
    )
    .map((field) => field.name);
}

/** Writes the sections of every record with outcome `apply`. */
export async function writeReread(
  db: Db,
  agency: string,
  sections: readonly RereadSection[],
): Promise<void> {
  for (const { section, fields, allNew } of sections) {
    if (section.reach === 'sealed') continue;
    const statements = allNew
      ? replaceSectionSql(section, literal(agency))
      : [fillColumnsSql(section, fields)];
    for (const statement of statements) await sql.raw(statement).execute(db);
  }
  if (!sections.some(({ section }) => section.reach === 'sealed')) return;
  for (const statement of replaceSealedSql(literal(agency))) await sql.raw(statement).execute(db);
}
