/** What a row of the intake says, and the record that it is about, in the same renderings. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { literal, sqlType } from '@lienthong/shared-schema/sql/names.ts';
import { sql } from 'kysely';

import { recordsOfPins } from './record-of-pin.ts';
import type { WholeRow } from './review-rows.ts';

/**
 * The sections of the row in the text that PostgreSQL makes of their values; of a list row the whole
 * list that it is part of, as it would be published.
 */
export async function readFiled(db: Db, row: WholeRow): Promise<RecordDraft['sections']> {
  const names = new Set([...Object.keys(row.carries), ...Object.keys(row.sections)]);
  const asked = sections.filter((section) => names.has(section.name));
  if (asked.length === 0) return {};
  const of =
    row.kind === 'list-row'
      ? sql`r.kind = 'list-row' and r.pin = ${row.pin} and r.section = ${row.section}`
      : sql`r.sheet = ${row.sheet} and r.row_no = ${row.row}`;
  const each = asked.map(
    (section) => sql`
    select ${sql.raw(literal(section.name))} as section, coalesce(jsonb_agg(
      ${sql.raw(textObject(section))} order by r.sheet, r.row_no, e.ordinal), '[]'::jsonb) as rows
    from intake.row r
    cross join lateral jsonb_array_elements(coalesce(r.sections -> ${sql.raw(literal(section.name))},
      '[]'::jsonb)) with ordinality as e (value, ordinal)
    cross join lateral jsonb_to_record(e.value) as v (${sql.raw(typed(section))})
    where r.import_id = ${row.importId} and ${of}`,
  );
  const { rows } = await sql<{ sections: RecordDraft['sections'] }>`
    select jsonb_object_agg(section, rows) as sections
    from (${sql.join(each, sql` union all `)}) s`.execute(db);
  return rows[0]?.sections ?? {};
}

const textObject = (section: Section): string => {
  const pairs = section.fields.map(({ name }) => `${literal(name)}, v.${name}::text`);
  return `jsonb_strip_nulls(jsonb_build_object(${pairs.join(', ')}))`;
};

const typed = (section: Section): string =>
  section.fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ');

/** The record that the row would be published to; undefined where it would be a new one. */
export async function findRecord(
  db: Db,
  { kind, recordId, pin, unitCode }: WholeRow,
): Promise<string | undefined> {
  if (recordId !== null) return recordId;
  const { rows } =
    kind === 'unit'
      ? await sql<{ recordId: string }>`
          select record_id from profile.org_unit where code = ${unitCode}`.execute(db)
      : await sql<{ recordId: string }>`${recordsOfPins(sql`${pin}`)}`.execute(db);
  return rows[0]?.recordId;
}
