/** The reports of totals that this node signed. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export async function storeOwnReport(
  db: Db,
  made: { readonly asOf: string; readonly report: Uint8Array; readonly signature: Uint8Array },
): Promise<void> {
  await sql`insert into sync.totals_report (as_of, report, signature)
    values (${made.asOf}, ${Buffer.from(made.report)}, ${Buffer.from(made.signature)})
    on conflict (as_of) do update set report = excluded.report, signature = excluded.signature,
      receipt = null, receipt_signature = null`.execute(db);
}

/** For just these bytes: another report of the day may have been made since. */
export async function storeReportReceipt(
  db: Db,
  receipt: {
    readonly asOf: string;
    readonly report: Uint8Array;
    readonly body: Uint8Array;
    readonly signature: Uint8Array;
  },
): Promise<void> {
  await sql`update sync.totals_report set receipt = ${Buffer.from(receipt.body)},
      receipt_signature = ${Buffer.from(receipt.signature)}
    where as_of = ${receipt.asOf} and report = ${Buffer.from(receipt.report)}`.execute(db);
}

export type StoredReport = {
  readonly asOf: string;
  readonly report: Buffer;
  readonly signature: Buffer;
};

/** The newest reports for which there is no receipt, oldest first. */
export async function unreceiptedReports(db: Db, max: number): Promise<readonly StoredReport[]> {
  const { rows } = await sql<StoredReport>`
    select as_of, report, signature from (
      select as_of, report, signature from sync.totals_report
      where receipt is null order by as_of desc limit ${max}) newest
    order by as_of`.execute(db);
  return rows;
}
