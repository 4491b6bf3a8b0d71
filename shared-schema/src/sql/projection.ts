/**
 * The projection: which rows of a record travel, as text with the same bytes on both sides.
 *
 * Every query here reads a manifest table (`record_id, op, whole, sections`) that names the records;
 * the same queries serve the sealer (schema `profile`) and the feed (schema `national`).
 */
import type { Section } from '../catalogue/types.ts';
import { wireColumns } from '../wire/blocks.ts';
import { fieldColumns, keyColumns } from './names.ts';

/** Rows of a section for the records of `manifest`, in the wire's column order. */
export function projectionSql(
  section: Section,
  schema: 'profile' | 'national',
  manifest: string,
): string {
  const columns = wireColumns(section).map((column) => `s.${column.name}`);
  const order = keyColumns(section).map((column) => `s.${column}`);
  return `select ${columns.join(', ')} from ${schema}.${section.name} s
    join ${manifest} m on m.record_id = s.record_id
    where m.op = 'U' and (m.whole or ${section.tag} = any (m.sections))
    order by ${order.join(', ')}`;
}

/**
 * `rows` and `digest` of a section: SHA-256 over the SHA-256 of each row's text in order of its key.
 * `source` is a table or subquery aliased `s`; rows of both sides render alike (pinned settings).
 */
export function digestSql(section: Section, source: string): string {
  const row = [...keyColumns(section), ...fieldColumns(section)].map((name) => `s.${name}`);
  const order = keyColumns(section).map((column) => `s.${column}`);
  return `select ${section.tag}::integer as section, count(*) as rows,
      sha256(coalesce(string_agg(sha256(convert_to(row(${row.join(', ')})::text, 'UTF8')), ''::bytea
        order by ${order.join(', ')}), ''::bytea)) as digest
    from ${source}`;
}
