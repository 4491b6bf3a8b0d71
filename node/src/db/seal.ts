/**
 * The sealer's queries, all inside its one repeatable-read transaction: take what is visible in the
 * change log, whole records only; raise their versions; read the state of just these records.
 *
 * The log holds keys only, so there is no order in it to get wrong: what commits late is simply still
 * in the log at the next seal, and what is read is the state of the same snapshot.
 */
import {
  headSection,
  nationalSections,
  sealedSections,
} from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/** Run before the transaction's first query: taking the lock takes no snapshot. */
export const sealerLock = 'lock table sync.sealer in exclusive mode';

/** Where the records of the batch being sealed are listed, with the columns of the manifest. */
export const sealManifest = 'pg_temp.seal_manifest';

const logRowsPerRecord = 40;

/**
 * Empties the log of the next records and lists them in the manifest; the organisation tree goes
 * ahead of the people who name it. Returns the number of log rows taken and of records to send.
 */
export async function takeChanges(
  tx: Tx,
  recordsMax: number,
): Promise<{ readonly taken: number; readonly records: number }> {
  const { db } = tx;
  await tx.client.query(`create temporary table if not exists seal_taken (
      record_id uuid not null, section smallint not null,
      noted_at timestamptz, system boolean) on commit delete rows;
    create temporary table if not exists seal_manifest (
      record_id uuid primary key, kind smallint not null, version bigint not null, op text not null,
      whole boolean not null, sections smallint[] not null,
      changes text[] not null default '{}') on commit delete rows`);
  const window = recordsMax * logRowsPerRecord;
  const taking = await sql`with next as (
      select record_id from (
        (select record_id, n, 0 as tier from sync.change_log where section in (1, 2)
          order by n limit ${window})
        union all
        (select record_id, n, 1 as tier from sync.change_log order by n limit ${window})) w
      group by record_id order by min(tier), min(n) limit ${recordsMax}),
    gone as (
      delete from sync.change_log l using next where l.record_id = next.record_id
      returning l.record_id, l.section, l.noted_at, l.origin)
    insert into pg_temp.seal_taken
    select record_id, section, min(noted_at) filter (where origin <> 'n'),
      bool_and(origin = 's') filter (where origin <> 'n')
    from gone group by record_id, section`.execute(db);
  const taken = Number(taking.numAffectedRows ?? 0n);
  if (taken === 0) return { taken, records: 0 };
  await tx.client.query('analyze pg_temp.seal_taken');
  const listing = await sql`insert into pg_temp.seal_manifest
    select t.record_id, coalesce(r.kind, k.kind), coalesce(k.version, 0) + 1,
      case when visible.shown then 'U' else 'D' end,
      visible.shown and (k.record_id is null or not k.present or k.whole_next or t.itself),
      t.sections
    from (
      select record_id, bool_or(section = 0) as itself,
        coalesce(array_agg(section order by section)
          filter (where section = any(${travellingTags}::smallint[])), '{}') as sections
      from pg_temp.seal_taken group by record_id) t
    left join profile.record r on r.record_id = t.record_id
    left join sync.record k on k.record_id = t.record_id
    cross join lateral (select r.record_id is not null and not r.state_secret and case r.kind
        when 1 then exists (select 1 from ${sql.raw(orgUnitTable)} h where h.record_id = t.record_id)
        else exists (select 1 from ${sql.raw(personTable)} h where h.record_id = t.record_id)
      end as shown) visible
    where (visible.shown and (cardinality(t.sections) > 0 or t.itself or k.whole_next))
      or (not coalesce(visible.shown, false) and k.present)`.execute(db);
  await tx.client.query(`analyze ${sealManifest}`);
  return { taken, records: Number(listing.numAffectedRows ?? 0n) };
}

const travellingTags = [...nationalSections, ...sealedSections].map((section) => section.tag);
const orgUnitTable = `profile.${headSection.org_unit.name}`;
const personTable = `profile.${headSection.person.name}`;

/** Remembers the version of each listed record and whether the hub is now meant to have it. */
export async function raiseVersions(tx: Tx): Promise<void> {
  await sql`insert into sync.record (record_id, kind, version, present)
    select record_id, kind, version, op = 'U' from pg_temp.seal_manifest
    on conflict (record_id) do update
      set version = excluded.version, present = excluded.present, whole_next = false`.execute(
    tx.db,
  );
}
