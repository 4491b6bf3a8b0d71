/** Reading the archive of batches back. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type ArchivedBatch = {
  readonly seq: bigint;
  readonly headerHash: Buffer;
  readonly header: Buffer;
  readonly signature: Buffer;
  readonly content: Buffer;
  readonly receipt: Buffer;
  readonly receiptSignature: Buffer;
  readonly appliedAt: Date | null;
  readonly recordsSent: number;
  readonly recordsAccepted: number | null;
  readonly recordsRefused: number | null;
  readonly recordsIgnored: number | null;
};

export async function archivedBatch(
  db: Db,
  agency: string,
  seq: bigint,
): Promise<ArchivedBatch | undefined> {
  const { rows } = await sql<ArchivedBatch>`
    select seq, header_hash, header, signature, content, receipt, receipt_signature, applied_at,
      records_sent, records_accepted, records_refused, records_ignored
    from sync.inbox where agency = ${agency} and seq = ${seq}`.execute(db);
  return rows[0];
}

export type ArchiveBounds = { readonly headSeq: bigint; readonly headHash: Buffer };

export async function archiveBounds(db: Db, agency: string): Promise<ArchiveBounds | undefined> {
  const { rows } = await sql<ArchiveBounds>`
    select head_seq, head_hash from registry.unit where agency = ${agency}`.execute(db);
  return rows[0];
}

/** PEMs of every signing key that the unit has had: old batches were signed by old keys. */
export async function unitSigningKeys(db: Db, agency: string): Promise<readonly string[]> {
  const { rows } = await sql<{ signingKey: string }>`
    select signing_key from registry.unit where agency = ${agency} and signing_key is not null
    union
    select signing_key from registry.enrolment
    where agency = ${agency} and status = 'approved'`.execute(db);
  return rows.map((row) => row.signingKey);
}

export type StoredBytes = Pick<ArchivedBatch, 'headerHash' | 'header' | 'content'>;

/** What came, without what was answered. */
export async function storedBytes(
  db: Db,
  agency: string,
  seq: bigint,
): Promise<StoredBytes | undefined> {
  const { rows } = await sql<StoredBytes>`
    select header_hash, header, content from sync.inbox
    where agency = ${agency} and seq = ${seq}`.execute(db);
  return rows[0];
}
