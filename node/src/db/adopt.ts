/** Taking over a batch of the hub's archive into one's own chain. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { stageSealed } from '@lienthong/shared-schema/sql/sealed.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { appendToOutbox, type SealedBatch } from './outbox.ts';

const staged = sql.raw(stageRecord);

/** Appends a batch that the hub has receipted; the caller holds the sealer's lock. */
export async function appendReceipted(
  db: Db,
  batch: SealedBatch & { readonly receipt: Uint8Array; readonly receiptSignature: Uint8Array },
): Promise<void> {
  await appendToOutbox(db, batch);
  await sql`update sync.outbox_batch set receipt = ${Buffer.from(batch.receipt)},
      receipt_signature = ${Buffer.from(batch.receiptSignature)}, receipted_at = now()
    where seq = ${batch.seq}`.execute(db);
}

/** The payloads that the hub now has of the staged records, and that their digests are to be made anew. */
export async function adoptPayloads(db: Db): Promise<void> {
  await sql`delete from sync.sealed_payload p using ${staged} m
    where p.record_id = m.record_id
      and (m.op = 'D' or m.whole or p.section = any (m.sections))`.execute(db);
  await sql`insert into sync.sealed_payload (record_id, section, digest)
    select record_id, section, sha256(convert_to(payload, 'UTF8'))
    from ${sql.raw(stageSealed)}`.execute(db);
  await sql`insert into sync.own_dirty (record_id) select record_id from ${staged}`.execute(db);
}

/** Versions as the staged manifest has them; what stays as it is here travels whole the next time. */
export async function adoptVersions(db: Db): Promise<void> {
  await sql`insert into sync.record (record_id, kind, version, present, whole_next)
    select m.record_id, m.kind, m.version, m.op = 'U',
      m.outcome = 'local' or exists (
        select 1 from pg_temp.rejoin_log g where g.record_id = m.record_id)
    from ${staged} m
    on conflict (record_id) do update
      set version = greatest(sync.record.version, excluded.version), present = excluded.present,
        whole_next = sync.record.whole_next or excluded.whole_next`.execute(db);
}
