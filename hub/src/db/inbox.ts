/** Queries on `sync.inbox`, the archive of accepted batches. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

export async function archivedHash(
  db: Db,
  agency: string,
  seq: bigint,
): Promise<Buffer | undefined> {
  const { rows } = await sql<{ headerHash: Buffer }>`
    select header_hash from sync.inbox where agency = ${agency} and seq = ${seq}`.execute(db);
  return rows[0]?.headerHash;
}

export type StoredReceipt = { readonly receipt: Buffer; readonly receiptSignature: Buffer };

export async function storedReceipt(db: Db, agency: string, seq: bigint): Promise<StoredReceipt> {
  const { rows } = await sql<StoredReceipt>`
    select receipt, receipt_signature from sync.inbox
    where agency = ${agency} and seq = ${seq}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError(`no batch ${seq} of ${agency} in the archive`);
  return row;
}

export type AcceptedBatch = {
  readonly agency: string;
  readonly seq: bigint;
  readonly prevHash: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly content: Uint8Array;
  readonly receipt: Uint8Array;
  readonly receiptSignature: Uint8Array;
  readonly receivedAt: Date;
  readonly recordsSent: number;
};

export async function appendToInbox(db: Db, batch: AcceptedBatch): Promise<void> {
  await sql`insert into sync.inbox (agency, seq, prev_hash, header_hash, header, signature, content,
      receipt, receipt_signature, received_at, records_sent)
    values (${batch.agency}, ${batch.seq}, ${Buffer.from(batch.prevHash)},
      ${Buffer.from(batch.headerHash)}, ${Buffer.from(batch.header)},
      ${Buffer.from(batch.signature)}, ${Buffer.from(batch.content)}, ${Buffer.from(batch.receipt)},
      ${Buffer.from(batch.receiptSignature)}, ${batch.receivedAt}, ${batch.recordsSent})`.execute(
    db,
  );
}

export async function keepForkEvidence(
  db: Db,
  batch: {
    readonly agency: string;
    readonly seq: bigint;
    readonly header: Uint8Array;
    readonly signature: Uint8Array;
  },
): Promise<void> {
  await sql`insert into sync.fork_evidence (agency, seq, header, signature)
    values (${batch.agency}, ${batch.seq}, ${Buffer.from(batch.header)},
      ${Buffer.from(batch.signature)})`.execute(db);
}

export type Waiting = {
  readonly batches: number;
  readonly bytes: number;
  /** Undefined where nothing waits. */
  readonly oldestAt: Date | undefined;
};

/** What is accepted and not yet applied. The length of a content is known without reading it. */
export async function waitingBatches(db: Db, agency: string): Promise<Waiting> {
  const { rows } = await sql<{ batches: number; bytes: number; oldestAt: Date | null }>`
    select count(*)::integer as batches,
      coalesce(sum(octet_length(content)), 0)::float8 as bytes, min(received_at) as oldest_at
    from sync.inbox where agency = ${agency} and applied_at is null`.execute(db);
  const [row] = rows;
  return {
    batches: row?.batches ?? 0,
    bytes: row?.bytes ?? 0,
    oldestAt: row?.oldestAt ?? undefined,
  };
}

export type WaitingBatch = {
  readonly seq: bigint;
  readonly header: Buffer;
  readonly content: Buffer;
};

/** The one that is next to be applied. */
const nextWaiting = (agency: string): RawBuilder<unknown> => sql`sync.inbox i
    join registry.unit u on u.agency = i.agency and u.applied_seq + 1 = i.seq
    where i.agency = ${agency} and i.applied_at is null`;

/** The batch that is next to be applied for the unit. */
export async function nextWaitingBatch(db: Db, agency: string): Promise<WaitingBatch | undefined> {
  const { rows } = await sql<WaitingBatch>`
    select i.seq, i.header, i.content from ${nextWaiting(agency)}`.execute(db);
  return rows[0];
}

/** Its number alone: the content is some megabytes. */
export async function nextWaitingSeq(db: Db, agency: string): Promise<bigint | undefined> {
  const { rows } = await sql<{ seq: bigint }>`
    select i.seq from ${nextWaiting(agency)}`.execute(db);
  return rows[0]?.seq;
}

export type ApplyCounts = {
  readonly accepted: number;
  readonly refused: number;
  readonly ignored: number;
};

/** Closes a batch and moves the unit's applied mark. */
export async function markApplied(
  db: Db,
  batch: { readonly agency: string; readonly seq: bigint },
  counts: ApplyCounts,
): Promise<void> {
  await sql`update sync.inbox set applied_at = now(), records_accepted = ${counts.accepted},
      records_refused = ${counts.refused}, records_ignored = ${counts.ignored}
    where agency = ${batch.agency} and seq = ${batch.seq}`.execute(db);
  await sql`update registry.unit set applied_seq = ${batch.seq}
    where agency = ${batch.agency} and applied_seq = ${batch.seq} - 1`.execute(db);
}
