/** What the node has of people and units, as far as rows that come in are judged by it. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { UnitTree } from '@lienthong/shared-schema/rules/rule.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { readStoredSections, type StoredSections } from './stored-sections.ts';

/**
 * These sections of the records of these people by PIN, for those whom the node has; of several records of one number
 * the active one, which is that of a person who left and came back. Two queries for all of them.
 */
export async function readStoredPeople(
  db: Db,
  pins: readonly string[],
  asked: ReadonlySet<string>,
): Promise<ReadonlyMap<string, StoredSections>> {
  const { rows: meant } = await sql<{ pin: string; recordId: string }>`
    select distinct on (i.pin) i.pin, i.record_id
    from profile.identity i left join profile.employment e using (record_id)
    where i.pin = any(${pins}::text[])
    order by i.pin, (e.status = '1') desc nulls last, i.record_id desc`.execute(db);
  if (meant.length === 0) return new Map();
  const stored = await readStoredSections(
    db,
    meant.map((one) => one.recordId),
    sections.filter((section) => asked.has(section.name)),
  );
  return new Map(meant.map(({ pin, recordId }) => [pin, stored.get(recordId) ?? {}]));
}

/** Every unit of the tree; with the day where it was closed. */
export async function readUnitTree(db: Db): Promise<UnitTree> {
  const { rows } = await sql<{ code: string; closedOn: string | null }>`
    select code, closed_on from profile.org_unit order by code`.execute(db);
  return new Map(rows.map((row) => [row.code, row.closedOn]));
}

/** Active records of people of which another active record has the same number. */
export async function recordsWithSharedPins(db: Db): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ recordId: string }>`
    select record_id from (
      select i.record_id, count(*) over (partition by i.pin) as holders
      from profile.identity i join profile.employment e using (record_id)
      where e.status = '1'
    ) p where holders > 1`.execute(db);
  return new Set(rows.map((row) => row.recordId));
}
