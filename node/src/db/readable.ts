/**
 * What a reader may see, as conditions in SQL: the one place where the restriction of a key to a part
 * of the agency, and the secrecy of records, are carried out. Every query on behalf of a key has one of
 * these conditions. Which fields of a record are read is `fieldsFor` in `protocol/reader.ts`.
 */
import { type RawBuilder, sql } from 'kysely';

import type { Reader } from '../protocol/reader.ts';

/** Whether a code of a unit is this one or below it; a range, so that an index in order of bytes serves. */
export function withinUnit(
  code: RawBuilder<unknown>,
  unit: string | RawBuilder<unknown>,
): RawBuilder<unknown> {
  // '/' is the character after '.', which parts the levels
  const [from, to] =
    typeof unit === 'string'
      ? [sql`${`${unit}.`}`, sql`${`${unit}/`}`]
      : [sql`(${unit} || '.')`, sql`(${unit} || '/')`];
  return sql`(${code} = ${unit} or (${code} collate "C" > ${from} and ${code} collate "C" < ${to}))`;
}

const isOpen = (recordId: RawBuilder<unknown>): RawBuilder<unknown> => sql`not exists (
  select from profile.record x where x.record_id = ${recordId} and x.state_secret)`;

/** Of a record that was removed something may be left, such as what is due of it. */
const wasOpen = (recordId: RawBuilder<unknown>): RawBuilder<unknown> => sql`not exists (
  select from profile.removed_record x
  where x.record_id = ${recordId} and x.state_secret and x.restored_at is null)`;

/** On a person whose employment is the row `e`: the same as `mayReadRecord`, for an index to serve. */
export function mayReadPerson({ unit, secret }: Reader): RawBuilder<unknown> {
  return conjunction([
    ...(secret ? [] : [isOpen(sql`e.record_id`)]),
    ...(unit === null ? [] : [withinUnit(sql`e.employing_unit`, unit)]),
  ]);
}

/** On an expression that is a record_id: of a person, or of a unit of the tree. */
export function mayReadRecord(reader: Reader, recordId: RawBuilder<unknown>): RawBuilder<unknown> {
  const { unit, secret } = reader;
  const within = (code: string): RawBuilder<unknown> => withinUnit(sql.ref(code), unit ?? '');
  const ours = sql`exists (
    select from profile.employment x
    where x.record_id = ${recordId} and ${within('x.employing_unit')}
    union all
    select from profile.org_unit x where x.record_id = ${recordId} and ${within('x.code')})`;
  const open = [isOpen(recordId), wasOpen(recordId)];
  return conjunction([...(secret ? [] : open), ...(unit === null ? [] : [ours])]);
}

/** On the row `r` of the intake. */
export function mayReadRow({ unit, secret }: Reader): RawBuilder<unknown> {
  return conjunction([...(secret ? [] : openRow), ...(unit === null ? [] : [rowOfUnit(unit)])]);
}

/** Of no record that is a secret, or was one when it was removed. */
const openRow: readonly RawBuilder<unknown>[] = [
  sql`not exists (
    select from profile.record x where x.state_secret and x.record_id = r.record_id)`,
  sql`not exists (
    select from profile.identity n join profile.record x using (record_id)
    where x.state_secret and n.pin = r.pin)`,
  sql`not exists (
    select from profile.removed_record x where x.state_secret and x.record_id = r.record_id)`,
  sql`not exists (select from profile.removed_record x where x.state_secret and x.pin = r.pin)`,
];

/**
 * Whether the row `r` is of the unit or of what is below it. Of a person whom the node has the record
 * decides: a row that would bring somebody over from elsewhere does not open that record.
 */
function rowOfUnit(unit: string): RawBuilder<unknown> {
  const employing = sql`(o.sections -> 'employment' -> 0 ->> 'employing_unit')`;
  return sql`case when r.kind = 'unit' then ${withinUnit(sql`r.unit_code`, unit)} else coalesce(
    (select bool_and(${withinUnit(sql`e.employing_unit`, unit)})
     from profile.identity n join profile.employment e using (record_id)
     where n.pin = r.pin or n.record_id = r.record_id),
    exists (
      select from intake.row o
      where o.import_id = r.import_id and o.kind = 'person' and o.pin = r.pin
        and ${withinUnit(employing, unit)})) end`;
}

const conjunction = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
  conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
