/** The outbox and what the hub said of it: receipts that a restore made void, contents that are safe. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/**
 * Batches above the hub's head wait to be sent again, the same bytes. Their receipts are kept as
 * evidence. Returns the number of batches.
 */
export async function voidReceipts(db: Db, hubHeadSeq: bigint): Promise<number> {
  await sql`insert into sync.void_receipt
      (seq, header_hash, receipt, receipt_signature, receipted_at)
    select seq, header_hash, receipt, receipt_signature, receipted_at from sync.outbox_batch
    where seq > ${hubHeadSeq} and receipted_at is not null
    on conflict do nothing`.execute(db);
  const { numAffectedRows } = await sql`update sync.outbox_batch
    set receipt = null, receipt_signature = null, receipted_at = null
    where seq > ${hubHeadSeq} and receipted_at is not null`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Within one incarnation these only rise; with a new one they are what the restored hub says. */
export async function resetProgress(
  db: Db,
  progress: {
    readonly receivedSeq: bigint;
    readonly appliedSeq: bigint;
    readonly safeSeq: bigint;
  },
): Promise<void> {
  await sql`update sync.link set received_seq = ${progress.receivedSeq},
    applied_seq = ${progress.appliedSeq}, safe_seq = ${progress.safeSeq}`.execute(db);
}

/** Rows that one statement empties at most. */
const dropMax = 1_000;

/**
 * Drops the content of batches that the hub has called safe; header, hashes and receipt stay as chain
 * and evidence. Returns the number of batches.
 */
export async function dropSafeContent(db: Db): Promise<number> {
  let dropped = 0;
  for (;;) {
    const { numAffectedRows } = await sql`update sync.outbox_batch set content = null
      where seq in (
        select b.seq from sync.outbox_batch b, sync.link l
        where b.content is not null and b.receipted_at is not null and b.seq <= l.safe_seq
        order by b.seq limit ${dropMax})`.execute(db);
    const now = Number(numAffectedRows ?? 0n);
    dropped += now;
    if (now < dropMax) return dropped;
  }
}
