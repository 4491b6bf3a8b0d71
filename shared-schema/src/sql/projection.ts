/**
 * The projection: which rows of a record travel, as text with the same bytes on both sides.
 *
 * Every query here reads a manifest table (`record_id, op, whole, sections`) that names the records;
 * the same queries serve the sealer (schema `profile`) and the feed (schema `national`).
 */
import type { Section } from '../catalogue/types.ts';
import { wireColumns } from '../wire/blocks.ts';
import { keyColumns } from './names.ts';

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
