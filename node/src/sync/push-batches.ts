/**
 * Pushing: the oldest batch without a receipt first, always the same bytes. The batch is ours until
 * the hub's signed receipt for exactly these bytes is stored.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchFrame,
  progressBody,
  type PushReply,
  pushReply,
  receiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';

import { type Link, recordProgress } from '../db/link.ts';
import { oldestUnreceipted, type OutgoingBatch, storeReceipt } from '../db/outbox.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { stepAfterPush } from '../protocol/push.ts';
import type { EnrolledNode } from './context.ts';
import { ensureHello, requireLink } from './say-hello.ts';

const hellosMax = 3;

/** Pushes until every sealed batch has a receipt. Returns how many got one; the rest is an error. */
export async function pushBatches(
  node: EnrolledNode,
  onReceipt: (seq: bigint) => void = () => undefined,
): Promise<number> {
  await ensureHello(node);
  let pushed = 0;
  let hellos = 0;
  for (;;) {
    const batch = await oldestUnreceipted(node.database.db);
    if (batch === undefined) return pushed;
    const link = await requireLink(node);
    const reply = await pushOne(node, link, batch);
    const step = stepAfterPush(reply);
    switch (step.kind) {
      case 'receipted':
        await keepReceipt(node, batch, reply);
        pushed += 1;
        onReceipt(batch.seq);
        break;
      case 'hello-again':
        hellos += 1;
        if (hellos > hellosMax) throw new NodeError('NODE_HUB_BUSY', { detail: 'fenced again' });
        node.session.ready = false;
        await ensureHello(node);
        break;
      case 'wait':
        throw new NodeError('NODE_HUB_BUSY', { retryAfterS: step.seconds });
      case 'send-from':
        // the hub expects an older batch than the oldest without a receipt: it lost what it had
        throw new NodeError('NODE_HUB_BEHIND', { detail: `the hub expects batch ${step.seq}` });
      case 'stop':
        throw new NodeError('NODE_FORKED');
    }
  }
}

async function pushOne(node: EnrolledNode, link: Link, batch: OutgoingBatch): Promise<PushReply> {
  const frame = batchFrame.encode({
    hubIncarnation: link.hubIncarnation,
    epoch: link.epoch,
    header: batch.header,
    signature: batch.signature,
    content: batch.content,
  });
  return decodeAnswer(
    pushReply,
    await node.link.post('/sync/v1/batches', frame),
    'answer to a batch',
  );
}

/** A receipt counts only if it is signed by the hub, for this node, this number and these bytes. */
async function keepReceipt(
  node: EnrolledNode,
  batch: OutgoingBatch,
  reply: PushReply,
): Promise<void> {
  if (!verifyBytes(node.hubSigningKey, domains.receipt, reply.receipt, reply.receiptSignature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'receipt' });
  }
  const receipt = receiptBody.decode(reply.receipt);
  const fits =
    receipt.agency === node.agency &&
    receipt.seq === batch.seq &&
    equalBytes(receipt.headerHash, batch.headerHash);
  if (!fits) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'receipt for another batch' });
  await storeReceipt(node.database.db, {
    seq: batch.seq,
    body: reply.receipt,
    signature: reply.receiptSignature,
  });
  await keepProgress(node, reply.progress, reply.progressSignature);
}

/** Keeps how far the hub says that it is, if the hub says it of this node. */
export async function keepProgress(
  node: EnrolledNode,
  progress: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  if (!verifyBytes(node.hubSigningKey, domains.progress, progress, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'progress' });
  }
  const body = progressBody.decode(progress);
  if (body.agency !== node.agency)
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'progress' });
  await recordProgress(node.database.db, body);
}
