/**
 * Records that were taken out of the unit's own. The whole record goes into the archive first, every
 * section in canonical text; then the capture triggers see the deletion, and the tombstone travels. What
 * is in the archive stays until the archive law lets a person delete it, and can be put back.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, sqlType } from '@lienthong/shared-schema/sql/names.ts';
import { type RawBuilder, sql } from 'kysely';

import { isActive } from './record-of-pin.ts';
import { storedSections, type StoredSections } from './stored-sections.ts';

export type Removal = {
  /** By default the source of the import. */
  readonly removedBy: string | null;
  readonly reason: string | null;
  readonly importId: string | null;
};

/** The picked rows of a publication that remove their record; one that is gone already is no fault. */
export async function removePicked(db: Db, removal: Removal): Promise<void> {
  await sql`
    update pg_temp.publish_pick p set record_id = null
    where p.action = 'remove' and p.held is null and not p.known`.execute(db);
  const picked = sql`
    select record_id from pg_temp.publish_pick
    where action = 'remove' and held is null and record_id is not null`;
  await removeRecords(db, picked, removal);
  await sql`
    insert into pg_temp.publish_changed (record_id, list)
    select record_id, '' from (${picked}) r`.execute(db);
}

/** One record, by a person's decision. False where there is none. */
export async function removeRecord(
  db: Db,
  recordId: string,
  removal: Pick<Removal, 'removedBy' | 'reason'>,
): Promise<boolean> {
  const asked = sql`select ${recordId}::uuid`;
  return (await removeRecords(db, asked, { ...removal, importId: null })) > 0;
}

/** Archives and deletes the records of `asked`, a query of record_id. Returns how many there were. */
export async function removeRecords(
  db: Db,
  asked: RawBuilder<unknown>,
  { removedBy, reason, importId }: Removal,
): Promise<number> {
  await sql`
    insert into profile.removed_record (record_id, kind, state_secret, created_at, pin, sections,
                                        removed_by, source, import_id, reason)
    select k.record_id, k.kind, k.state_secret, k.created_at,
           s.sections -> 'identity' -> 0 ->> 'pin', coalesce(s.sections, '{}'::jsonb),
           coalesce(${removedBy}, 'source:' || i.source), i.source, i.id, ${reason}
    from profile.record k
    left join (${storedSections(asked)}) s on s.record_id = k.record_id
    left join intake.import i on i.id = ${importId}
    where k.record_id in (${asked})`.execute(db);
  const { numAffectedRows } = await sql`
    delete from profile.record where record_id in (${asked})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Of the records of `asked`, a query of record_id, none counts as removed any more. */
export async function noteRestored(
  db: Db,
  asked: RawBuilder<unknown>,
  restoredBy: string,
): Promise<void> {
  await sql`
    update profile.removed_record set restored_at = now(), restored_by = ${restoredBy}
    where restored_at is null and record_id in (${asked})`.execute(db);
}

export type RemovedRecord = {
  readonly id: bigint;
  readonly recordId: string;
  readonly removedAt: Date;
  readonly removedBy: string;
  readonly source: string | null;
  readonly reason: string | null;
};

/** What was removed and is not back, newest first; `before` is the `id` of the last one seen. */
export async function listRemoved(
  db: Db,
  { before, limit }: { readonly before?: bigint | undefined; readonly limit: number },
): Promise<readonly RemovedRecord[]> {
  const { rows } = await sql<RemovedRecord>`
    select id, record_id, removed_at, removed_by, source, reason
    from profile.removed_record
    where restored_at is null ${before === undefined ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

/** The sections of a removed record that is not back, in canonical text. */
export async function readRemoved(
  db: Db,
  recordId: string,
): Promise<(RemovedRecord & { readonly sections: StoredSections }) | undefined> {
  const { rows } = await sql<RemovedRecord & { readonly sections: StoredSections }>`
    select id, record_id, removed_at, removed_by, source, reason, sections
    from profile.removed_record
    where record_id = ${recordId} and restored_at is null`.execute(db);
  return rows[0];
}

/**
 * Puts a removed record back as it was, under its own identifier. `absent` where the archive has none
 * that is not back, `taken` where another active record has its number or its code by now.
 */
export async function restoreRecord(
  db: Db,
  recordId: string,
  restoredBy: string,
): Promise<'restored' | 'absent' | 'taken'> {
  const { rows } = await sql<{ id: bigint; taken: boolean }>`
    select r.id,
      exists (
        select from profile.identity i left join profile.employment e using (record_id)
        where i.pin = r.pin and ${isActive}
          and coalesce(r.sections -> 'employment' -> 0 ->> 'status', '1') = '1')
      or exists (
        select from profile.org_unit u where u.code = r.sections -> 'org_unit' -> 0 ->> 'code') as taken
    from profile.removed_record r
    where r.record_id = ${recordId} and r.restored_at is null for update`.execute(db);
  const [found] = rows;
  if (found === undefined) return 'absent';
  if (found.taken) return 'taken';
  await sql`
    insert into profile.record (record_id, kind, state_secret, created_at)
    select record_id, kind, state_secret, created_at from profile.removed_record
    where id = ${found.id}`.execute(db);
  for (const section of sections) await restoreSection(db, section, found.id);
  await noteRestored(db, sql`select ${recordId}::uuid`, restoredBy);
  return 'restored';
}

async function restoreSection(db: Db, section: Section, id: bigint): Promise<void> {
  const columns = fieldColumns(section);
  const typed = section.fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ');
  const keys = section.many ? 'record_id, ordinal' : 'record_id';
  await sql`
    insert into ${sql.raw(`profile.${section.name}`)} (${sql.raw([keys, ...columns].join(', '))})
    select r.record_id, ${sql.raw(section.many ? 'e.ordinal,' : '')}
           ${sql.raw(columns.map((name) => `v.${name}`).join(', '))}
    from profile.removed_record r
    cross join lateral jsonb_array_elements(coalesce(r.sections -> ${section.name}::text, '[]'::jsonb))
      with ordinality as e (value, ordinal)
    cross join lateral jsonb_to_record(e.value) as v (${sql.raw(typed)})
    where r.id = ${id}`.execute(db);
}
