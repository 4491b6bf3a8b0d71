/**
 * Which rows of `profile`, or of `national`, hold a code that its list does not allow: that the list does not know, or
 * that was not in force at the date of the event; today, where the field has none. An event without a
 * date allows whatever was ever in force, as the checks do.
 */
import { nationalSections, sections } from '../catalogue/catalogue.ts';
import type { Field, Section } from '../catalogue/types.ts';
import { literal } from './names.ts';

export type HoldersOptions = {
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** Names of lists; undefined: all. */
  readonly lists?: readonly string[] | undefined;
  /** Default `profile`; `national` has the sections that travel in plain text alone. */
  readonly schema?: 'profile' | 'national' | undefined;
  /** Only sections that travel in plain text. */
  readonly plainOnly?: boolean | undefined;
};

/** `list, code, section, field, record_id` of each such row; undefined where no field has such a list. */
export function codeHoldersSql(options: HoldersOptions): string | undefined {
  const { today, lists, schema = 'profile', plainOnly = schema === 'national' } = options;
  const parts = (plainOnly ? nationalSections : sections).flatMap((section) =>
    section.fields.flatMap((field) =>
      field.type.kind === 'code' && (lists === undefined || lists.includes(field.type.list))
        ? [fieldHolders(section, field, field.type.list, { today, schema })]
        : [],
    ),
  );
  return parts.length === 0 ? undefined : parts.join('\nunion all\n');
}

function fieldHolders(
  section: Section,
  field: Field,
  list: string,
  { today, schema }: { readonly today: string; readonly schema: string },
): string {
  const column = `s.${field.name}`;
  return `select ${literal(list)} as list, ${column} as code, ${literal(section.name)} as section,
    ${literal(field.name)} as field, s.record_id
  from ${schema}.${section.name} s
  where ${column} is not null and ${isHeld(field, column, { list, today })}`;
}

/**
 * Lists are compared by uncorrelated subqueries, which PostgreSQL hashes once whatever it knows of the
 * tables; only what is left is looked up row by row, by the key of the list.
 */
function isHeld(
  field: Field,
  column: string,
  { list, today }: { readonly list: string; readonly today: string },
): string {
  const codes = `select c.code from catalogue.code_value c where c.list = ${literal(list)}`;
  if (field.asOf === undefined) {
    return `${column} not in (${codes}
      and ${literal(today)} collate "C" between c.valid_from and c.valid_to)`;
  }
  // a year is a number
  const event = `s.${field.asOf}::text`;
  return `${column} not in (${codes} and c.valid_from = '0000-01-01' and c.valid_to = '9999-12-31')
    and (${column} not in (${codes}) or (${event} is not null and not exists (
      ${codes} and c.code = ${column}
        and left(c.valid_from, length(${event})) <= ${event} collate "C"
        and left(c.valid_to, length(${event})) >= ${event} collate "C")))`;
}
