/**
 * Records of people as a reader may see them: a page of the list, one record whole, one for a change.
 * Fields that the reader may not see are not even read. Pages are stable while rows change: a cursor is
 * the sort key and the record of the last row, never a count of rows.
 */
import { recordKindNumber, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import { type RawBuilder, sql } from 'kysely';

import type { Search } from '../protocol/name-search.ts';
import { fieldsFor, type Reader } from '../protocol/reader.ts';
import { mayReadPerson, mayReadRecord, withinUnit } from './readable.ts';
import { recordTags } from './record-tags.ts';

/** Integers as numbers, all else as canonical text; what has no value is not there. */
export type ShownRow = Readonly<Record<string, string | number>>;

export type RecordFilter = {
  /** Code of a unit: people employed in it or below it. */
  readonly unit?: string | undefined;
  /** Code of TRANG_THAI_HO_SO. */
  readonly status?: string | undefined;
  /** Code of LOAI_HO_SO. */
  readonly objectClass?: string | undefined;
  readonly search?: Search | undefined;
};

export type RecordLine = {
  readonly recordId: string;
  /** The given name first, without accents. */
  readonly sortKey: string;
  readonly identity: ShownRow;
  readonly employment: ShownRow;
};

export type RecordPage = {
  readonly after?: Pick<RecordLine, 'sortKey' | 'recordId'> | undefined;
  readonly limit: number;
};

const sortKey = sql`profile.name_key(i.full_name) collate "C"`;

/**
 * People by given name, then the rest of the name, then record; those whose record lacks its employment, which
 * only a slip of SQL leaves, are not among them.
 */
export async function listRecords(
  db: Db,
  reader: Reader,
  filter: RecordFilter,
  { after, limit }: RecordPage,
): Promise<readonly RecordLine[]> {
  const conditions = [
    mayReadPerson(reader),
    ...conditionsOf(filter),
    ...(after === undefined
      ? []
      : [
          sql`(${sortKey}, i.record_id) > (${after.sortKey}::text collate "C", ${after.recordId}::uuid)`,
        ]),
  ];
  const { rows } = await sql<RecordLine>`
    select i.record_id, profile.name_key(i.full_name) as sort_key,
           ${rowObject('i', fieldsFor(reader, identity))} as identity,
           ${rowObject('e', fieldsFor(reader, employment))} as employment
    from profile.identity i join profile.employment e using (record_id)
    where ${sql.join(conditions, sql` and `)}
    order by ${sortKey}, i.record_id limit ${limit}`.execute(db);
  return rows;
}

function conditionsOf(filter: RecordFilter): readonly RawBuilder<unknown>[] {
  const { unit, status, objectClass, search } = filter;
  return [
    ...(unit === undefined ? [] : [withinUnit(sql`e.employing_unit`, unit)]),
    ...(status === undefined ? [] : [sql`e.status = ${status}`]),
    ...(objectClass === undefined ? [] : [sql`e.object_class = ${objectClass}`]),
    ...(search === undefined ? [] : [found(search)]),
  ];
}

function found(search: Search): RawBuilder<unknown> {
  switch (search.kind) {
    case 'pin':
      return sql`i.pin = ${search.pin}`;
    case 'staff-number':
      return sql`e.staff_number = ${search.staffNumber}`;
    case 'name':
      return sql`to_tsvector('simple', profile.name_key(i.full_name))
        @@ to_tsquery('simple', ${search.query})`;
    case 'nothing':
      return sql`false`;
  }
}

/** A row of a section as a JSON object of these fields. */
function rowObject(alias: string, fields: readonly Field[]): RawBuilder<unknown> {
  const pairs = fields.map(({ name, type }) => {
    const text = type.kind === 'integer' ? '' : '::text';
    return `${literal(name)}, ${alias}.${name}${text}`;
  });
  return sql.raw(`jsonb_strip_nulls(jsonb_build_object(${pairs.join(', ')}))`);
}

export type ShownRecord = {
  readonly recordId: string;
  /** Digest of the whole record, in hex: of what the reader may not see as well. */
  readonly tag: string;
  readonly stateSecret: boolean;
  /** Sections with a row, by name; one row of single sections. */
  readonly sections: Readonly<Record<string, readonly ShownRow[]>>;
};

/** A person's list has some dozens of rows; what a slip of SQL has made longer is cut, and said so. */
export const listRowsMax = 2000;

/**
 * One person's record with the sections of `of` that the reader may see, in one snapshot with its tag;
 * undefined where there is none, or none for the reader. Lists come with `listRowsMax` + 1 rows at most.
 */
export async function readRecord(
  db: Db,
  reader: Reader,
  { recordId, of = sections }: { readonly recordId: string; readonly of?: readonly Section[] },
): Promise<ShownRecord | undefined> {
  const asked = sql`select ${recordId}::uuid`;
  const parts = of
    .filter((section) => section.kind === 'person')
    .map((section) => ({ section, fields: fieldsFor(reader, section) }))
    .filter(({ fields }) => fields.length > 0)
    .map(({ section, fields }) => sectionRows(section, fields, recordId));
  const none = sql`select null::text as section, null::jsonb as rows where false`;
  const { rows } = await sql<ShownRecord>`
    select k.record_id, encode(t.tag, 'hex') as tag, k.state_secret, coalesce((
      select jsonb_object_agg(s.section, s.rows)
      from (${sql.join([none, ...parts], sql` union all `)}) s where s.rows is not null
    ), '{}'::jsonb) as sections
    from profile.record k join (${recordTags(asked)}) t using (record_id)
    where k.record_id = ${recordId} and k.kind = ${recordKindNumber.person}
      and ${mayReadRecord(reader, sql`k.record_id`)}`.execute(db);
  return rows[0];
}

function sectionRows(
  section: Section,
  fields: readonly Field[],
  recordId: string,
): RawBuilder<unknown> {
  const ordinal = section.many ? 'ordinal' : '1 as ordinal';
  const names = fields.map((field) => field.name).join(', ');
  return sql`
    select ${sql.raw(literal(section.name))} as section,
           jsonb_agg(${rowObject('t', fields)} order by t.ordinal) as rows
    from (select ${sql.raw(`${ordinal}, ${names} from profile.${section.name}`)}
          where record_id = ${recordId} order by 1 limit ${listRowsMax + 1}) t`;
}
