/**
 * Records of the profile tables as drafts: section name to its rows, in canonical text, the way they
 * come in. What has no value is not there; a section without a row is not there either.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, literal } from '@lienthong/shared-schema/sql/names.ts';
import { type RawBuilder, sql } from 'kysely';

export type StoredSections = RecordDraft['sections'];

/**
 * A query with the columns `record_id` and `sections` (jsonb), for those among `asked`, a query of
 * record_id, that have a row in one of the sections.
 */
export function storedSections(
  asked: RawBuilder<unknown>,
  of: readonly Section[] = sections,
): RawBuilder<unknown> {
  const each = of.map(
    (section) => sql`
    select t.record_id, ${sql.raw(literal(section.name))} as section,
           jsonb_agg(${sql.raw(rowObject(section))}${sql.raw(section.many ? ' order by t.ordinal' : '')}) as rows
    from ${sql.raw(`profile.${section.name}`)} t
    where t.record_id in (${asked}) group by t.record_id`,
  );
  return sql`
    select s.record_id, jsonb_object_agg(s.section, s.rows) as sections
    from (${sql.join(each, sql` union all `)}) s group by s.record_id`;
}

const rowObject = (section: Section): string => {
  const pairs = fieldColumns(section).map((name) => `${literal(name)}, t.${name}::text`);
  return `jsonb_strip_nulls(jsonb_build_object(${pairs.join(', ')}))`;
};

/** The records among these that have a row in one of the sections. One query for all of them. */
export async function readStoredSections(
  db: Db,
  recordIds: readonly string[],
  of: readonly Section[] = sections,
): Promise<ReadonlyMap<string, StoredSections>> {
  const asked = sql`select unnest(${recordIds}::uuid[])`;
  const { rows } = await sql<{ recordId: string; sections: StoredSections }>`
    select record_id, sections from (${storedSections(asked, of)}) r`.execute(db);
  return new Map(rows.map((row) => [row.recordId, row.sections]));
}
