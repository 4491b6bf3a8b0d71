/** What the node has of people and units, as far as rows that come in are judged by it. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { UnitTree } from '@lienthong/shared-schema/rules/rule.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { StoredPerson } from '../intake/evaluate-person.ts';
import { isActive, recordsOfPins } from './record-of-pin.ts';
import { readStoredSections } from './stored-sections.ts';

/** By PIN these sections of the record that each number means, for those whom the node has. */
export async function readStoredPeople(
  db: Db,
  pins: readonly string[],
  asked: ReadonlySet<string>,
): Promise<ReadonlyMap<string, StoredPerson>> {
  const named = sql`select unnest(${pins}::text[])`;
  const { rows: meant } = await sql<{ pin: string; recordId: string }>`
    ${recordsOfPins(named)}`.execute(db);
  if (meant.length === 0) return new Map();
  const { rows: shared } = await sql<{ pin: string }>`
    select i.pin from profile.identity i left join profile.employment e using (record_id)
    where i.pin in (${named}) and ${isActive}
    group by i.pin having count(*) > 1`.execute(db);
  const sharedPins = new Set(shared.map((row) => row.pin));
  const stored = await readStoredSections(
    db,
    meant.map((one) => one.recordId),
    sections.filter((section) => asked.has(section.name)),
  );
  return new Map(
    meant.map(({ pin, recordId }) => [
      pin,
      { sections: stored.get(recordId) ?? {}, pinIsShared: sharedPins.has(pin) },
    ]),
  );
}

/** Every unit of the tree; with the day where it was closed. */
export async function readUnitTree(db: Db): Promise<UnitTree> {
  const { rows } = await sql<{ code: string; closedOn: string | null }>`
    select code, closed_on from profile.org_unit order by code`.execute(db);
  return new Map(rows.map((row) => [row.code, row.closedOn]));
}

/** Of every unit that is below another the code of that one. */
export async function readUnitParents(db: Db): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ code: string; parent: string }>`
    select code, parent_code as parent from profile.org_unit
    where parent_code is not null order by code`.execute(db);
  return new Map(rows.map((row) => [row.code, row.parent]));
}

/** Active records of people of which another active record has the same number. */
export async function recordsWithSharedPins(db: Db): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ recordId: string }>`
    select record_id from (
      select i.record_id, count(*) over (partition by i.pin) as holders
      from profile.identity i left join profile.employment e using (record_id)
      where ${isActive}
    ) p where holders > 1`.execute(db);
  return new Set(rows.map((row) => row.recordId));
}
