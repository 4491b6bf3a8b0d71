/** The nodes' signed reports of their verifications, each with what the hub answered. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { StoredReceipt } from './inbox.ts';

export type StoredVerification = {
  readonly agency: string;
  readonly report: Uint8Array;
  readonly reportHash: Uint8Array;
  readonly signature: Uint8Array;
  readonly receipt: Uint8Array;
  readonly receiptSignature: Uint8Array;
  readonly headSeq: bigint;
  readonly differing: bigint;
  readonly heldBack: bigint;
  readonly confirmed: boolean;
  readonly receivedAt: Date;
};

/** The answer that was given to these bytes before, if any. */
export async function answeredVerification(
  db: Db,
  agency: string,
  reportHash: Uint8Array,
): Promise<StoredReceipt | undefined> {
  const { rows } = await sql<StoredReceipt>`
    select receipt, receipt_signature from sync.verification
    where agency = ${agency} and report_hash = ${Buffer.from(reportHash)}`.execute(db);
  return rows[0];
}

/** Of two that store one report at the same moment the second fails to serialise, and looks again. */
export async function storeVerification(db: Db, stored: StoredVerification): Promise<void> {
  await sql`insert into sync.verification (agency, report, report_hash, signature, receipt,
      receipt_signature, head_seq, differing, held_back, confirmed, received_at)
    values (${stored.agency}, ${Buffer.from(stored.report)}, ${Buffer.from(stored.reportHash)},
      ${Buffer.from(stored.signature)}, ${Buffer.from(stored.receipt)},
      ${Buffer.from(stored.receiptSignature)}, ${stored.headSeq}, ${stored.differing},
      ${stored.heldBack}, ${stored.confirmed}, ${stored.receivedAt})
    on conflict (agency, report_hash) do nothing`.execute(db);
}

/** Those that came before, but for the newest of each unit. */
export async function forgetVerifications(db: Db, before: Date): Promise<void> {
  await sql`delete from sync.verification v
    using (select agency, max(id) as newest from sync.verification group by agency) n
    where v.agency = n.agency and v.id < n.newest and v.received_at < ${before}`.execute(db);
}

export type LastVerification = {
  readonly agency: string;
  readonly verifiedAt: Date;
  readonly differing: bigint;
  readonly confirmed: boolean;
};

/** The newest of each unit. */
export async function lastVerifications(
  db: Db,
): Promise<ReadonlyMap<string, Omit<LastVerification, 'agency'>>> {
  const { rows } = await sql<LastVerification>`
    select distinct on (agency) agency, received_at as verified_at, differing, confirmed
    from sync.verification order by agency, id desc`.execute(db);
  return new Map(rows.map(({ agency, ...last }) => [agency, last]));
}
