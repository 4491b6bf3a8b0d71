/**
 * The tag of a record: a digest of all its rows, made in SQL from the tables themselves and never
 * stored beside them, so that a change by plain SQL changes it as well. It is the ETag of the record.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns } from '@lienthong/shared-schema/sql/names.ts';
import { type RawBuilder, sql } from 'kysely';

/**
 * A query with the columns `record_id` and `tag` (16 bytes), for the records that are there among
 * `asked`, a query of record_id.
 */
export function recordTags(asked: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select k.record_id, substring(sha256(convert_to(
      k.state_secret || coalesce(string_agg(s.section || s.row, E'\n' order by s.section, s.ordinal), ''),
      'UTF8')) for 16) as tag
    from profile.record k left join (${rowsOf(asked)}) s using (record_id)
    where k.record_id in (${asked})
    group by k.record_id`;
}

function rowsOf(asked: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql.join(
    sections.map((section) => sql`${selectRows(section)} where t.record_id in (${asked})`),
    sql` union all `,
  );
}

function selectRows(section: Section): RawBuilder<unknown> {
  const values = fieldColumns(section).map((name) => `t.${name}`);
  const ordinal = section.many ? 't.ordinal' : '1';
  return sql.raw(`select t.record_id, ${section.tag} as section, ${ordinal} as ordinal,
    row(${values.join(', ')})::text as row from profile.${section.name} t`);
}

/** The tags of these records in hex; one that is not there has none. */
export async function readRecordTags(
  db: Db,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = sql`select unnest(${recordIds}::uuid[])`;
  const { rows } = await sql<{ recordId: string; tag: string }>`
    select record_id, encode(tag, 'hex') as tag from (${recordTags(asked)}) t`.execute(db);
  return new Map(rows.map((row) => [row.recordId, row.tag]));
}
