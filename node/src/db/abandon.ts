/**
 * Giving up the end of one's own chain: what its batches changed goes back to the log, to be sealed
 * anew behind the hub's chain; the batches themselves are kept as evidence.
 */
import { nationalSections, sealedSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db, Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

export type AbandonedContent = {
  readonly header: Buffer;
  /** Null where it was dropped because the hub had called the batch safe. */
  readonly content: Buffer | null;
};

export async function sealedContent(db: Db, seq: bigint): Promise<AbandonedContent | undefined> {
  const { rows } = await sql<AbandonedContent>`
    select header, content from sync.outbox_batch where seq = ${seq}`.execute(db);
  return rows[0];
}

/** Run before the first batch is noted. */
export async function beginAbandon({ client }: Tx): Promise<void> {
  await client.query(`create temporary table if not exists rejoin_abandoned (
      record_id uuid not null, kind smallint not null, version bigint not null,
      itself boolean not null, sections smallint[] not null) on commit delete rows;
    delete from pg_temp.rejoin_abandoned`);
}

/** Notes the staged manifest of one batch, and empties the stage. */
export async function noteAbandoned({ db, client }: Tx): Promise<void> {
  await sql`insert into pg_temp.rejoin_abandoned (record_id, kind, version, itself, sections)
    select record_id, kind, version, whole or op = 'D', sections
    from ${sql.raw(stageRecord)}`.execute(db);
  await client.query(`delete from ${stageRecord}`);
}

const travelling = [...nationalSections, ...sealedSections];
const tagsOf = (kind: string): string =>
  travelling
    .filter((section) => section.kind === kind)
    .map((section) => section.tag)
    .join(',');
/** All travelling sections of a record, as an SQL array: what a whole record brings. */
const allTags = `case kind when 1 then '{${tagsOf('org_unit')}}'::smallint[]
  else '{${tagsOf('person')}}'::smallint[] end`;

/**
 * Puts what was noted into the log, section by section, takes its versions back, and moves the
 * batches above `common` out of the chain. Returns the number of records.
 */
export async function abandonAbove({ db }: Tx, common: bigint): Promise<number> {
  await sql`insert into sync.change_log (record_id, section)
    select record_id, section from (
      select distinct record_id, unnest(case when itself
        then 0::smallint || ${sql.raw(allTags)} else sections end) as section
      from pg_temp.rejoin_abandoned) s`.execute(db);
  // as before the first of them; what was new then has no version. Present, until the hub's chain
  // says otherwise: so a record that was deleted here is deleted there too.
  const { numAffectedRows } = await sql`update sync.record k
    set version = a.version - 1, present = true, whole_next = true
    from (select record_id, min(version) as version from pg_temp.rejoin_abandoned
      group by record_id) a
    where k.record_id = a.record_id`.execute(db);
  await sql`delete from sync.record where version = 0`.execute(db);
  await sql`insert into sync.abandoned_batch
      (header_hash, seq, header, signature, content, receipt, receipt_signature)
    select header_hash, seq, header, signature, content, receipt, receipt_signature
    from sync.outbox_batch where seq > ${common} on conflict do nothing`.execute(db);
  await sql`delete from sync.outbox_batch where seq > ${common}`.execute(db);
  await sql`update sync.chain set head_seq = ${common}, head_hash = coalesce(
    (select header_hash from sync.outbox_batch where seq = ${common}), '')`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
