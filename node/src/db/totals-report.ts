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

export async function storeReportReceipt(
  db: Db,
  receipt: { readonly asOf: string; readonly body: Uint8Array; readonly signature: Uint8Array },
): Promise<void> {
  await sql`update sync.totals_report set receipt = ${Buffer.from(receipt.body)},
    receipt_signature = ${Buffer.from(receipt.signature)} where as_of = ${receipt.asOf}`.execute(
    db,
  );
}
