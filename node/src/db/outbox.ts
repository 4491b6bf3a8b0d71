/** Queries on the chain of sealed batches. Their bytes never change once they are in. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type ChainHead = { readonly headSeq: bigint; readonly headHash: Buffer };

export async function readChain(db: Db): Promise<ChainHead> {
  const { rows } = await sql<ChainHead>`select head_seq, head_hash from sync.chain`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('sync.chain has no row');
  return row;
}

export type SealedBatch = {
  readonly seq: bigint;
  readonly prevHash: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly content: Uint8Array;
  readonly recordCount: number;
  readonly rawBytes: number;
  readonly sealedAt: Date;
};

/** Appends under the next number; the caller holds the sealer's lock. */
export async function appendToOutbox(db: Db, batch: SealedBatch): Promise<void> {
  await sql`insert into sync.outbox_batch (seq, prev_hash, header_hash, header, signature, content,
      record_count, raw_bytes, sealed_at)
    values (${batch.seq}, ${Buffer.from(batch.prevHash)}, ${Buffer.from(batch.headerHash)},
      ${Buffer.from(batch.header)}, ${Buffer.from(batch.signature)}, ${Buffer.from(batch.content)},
      ${batch.recordCount}, ${batch.rawBytes}, ${batch.sealedAt})`.execute(db);
  await sql`update sync.chain set head_seq = ${batch.seq},
    head_hash = ${Buffer.from(batch.headerHash)}`.execute(db);
}

export type OutgoingBatch = {
  readonly seq: bigint;
  readonly header: Buffer;
  readonly signature: Buffer;
  readonly content: Buffer;
  readonly headerHash: Buffer;
};

/** The lowest number above `after` without a receipt, with the size of its content in bytes. */
export async function nextUnreceipted(
  db: Db,
  after: bigint,
): Promise<{ readonly seq: bigint; readonly bytes: number } | undefined> {
  const { rows } = await sql<{ seq: bigint; bytes: number }>`
    select seq, octet_length(content) as bytes from sync.outbox_batch
    where receipted_at is null and seq > ${after} order by seq limit 1`.execute(db);
  return rows[0];
}

export async function readSealed(db: Db, seq: bigint): Promise<OutgoingBatch> {
  const { rows } = await sql<OutgoingBatch>`
    select seq, header, signature, content, header_hash from sync.outbox_batch
    where seq = ${seq}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError(`sync.outbox_batch has no batch ${seq}`);
  return row;
}

export async function sealedHash(db: Db, seq: bigint): Promise<Buffer | undefined> {
  const { rows } = await sql<{ headerHash: Buffer }>`
    select header_hash from sync.outbox_batch where seq = ${seq}`.execute(db);
  return rows[0]?.headerHash;
}

export type OutboxHistory = ChainHead & {
  /** The newest batch with a receipt; 0 where none has one. */
  readonly receiptedSeq: bigint;
  /** The newest batch whose content was dropped; 0 where none was. */
  readonly droppedSeq: bigint;
};

/** What a hello tells of the chain, of one moment. */
export async function readHistory(db: Db): Promise<OutboxHistory> {
  const { rows } = await sql<OutboxHistory>`
    select head_seq, head_hash,
      (select coalesce(max(seq), 0) from sync.outbox_batch where receipted_at is not null)
        as receipted_seq,
      (select coalesce(max(seq), 0) from sync.outbox_batch where content is null) as dropped_seq
    from sync.chain`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('sync.chain has no row');
  return row;
}

/**
 * Keeps a receipt, unless the hub was restored since the batch was sent: then it says nothing of what
 * the hub has now, and the answer is false. The link is locked, so that a hello which finds the restore
 * comes before or after.
 */
export async function storeReceipt(
  db: Db,
  receipt: {
    readonly seq: bigint;
    readonly body: Uint8Array;
    readonly signature: Uint8Array;
    /** The incarnation of the hub under which the batch was sent. */
    readonly sentUnder: bigint;
  },
): Promise<boolean> {
  const { rows } = await sql<{ counts: boolean }>`with current as materialized (
      select 1 from sync.link where hub_incarnation = ${receipt.sentUnder} for share),
    kept as (
      update sync.outbox_batch set receipt = ${Buffer.from(receipt.body)},
        receipt_signature = ${Buffer.from(receipt.signature)}, receipted_at = now()
      where seq = ${receipt.seq} and receipted_at is null
        and exists (select 1 from current))
    select exists (select 1 from current) as counts`.execute(db);
  return rows[0]?.counts === true;
}

export type OutboxCounts = {
  readonly unsealed: bigint;
  readonly unreceipted: bigint;
};

export async function countOutbox(db: Db): Promise<OutboxCounts> {
  const { rows } = await sql<OutboxCounts>`
    select (select count(*) from (select distinct record_id from sync.change_log) c) as unsealed,
      (select count(*) from sync.outbox_batch where receipted_at is null) as unreceipted`.execute(
    db,
  );
  return rows[0] ?? { unsealed: 0n, unreceipted: 0n };
}

/** Whether there is anything to seal or to push; cheap enough to be asked every few seconds. */
export async function findWork(
  db: Db,
): Promise<{ readonly unsealed: boolean; readonly unreceipted: boolean }> {
  const { rows } = await sql<{ unsealed: boolean; unreceipted: boolean }>`
    select exists (select 1 from sync.change_log)
        or exists (select 1 from sync.answer where sealed_seq is null) as unsealed,
      exists (select 1 from sync.outbox_batch where receipted_at is null) as unreceipted`.execute(
    db,
  );
  return rows[0] ?? { unsealed: false, unreceipted: false };
}
