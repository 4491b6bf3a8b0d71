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
      records_accepted, records_refused, records_ignored
    from sync.inbox where agency = ${agency} and seq = ${seq}`.execute(db);
  return rows[0];
}

/** PEM of the unit's signing key; undefined for an unknown agency or one that never enrolled. */
export async function unitSigningKey(db: Db, agency: string): Promise<string | undefined> {
  const { rows } = await sql<{ signingKey: string | null }>`
    select signing_key from registry.unit where agency = ${agency}`.execute(db);
  return rows[0]?.signingKey ?? undefined;
}
