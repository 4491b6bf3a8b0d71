/** The organisation tree, level by level, with how many people are where: for reading as one goes down. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { Reader } from '../protocol/reader.ts';
import { mayReadPerson, mayReadRecord, withinUnit } from './readable.ts';

export type UnitLine = {
  readonly recordId: string;
  readonly code: string;
  readonly name: string;
  readonly parentCode: string | null;
  readonly unitType: string | null;
  readonly establishedOn: string | null;
  readonly closedOn: string | null;
  /** Units right below it. */
  readonly children: number;
  /** Active people whom it employs itself. */
  readonly people: number;
  /** Active people of it and of all below it. */
  readonly peopleBelow: number;
};

export type UnitPage = {
  /** Absent: the top of what the reader may see. */
  readonly parent?: string | undefined;
  /** Code of the last one seen. */
  readonly after?: string | undefined;
  readonly limit: number;
};

/** In order of their codes. Records that the reader may not see are not counted either. */
export async function listUnits(
  db: Db,
  reader: Reader,
  { parent, after, limit }: UnitPage,
): Promise<readonly UnitLine[]> {
  const top =
    reader.unit === null
      ? sql`not exists (select from profile.org_unit p where p.code = u.parent_code)`
      : sql`u.code = ${reader.unit}`;
  const { rows } = await sql<UnitLine>`
    with page as (
      select u.record_id, u.code, u.name, u.parent_code, u.unit_type, u.established_on, u.closed_on
      from profile.org_unit u
      where ${parent === undefined ? top : sql`u.parent_code = ${parent}`}
        and u.code collate "C" > ${after ?? ''} and ${mayReadRecord(reader, sql`u.record_id`)}
      order by u.code collate "C" limit ${limit}
    )
    select p.record_id, p.code, p.name, p.parent_code, p.unit_type, p.established_on, p.closed_on,
           (select count(*)::integer from profile.org_unit c
            where c.parent_code = p.code and ${mayReadRecord(reader, sql`c.record_id`)}) as children,
           n.people, n.people_below
    from page p cross join lateral (
      select (count(*) filter (where e.employing_unit = p.code))::integer as people,
             count(*)::integer as people_below
      from profile.employment e
      where e.status = '1' and ${withinUnit(sql`e.employing_unit`, sql`p.code`)}
        and ${mayReadPerson(reader)}
    ) n
    order by p.code collate "C"`.execute(db);
  return rows;
}
