/** Writes the records whose outcome is `apply` to the national tables, one kind at a time. */
import { nationalSections, sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordKind } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import { replaceSealedSql } from '@lienthong/shared-schema/sql/sealed.ts';
import { replaceSectionSql, stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { markStaged, unmark } from './digests.ts';

const staged = sql.raw(stageRecord);

type Batch = { readonly agency: string; readonly seq: bigint };

export async function writeRecords(db: Db, batch: Batch, kind: RecordKind): Promise<void> {
  const number = kind === 'org_unit' ? 1 : 2;
  await markStaged(db, batch.agency, number);
  await sql`delete from national.record r using ${staged} m
    where r.record_id = m.record_id and r.agency = ${batch.agency} and m.kind = ${number}
      and m.outcome = 'apply' and m.op = 'D'`.execute(db);
  await sql`update national.record r set version = m.version, seq = ${batch.seq}
    from ${staged} m
    where r.record_id = m.record_id and r.agency = ${batch.agency} and m.kind = ${number}
      and m.outcome = 'apply' and m.op = 'U'`.execute(db);
  // no "on conflict": the record that another unit brought meanwhile must not become ours
  await sql`insert into national.record (record_id, agency, kind, version, seq)
    select m.record_id, ${batch.agency}, m.kind, m.version, ${batch.seq} from ${staged} m
    where m.kind = ${number} and m.outcome = 'apply' and m.op = 'U' and not exists (
      select 1 from national.record r
      where r.record_id = m.record_id and r.agency = ${batch.agency})`.execute(db);
  const touched = await touchedSections(db, kind);
  for (const section of touched) {
    for (const statement of replaceSectionSql(section, literal(batch.agency))) {
      await sql.raw(statement).execute(db);
    }
  }
  if (kind === 'person') {
    for (const statement of replaceSealedSql(literal(batch.agency))) {
      await sql.raw(statement).execute(db);
    }
  }
  await unmark(db);
}

/** The sections that some applied record of this kind names, or all of them where one is whole. */
async function touchedSections(db: Db, kind: RecordKind): Promise<typeof nationalSections> {
  const number = kind === 'org_unit' ? 1 : 2;
  const { rows } = await sql<{ whole: boolean | null; tags: readonly number[] | null }>`
    select bool_or(m.whole) as whole,
      (select array_agg(distinct t) from ${staged} n, unnest(n.sections) t
        where n.kind = ${number} and n.outcome = 'apply' and n.op = 'U') as tags
    from ${staged} m where m.kind = ${number} and m.outcome = 'apply' and m.op = 'U'`.execute(db);
  const [row] = rows;
  if (row?.whole === true) return nationalSections.filter((section) => section.kind === kind);
  return (row?.tags ?? [])
    .map((tag) => sectionByTag(tag))
    .filter((section) => section !== undefined)
    .filter((section) => section.kind === kind && section.reach === 'national');
}

/** Keeps the identity registry in step: active people of the batch are in it, all others are not. */
export async function writeIdentities(db: Db, agency: string): Promise<void> {
  await sql`delete from registry.identity i using ${staged} m
    where i.record_id = m.record_id and m.kind = 2 and m.outcome = 'apply'`.execute(db);
  await sql`insert into registry.identity (pin, record_id, agency)
    select n.pin, n.record_id, ${agency} from ${staged} m
    join national.identity n on n.record_id = m.record_id
    left join national.employment e on e.record_id = m.record_id
    where m.kind = 2 and m.outcome = 'apply' and m.op = 'U'
      and coalesce(e.status, '1') = '1'`.execute(db);
}

/** Opens and closes quarantine: a refused record is held with its faults, an applied one is free. */
export async function writeHeld(db: Db, batch: Batch): Promise<void> {
  await sql`delete from sync.held_record h using ${staged} m
    where h.agency = ${batch.agency} and h.record_id = m.record_id
      and m.outcome in ('apply', 'refuse')`.execute(db);
  await sql`insert into sync.held_record (agency, record_id, kind, version, seq)
    select ${batch.agency}, m.record_id, m.kind, m.version, ${batch.seq} from ${staged} m
    where m.outcome = 'refuse'
      and not exists (select 1 from national.record r
                      where r.record_id = m.record_id and r.agency <> ${batch.agency})`.execute(db);
  await sql`insert into sync.held_fault (agency, record_id, section, field, code)
    select distinct h.agency, f.record_id, f.section, f.field, f.code from pg_temp.stage_fault f
    join sync.held_record h on h.agency = ${batch.agency} and h.record_id = f.record_id
    join ${staged} m on m.record_id = f.record_id and m.outcome = 'refuse'`.execute(db);
}

export type OutcomeCounts = {
  readonly accepted: number;
  readonly refused: number;
  readonly ignored: number;
};

export async function countOutcomes(db: Db): Promise<OutcomeCounts> {
  const { rows } = await sql<OutcomeCounts>`
    select count(*) filter (where outcome = 'apply')::integer as accepted,
      count(*) filter (where outcome = 'refuse')::integer as refused,
      count(*) filter (where outcome = 'ignore')::integer as ignored
    from ${staged}`.execute(db);
  return rows[0] ?? { accepted: 0, refused: 0, ignored: 0 };
}
