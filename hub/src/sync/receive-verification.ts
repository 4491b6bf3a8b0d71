/**
 * A node's signed report of a verification arrives: the hub compares its roots with its own at that
 * head, keeps it, and signs what it found. So both sides hold the other's word on their equality.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { readRoot } from '@lienthong/shared-schema/runtime/record-digests.ts';
import { sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  verificationFrame,
  type VerificationFrame,
  verificationReceiptBody,
  verificationReply,
  verificationReport,
  type VerificationReport,
} from '@lienthong/shared-schema/wire/messages.ts';

import { digestView } from '../db/digests.ts';
import { readUnit } from '../db/units.ts';
import { answeredVerification, storeVerification } from '../db/verifications.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';
import { readFresh } from './digest-tree.ts';
import { checkAddress, checkSignature, readMessage } from './read-message.ts';

/** Returns the bytes of a VerificationReply; the same report gets the same bytes again. */
export async function receiveVerification(
  hub: HubContext,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const { frame, report } = readVerification(hub, caller, bytes);
  const { agency } = caller;
  const reportHash = sha256(frame.report);
  return await readFresh(hub, agency, async ({ db }) => {
    const before = await answeredVerification(db, agency, reportHash);
    if (before !== undefined) {
      return verificationReply.encode({
        receipt: before.receipt,
        signature: before.receiptSignature,
      });
    }
    const unit = await readUnit(db, agency);
    if (unit === undefined) throw new HubError('HUB_CERTIFICATE_UNKNOWN');
    const root = await readRoot(db, digestView(agency));
    const atHead =
      report.hubIncarnation === hub.incarnation &&
      report.headSeq === unit.headSeq &&
      report.headSeq === unit.appliedSeq &&
      report.feedCursor === unit.feedHead;
    const confirmed =
      atHead && equalBytes(root.digest, report.root) && equalBytes(root.digest, report.mirrorRoot);
    const receipt = verificationReceiptBody.encode({
      hubIncarnation: hub.incarnation,
      agency,
      reportHash,
      appliedSeq: unit.appliedSeq,
      feedHead: unit.feedHead,
      root: root.digest,
      confirmed,
    });
    const receiptSignature = signBytes(hub.signingKey, domains.verificationReceipt, receipt);
    await storeVerification(db, {
      agency,
      report: frame.report,
      reportHash,
      signature: frame.signature,
      receipt,
      receiptSignature,
      headSeq: report.headSeq,
      differing: report.differing,
      heldBack: report.heldBack,
      confirmed,
      receivedAt: hub.now(),
    });
    return verificationReply.encode({ receipt, signature: receiptSignature });
  });
}

type ArrivedVerification = {
  readonly frame: VerificationFrame;
  readonly report: VerificationReport;
};

/** What depends on the bytes and the caller alone. Throws HubError with the reason. */
export function readVerification(
  hub: Pick<HubContext, 'audience'>,
  caller: Caller,
  bytes: Uint8Array,
): ArrivedVerification {
  const frame = readMessage(verificationFrame, bytes);
  const report = readMessage(verificationReport, frame.report);
  checkAddress(hub, caller, report);
  checkSignature(caller, domains.verification, frame);
  return { frame, report };
}
