/** The nightly report: figures over the full data, signed, sent, and its signed receipt kept. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { keepDueDays } from '@lienthong/shared-schema/runtime/due-days.ts';
import { sha256, signBytes, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { qualityFigure } from '@lienthong/shared-schema/totals/quality-measures.ts';
import { sharesOf, sharesToFigures } from '@lienthong/shared-schema/totals/roll-up.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  totalsFrame,
  totalsReceiptBody,
  totalsReply,
  type TotalsReply,
  totalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { forgetOldChanges } from '../db/due-changes.ts';
import { forgetOldReads } from '../db/keys.ts';
import { readChain } from '../db/outbox.ts';
import { storeQualityDay } from '../db/quality.ts';
import { computeFigures } from '../db/statistics.ts';
import { takenVersions } from '../db/taken-versions.ts';
import { storeOwnReport, storeReportReceipt } from '../db/totals-report.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';
import { qualityNow } from './quality.ts';
import { ensureHello } from './say-hello.ts';

/** Computes, signs, stores and sends the report of today. Returns the number of figures. */
export async function reportTotals(node: EnrolledNode): Promise<number> {
  await ensureHello(node);
  const { count, ...made } = await makeReport(node);
  await sendReport(node, made);
  return count;
}

/** A report of totals as it was signed. */
export type OwnReport = {
  readonly asOf: string;
  readonly report: Uint8Array;
  readonly signature: Uint8Array;
};

/** Computes, signs and stores the report of today; `count` is the number of its figures. */
export async function makeReport(
  node: Omit<EnrolledNode, 'link' | 'session'>,
): Promise<OwnReport & { readonly count: number }> {
  const asOf = hanoiDay(node.now().getTime());
  await keepDueDays(node.database.db, asOf);
  const { report, count } = await transaction(
    node.database,
    async (tx) => {
      const { db } = tx;
      const measured = await qualityNow(tx, asOf);
      await storeQualityDay(db, asOf, measured);
      await forgetOldChanges(db, asOf);
      await forgetOldReads(db, asOf);
      const shares = sharesToFigures(sharesOf(measured));
      const figures = [
        ...(await computeFigures(db, asOf)),
        ...shares.map(({ key, value }) => ({ measure: qualityFigure, key, value })),
        ...(await takenVersions(db)),
      ];
      const { headSeq } = await readChain(db);
      const { agency, audience } = node;
      return {
        count: figures.length,
        report: totalsReport.encode({
          protocol: protocolVersion,
          audience,
          agency,
          asOf,
          headSeq,
          figures,
        }),
      };
    },
    { isolation: 'repeatable read' },
  );
  const signature = signBytes(node.signingKey, domains.totals, report);
  await storeOwnReport(node.database.db, { asOf, report, signature });
  return { asOf, report, signature, count };
}

/** Sends a stored report and keeps the hub's receipt for it. */
export async function sendReport(
  node: EnrolledNode,
  { asOf, report, signature }: OwnReport,
): Promise<void> {
  const reply = readTotalsReply(
    node,
    report,
    await node.link.post('/sync/v1/totals', totalsFrame.encode({ report, signature })),
  );
  await storeReportReceipt(node.database.db, {
    asOf,
    report,
    body: reply.receipt,
    signature: reply.signature,
  });
}

/** Throws NODE_HUB_UNTRUSTED unless the hub signed a receipt for exactly this report. */
export function readTotalsReply(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  report: Uint8Array,
  bytes: Uint8Array,
): TotalsReply {
  const reply = decodeAnswer(totalsReply, bytes, 'answer to a report');
  if (!verifyBytes(node.hubSigningKey, domains.totalsReceipt, reply.receipt, reply.signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'totals receipt' });
  }
  const receipt = decodeAnswer(totalsReceiptBody, reply.receipt, 'totals receipt');
  if (receipt.agency !== node.agency || !equalBytes(receipt.reportHash, sha256(report))) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'totals receipt for another report' });
  }
  return reply;
}
