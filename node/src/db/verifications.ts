/** What this node verified: its signed reports, each with the hub's signed answer. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export async function storeVerification(
  db: Db,
  made: {
    readonly report: Uint8Array;
    readonly signature: Uint8Array;
    readonly receipt: Uint8Array;
    readonly receiptSignature: Uint8Array;
    readonly headSeq: bigint;
    readonly differing: bigint;
    readonly heldBack: bigint;
    readonly confirmed: boolean;
    readonly madeAt: Date;
  },
): Promise<void> {
  await sql`insert into sync.verification (report, signature, receipt, receipt_signature, head_seq,
      differing, held_back, confirmed, made_at)
    values (${Buffer.from(made.report)}, ${Buffer.from(made.signature)},
      ${Buffer.from(made.receipt)}, ${Buffer.from(made.receiptSignature)}, ${made.headSeq},
      ${made.differing}, ${made.heldBack}, ${made.confirmed}, ${made.madeAt})`.execute(db);
}

export type LastVerification = {
  readonly madeAt: Date;
  readonly differing: bigint;
  readonly heldBack: bigint;
  /** Whether the hub found the same, all three roots being equal. */
  readonly confirmed: boolean;
};

export async function lastVerification(db: Db): Promise<LastVerification | undefined> {
  const { rows } = await sql<LastVerification>`
    select made_at, differing, held_back, confirmed from sync.verification
    order by id desc limit 1`.execute(db);
  return rows[0];
}
