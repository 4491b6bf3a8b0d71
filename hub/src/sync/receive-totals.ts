/** A unit's signed report of totals arrives; the national sums follow from the newest of each unit. */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { isPartialDate } from '@lienthong/shared-schema/text/partial-date.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { figureNameBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  nationalTotals,
  totalsFrame,
  type TotalsFrame,
  totalsReceiptBody,
  totalsReply,
  totalsReport,
  type TotalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';

import { appendToEveryFeed } from '../db/feed.ts';
import { storeReport, sumNewestReports } from '../db/totals.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';
import { checkAddress, checkSignature, readMessage } from './read-message.ts';

/** Far above any count of people, far below what a sum over all units could not hold. */
const figureMax = 1_000_000_000_000n;
const dayMs = 86_400_000;

/** Returns the bytes of a TotalsReply. */
export async function receiveTotals(
  hub: HubContext,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const { frame, report } = readReport(hub, caller, bytes);
  const reportHash = sha256(frame.report);
  const receipt = totalsReceiptBody.encode({
    hubIncarnation: hub.incarnation,
    agency: caller.agency,
    asOf: report.asOf,
    reportHash,
  });
  const receiptSignature = signBytes(hub.signingKey, domains.totalsReceipt, receipt);
  await transaction(hub.database, ({ db }) =>
    storeReport(db, {
      agency: caller.agency,
      asOf: report.asOf,
      report: frame.report,
      reportHash,
      signature: frame.signature,
      receipt,
      receiptSignature,
      headSeq: report.headSeq,
      figures: report.figures,
    }),
  );
  return totalsReply.encode({ receipt, signature: receiptSignature });
}

/** A figure that no people have, or a day that has not come, would spoil the sums of the nation. */
function faultOfReport(report: TotalsReport, now: Date): string | undefined {
  const { asOf, figures } = report;
  if (asOf.length !== 10 || !isPartialDate(asOf)) return 'the report has no day';
  if (asOf > hanoiDay(now.getTime() + dayMs))
    return 'the day of the report is to come: check the clock';
  if (figures.some((figure) => figure.value > figureMax)) return 'a figure is too large';
  const tooLong = figures.some((figure) =>
    [figure.measure, figure.key].some((name) => Buffer.byteLength(name) > figureNameBytesMax),
  );
  if (tooLong) return 'the name of a figure is too long';
  const names = new Set(figures.map(({ measure, key }) => JSON.stringify([measure, key])));
  return names.size === figures.length ? undefined : 'a figure is there twice';
}

type ArrivedReport = { readonly frame: TotalsFrame; readonly report: TotalsReport };

/** What depends on the bytes, the caller and the day alone. Throws HubError with the reason. */
export function readReport(
  hub: Pick<HubContext, 'audience' | 'now'>,
  caller: Caller,
  bytes: Uint8Array,
): ArrivedReport {
  const frame = readMessage(totalsFrame, bytes);
  const report = readMessage(totalsReport, frame.report);
  checkAddress(hub, caller, report);
  const fault = faultOfReport(report, hub.now());
  if (fault !== undefined) throw new HubError('HUB_UNREADABLE', { detail: fault });
  checkSignature(caller, domains.totals, frame);
  return { frame, report };
}

/** Sums the newest reports and puts the result on every feed that does not end with it already. */
export async function publishTotals(hub: Pick<HubContext, 'database'>): Promise<boolean> {
  return transaction(hub.database, async ({ db }) => {
    const sum = await sumNewestReports(db);
    if (sum === undefined) return false;
    return (await appendToEveryFeed(db, { kind: 'totals', body: nationalTotals.encode(sum) })) > 0;
  });
}
