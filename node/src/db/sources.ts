/** Sources of data and what they write in place of our codes and headings. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { MappedCode } from '../intake/code-mapping.ts';
import type { MappedHeading } from '../intake/heading-mapping.ts';

export type Source = {
  readonly name: string;
  readonly kind: 'file' | 'packet' | 'api';
  readonly trusted: boolean;
};

export async function findSource(db: Db, name: string): Promise<Source | undefined> {
  const { rows } = await sql<Source>`
    select name, kind, trusted from intake.source where name = ${name}`.execute(db);
  return rows[0];
}

export async function listSources(db: Db): Promise<readonly Source[]> {
  const { rows } = await sql<Source>`
    select name, kind, trusted from intake.source order by name`.execute(db);
  return rows;
}

/** A source of files, new or changed. False where the name is that of a program. */
export async function storeFileSource(
  db: Db,
  { name, trusted }: Pick<Source, 'name' | 'trusted'>,
): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`
    insert into intake.source (name, kind, trusted) values (${name}, 'file', ${trusted})
    on conflict (name) do update set trusted = excluded.trusted
    where intake.source.kind = 'file'
    returning name`.execute(db);
  return rows.length > 0;
}

export async function readMappedCodes(db: Db, source: string): Promise<readonly MappedCode[]> {
  const { rows } = await sql<MappedCode>`
    select list, value, code from intake.code_mapping
    where source = ${source} order by list, value`.execute(db);
  return rows;
}

export async function readMappedHeadings(
  db: Db,
  source: string,
): Promise<readonly MappedHeading[]> {
  const { rows } = await sql<MappedHeading>`
    select heading, section, field from intake.heading_mapping
    where source = ${source} order by heading`.execute(db);
  return rows;
}

/** New ones, and others in place of those with the same value. */
export async function storeMappedCodes(
  db: Db,
  source: string,
  mapped: readonly MappedCode[],
): Promise<void> {
  await sql`
    insert into intake.code_mapping (source, list, value, code)
    select ${source}, list, value, code
    from jsonb_to_recordset(${JSON.stringify(mapped)}::jsonb) as m (list text, value text, code text)
    on conflict (source, list, value) do update set code = excluded.code`.execute(db);
}

export async function storeMappedHeadings(
  db: Db,
  source: string,
  mapped: readonly MappedHeading[],
): Promise<void> {
  await sql`
    insert into intake.heading_mapping (source, heading, section, field)
    select ${source}, heading, section, field
    from jsonb_to_recordset(${JSON.stringify(mapped)}::jsonb)
      as m (heading text, section text, field text)
    on conflict (source, heading)
      do update set section = excluded.section, field = excluded.field`.execute(db);
}

/** How many were there. */
export async function removeMappedCodes(
  db: Db,
  source: string,
  mapped: readonly Pick<MappedCode, 'list' | 'value'>[],
): Promise<number> {
  const { rows } = await sql`
    delete from intake.code_mapping c
    using jsonb_to_recordset(${JSON.stringify(mapped)}::jsonb) as m (list text, value text)
    where c.source = ${source} and c.list = m.list and c.value = m.value returning 1`.execute(db);
  return rows.length;
}

export async function removeMappedHeading(
  db: Db,
  source: string,
  heading: string,
): Promise<number> {
  const { rows } = await sql`
    delete from intake.heading_mapping
    where source = ${source} and heading = ${heading} returning 1`.execute(db);
  return rows.length;
}

export type UnmappedValue = {
  readonly source: string;
  readonly list: string;
  readonly value: string;
  /** Rows that are refused for it. */
  readonly rows: number;
  readonly fields: readonly string[];
};

/** Values that hold rows back, the most frequent first; `source` null for those of all sources. */
export async function unmappedValues(
  db: Db,
  source: string | null,
): Promise<readonly UnmappedValue[]> {
  const { rows } = await sql<UnmappedValue>`
    select i.source, f.finding #>> '{unmapped,list}' as list,
           f.finding #>> '{unmapped,value}' as value,
           count(distinct (r.import_id, r.sheet, r.row_no))::integer as rows,
           array_agg(distinct f.finding ->> 'field') as fields
    from intake.row r
    join intake.import i on i.id = r.import_id
    cross join lateral jsonb_array_elements(r.findings) as f (finding)
    where r.state = 'refused' and f.finding ? 'unmapped'
      and (${source}::text is null or i.source = ${source})
    group by 1, 2, 3
    order by 4 desc, 1, 2, 3`.execute(db);
  return rows;
}
