/**
 * The mirror, schema `national`: what the hub holds about this unit. Only the pull writes it, from
 * the staging tables; the unit's own tables are never touched.
 */
import { nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { replaceSealedSql } from '@lienthong/shared-schema/sql/sealed.ts';
import { replaceSectionSql, stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import type { NationalTotals, Verdict } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

import { markStaged, unmark } from './digests.ts';

const staged = sql.raw(stageRecord);

/** Makes the mirror of every staged record what the page says. */
export async function writeMirror(db: Db): Promise<void> {
  await sql`update ${staged} set outcome = 'apply'`.execute(db);
  await markStaged(db);
  await sql`delete from national.record r using ${staged} m
    where r.record_id = m.record_id and m.op = 'D'`.execute(db);
  await sql`insert into national.record (record_id, kind, version)
    select record_id, kind, version from ${staged} where op = 'U'
    on conflict (record_id) do update set version = excluded.version`.execute(db);
  for (const section of nationalSections) {
    for (const statement of replaceSectionSql(section, undefined)) {
      await sql.raw(statement).execute(db);
    }
  }
  for (const statement of replaceSealedSql(undefined)) await sql.raw(statement).execute(db);
  await unmark(db);
}

/**
 * Stores verdicts as tasks, and sees to it that each refused record travels whole the next time.
 * What was only held back behind an older refusal is put into the log again at once.
 */
export async function storeVerdicts(db: Db, verdicts: readonly Verdict[]): Promise<void> {
  const faults = verdicts.flatMap((verdict) =>
    verdict.faults.map((fault) => ({ ...verdict, ...fault })),
  );
  if (faults.length === 0) return;
  await sql`insert into sync.verdict (record_id, version, seq, section, field, code)
    select f.record_id, f.version, f.seq, f.section, f.field, f.code
    from unnest(${faults.map((f) => f.recordId)}::uuid[],
      ${faults.map((f) => f.version.toString())}::bigint[],
      ${faults.map((f) => f.seq.toString())}::bigint[],
      ${faults.map((f) => f.section)}::smallint[], ${faults.map((f) => f.field)}::text[],
      ${faults.map((f) => f.code)}::text[])
      as f (record_id, version, seq, section, field, code)
    on conflict do nothing`.execute(db);
  const ids = verdicts.map((verdict) => verdict.recordId);
  await sql`update sync.record set whole_next = true where record_id = any(${ids}::uuid[])`.execute(
    db,
  );
  const heldBack = faults.filter((f) => f.code === 'held_back');
  if (heldBack.length === 0) return;
  // once for each version: a record whose newest sealed version is this one
  await sql`insert into sync.change_log (record_id, section)
    select distinct k.record_id, 0 from sync.record k
    join unnest(${heldBack.map((f) => f.recordId)}::uuid[],
      ${heldBack.map((f) => f.version.toString())}::bigint[]) as h (record_id, version)
      on h.record_id = k.record_id and h.version = k.version`.execute(db);
}

/** Puts records that the hub asks for into the log again, as wholes. */
export async function resendRecords(db: Db, recordIds: readonly string[]): Promise<void> {
  if (recordIds.length === 0) return;
  await sql`insert into sync.change_log (record_id, section)
    select record_id, 0 from sync.record
    where present and record_id = any(${[...new Set(recordIds)]}::uuid[])`.execute(db);
}

/** A task is done when the mirror has a newer version of its record, or a newer verdict replaced it. */
export async function resolveVerdicts(db: Db): Promise<void> {
  await sql`update sync.verdict v set resolved_at = now()
    where v.resolved_at is null and (
      exists (select 1 from national.record r where r.record_id = v.record_id and r.version > v.version)
      or exists (select 1 from sync.verdict n where n.record_id = v.record_id and n.version > v.version)
      or exists (select 1 from sync.record k where k.record_id = v.record_id
        and k.version > v.version and not k.present
        and not exists (select 1 from national.record r where r.record_id = v.record_id)))`.execute(
    db,
  );
}

export async function storeTotals(db: Db, totals: readonly NationalTotals[]): Promise<void> {
  const last = totals.at(-1);
  if (last === undefined) return;
  await sql`delete from national.total`.execute(db);
  await sql`insert into national.total (as_of, measure, key, value, agencies)
    select ${last.asOf}, f.measure, f.key, f.value, ${last.agencies}
    from unnest(${last.figures.map((f) => f.measure)}::text[],
      ${last.figures.map((f) => f.key)}::text[],
      ${last.figures.map((f) => f.value.toString())}::bigint[]) as f (measure, key, value)`.execute(
    db,
  );
}

export type OpenVerdict = {
  readonly recordId: string;
  readonly version: bigint;
  readonly section: number;
  readonly field: string;
  readonly code: string;
  readonly receivedAt: Date;
};

/** The tasks that wait for people, oldest first. */
export async function openVerdicts(db: Db): Promise<readonly OpenVerdict[]> {
  const { rows } = await sql<OpenVerdict>`
    select record_id, version, section, field, code, received_at from sync.verdict
    where resolved_at is null order by received_at, record_id, section, field limit 1000`.execute(
    db,
  );
  return rows;
}
