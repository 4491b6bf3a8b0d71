/** The nightly report: figures over the full data, signed, sent, and its signed receipt kept. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, signBytes, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  totalsFrame,
  totalsReceiptBody,
  totalsReply,
  totalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { readChain } from '../db/outbox.ts';
import { computeFigures } from '../db/statistics.ts';
import { storeOwnReport, storeReportReceipt } from '../db/totals-report.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';
import { ensureHello } from './say-hello.ts';

/** Computes, signs, stores and sends the report of today. Returns the number of figures. */
export async function reportTotals(node: EnrolledNode): Promise<number> {
  await ensureHello(node);
  const asOf = hanoiDay(node.now().getTime());
  const { report, count } = await transaction(
    node.database,
    async ({ db }) => {
      const figures = await computeFigures(db, asOf);
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
  const reply = decodeAnswer(
    totalsReply,
    await node.link.post('/sync/v1/totals', totalsFrame.encode({ report, signature })),
    'answer to a report',
  );
  if (!verifyBytes(node.hubSigningKey, domains.totalsReceipt, reply.receipt, reply.signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'totals receipt' });
  }
  const receipt = totalsReceiptBody.decode(reply.receipt);
  if (receipt.agency !== node.agency || !equalBytes(receipt.reportHash, sha256(report))) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'totals receipt for another report' });
  }
  await storeReportReceipt(node.database.db, {
    asOf,
    body: reply.receipt,
    signature: reply.signature,
  });
  return count;
}
