/** A batch of this unit read back from the hub's archive, and what must hold of it. */
import { createPublicKey } from 'node:crypto';

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { publicKeyId, sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchRawBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type ArchivedBatch,
  archivedBatch,
  type BatchHeader,
  batchHeader,
} from '@lienthong/shared-schema/wire/messages.ts';

import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';
import { checkReceipt } from './push-batches.ts';

export type FetchedBatch = ArchivedBatch & {
  readonly headerHash: Buffer;
  readonly decoded: BatchHeader;
};

/** Throws NODE_HUB_REFUSED where the archive has no such batch, NODE_HUB_UNTRUSTED where it is none. */
export async function fetchArchived(node: EnrolledNode, seq: bigint): Promise<FetchedBatch> {
  const bytes = await node.link.get(`/sync/v1/batches/${seq}`);
  const batch = decodeAnswer(archivedBatch, bytes, 'archived batch');
  const decoded = decodeAnswer(batchHeader, batch.header, 'archived batch');
  if (decoded.seq !== seq) throw untrusted(seq);
  return { ...batch, headerHash: sha256(batch.header), decoded };
}

/**
 * Chain, hashes, size, receipt, and the unit's signature. A batch that was signed with a former key is held
 * by the chain alone: the hub has signed the hash of its end. Throws NODE_HUB_UNTRUSTED.
 */
export function checkArchived(
  node: Pick<EnrolledNode, 'agency' | 'audience' | 'hubSigningKey' | 'signingKey'>,
  batch: FetchedBatch,
  prevHash: Uint8Array,
): void {
  const { decoded } = batch;
  const key = createPublicKey(node.signingKey);
  const fits =
    decoded.agency === node.agency &&
    equalBytes(decoded.audience, node.audience) &&
    equalBytes(decoded.prevHash, prevHash) &&
    BigInt(batch.content.length) === decoded.contentBytes &&
    equalBytes(sha256(batch.content), decoded.contentHash) &&
    decoded.rawBytes <= BigInt(batchRawBytesMax) &&
    (decoded.signingKey !== publicKeyId(key) ||
      verifyBytes(key, domains.batch, batch.header, batch.signature));
  if (!fits) throw untrusted(decoded.seq);
  checkReceipt(node, { seq: decoded.seq, headerHash: batch.headerHash }, batch);
}

const untrusted = (seq: bigint): NodeError =>
  new NodeError('NODE_HUB_UNTRUSTED', { detail: `archived batch ${seq}` });
