/** The signed report of a verification goes to the hub, and its signed answer is kept with it. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { sha256, signBytes, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  verificationFrame,
  type VerificationReceiptBody,
  verificationReceiptBody,
  verificationReply,
  type VerificationReport,
  verificationReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { storeVerification } from '../db/verifications.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';

export type Findings = Omit<VerificationReport, 'protocol' | 'audience' | 'agency' | 'madeAtMs'>;

/** True where the hub stood at the same heads and all three roots are equal. */
export async function reportVerification(node: EnrolledNode, found: Findings): Promise<boolean> {
  const madeAt = node.now();
  const { agency, audience } = node;
  const report = verificationReport.encode({
    ...found,
    protocol: protocolVersion,
    audience,
    agency,
    madeAtMs: BigInt(madeAt.getTime()),
  });
  const signature = signBytes(node.signingKey, domains.verification, report);
  const frame = verificationFrame.encode({ report, signature });
  const answer = await node.link.post('/sync/v1/verifications', frame);
  const receipt = readVerificationReply(node, report, answer);
  await storeVerification(node.database.db, {
    report,
    signature,
    receipt: receipt.bytes,
    receiptSignature: receipt.signature,
    headSeq: found.headSeq,
    differing: found.differing,
    heldBack: found.heldBack,
    confirmed: receipt.body.confirmed,
    madeAt,
  });
  return receipt.body.confirmed;
}

/** Throws NODE_HUB_UNTRUSTED unless the hub signed it for this node and this report. */
export function readVerificationReply(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  report: Uint8Array,
  answer: Uint8Array,
): {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: VerificationReceiptBody;
} {
  const { receipt, signature } = decodeAnswer(verificationReply, answer, 'answer to a report');
  if (!verifyBytes(node.hubSigningKey, domains.verificationReceipt, receipt, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'verification receipt' });
  }
  const body = decodeAnswer(verificationReceiptBody, receipt, 'verification receipt');
  if (body.agency !== node.agency || !equalBytes(body.reportHash, sha256(report))) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'receipt for another verification' });
  }
  return { bytes: receipt, signature, body };
}
