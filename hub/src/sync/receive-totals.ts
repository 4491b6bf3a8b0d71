/** A unit's signed report of totals arrives; the national sums follow from the newest of each unit. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import {
  publicKeyFromPem,
  sha256,
  signBytes,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  nationalTotals,
  totalsFrame,
  type TotalsFrame,
  totalsReceiptBody,
  totalsReply,
  totalsReport,
  type TotalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion, protocolVersionMin } from '@lienthong/shared-schema/wire/version.ts';

import { appendToEveryFeed } from '../db/feed.ts';
import { lastPublishedTotals, storeReport, sumNewestReports } from '../db/totals.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';

/** Returns the bytes of a TotalsReply. */
export async function receiveTotals(
  hub: HubContext,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const { frame, report } = readReport(bytes);
  if (report.protocol < protocolVersionMin || report.protocol > protocolVersion) {
    throw new HubError('HUB_PROTOCOL_UNSUPPORTED');
  }
  if (report.agency !== caller.agency) throw new HubError('HUB_AGENCY_MISMATCH');
  if (!equalBytes(report.audience, hub.audience)) throw new HubError('HUB_AUDIENCE_MISMATCH');
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/u.test(report.asOf)) throw new HubError('HUB_UNREADABLE');
  const key = publicKeyFromPem(caller.signingKeyPem);
  if (!verifyBytes(key, domains.totals, frame.report, frame.signature)) {
    throw new HubError('HUB_SIGNATURE_INVALID');
  }
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

function readReport(bytes: Uint8Array): {
  readonly frame: TotalsFrame;
  readonly report: TotalsReport;
} {
  try {
    const frame = totalsFrame.decode(bytes);
    return { frame, report: totalsReport.decode(frame.report) };
  } catch (cause) {
    if (cause instanceof WireError) throw new HubError('HUB_UNREADABLE', { cause });
    throw cause;
  }
}

/** Sums the newest reports and puts the result on every feed, unless it is what was sent last. */
export async function publishTotals(hub: Pick<HubContext, 'database'>): Promise<boolean> {
  return transaction(hub.database, async ({ db }) => {
    const sum = await sumNewestReports(db);
    if (sum === undefined) return false;
    const body = nationalTotals.encode(sum);
    const last = await lastPublishedTotals(db);
    if (last !== undefined && last.equals(body)) return false;
    return (await appendToEveryFeed(db, { kind: 'totals', body })) > 0;
  });
}
