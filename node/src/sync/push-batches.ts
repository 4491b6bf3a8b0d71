/**
 * Pushing: the oldest batch without a receipt first, always the same bytes, several under way where
 * the answers take long. A batch is ours until the hub's signed receipt for exactly these bytes is
 * stored. The decisions are in `protocol/push.ts` and `protocol/push-window.ts`.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  progressBody,
  type ProgressBody,
  type PushReply,
  pushReply,
  receiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';

import { recordProgress } from '../db/link.ts';
import { nextUnreceipted, type OutgoingBatch, storeReceipt } from '../db/outbox.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { afterFlight, firstWindow, type PushWindow } from '../protocol/push-window.ts';
import { type PushStep, stepAfterPush } from '../protocol/push.ts';
import type { EnrolledNode } from './context.ts';
import { type Flight, flyBatches, type SentBatch } from './push-flight.ts';
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
  let window = firstWindow;
  for (;;) {
    // most pushes find nothing to send, and need no connection to learn it
    if ((await nextUnreceipted(node.database.db, 0n)) === undefined) return pushed;
    const flight = await fly(node, window, (seq) => {
      pushed += 1;
      onReceipt(seq);
    });
    const step = flight.ended;
    window = afterFlight(flight.window, { overtaken: step?.kind === 'send-again' });
    switch (step?.kind) {
      case undefined:
      case 'send-again':
      case 'void':
        break;
      case 'hello-again':
        hellos += 1;
        if (hellos > hellosMax) throw new NodeError('NODE_HUB_BUSY', { detail: 'fenced again' });
        node.session.ready = false;
        await ensureHello(node);
        break;
      case 'wait':
        throw new NodeError('NODE_HUB_BUSY', { retryAfterS: step.seconds });
      case 'hub-behind':
        throw new NodeError('NODE_HUB_BEHIND', { detail: `the hub expects batch ${step.expects}` });
      case 'stop':
        throw new NodeError('NODE_FORKED');
    }
  }
}

/** `void`: the hub was restored since the batch was sent, and greeted by another process. */
type EndOfFlight = Exclude<PushStep, { kind: 'receipted' }> | { readonly kind: 'void' };

async function fly(
  node: EnrolledNode,
  window: PushWindow,
  onReceipt: (seq: bigint) => void,
): Promise<Flight<EndOfFlight>> {
  using way = await node.link.openSendingWay();
  // awaited here: the way is given back when this function returns
  return await flyBatches(node, {
    way,
    window,
    readLink: () => requireLink(node),
    answered: async (batch, answer) => {
      const reply = decodeAnswer(pushReply, answer, 'answer to a batch');
      const step = stepAfterPush(reply, batch.asOldest);
      if (step.kind !== 'receipted') return step;
      if (!(await keepReceipt(node, batch, reply))) return { kind: 'void' };
      onReceipt(batch.seq);
      return step.kind;
    },
  });
}

/** False where the receipt is void. */
async function keepReceipt(
  node: EnrolledNode,
  batch: SentBatch,
  reply: PushReply,
): Promise<boolean> {
  checkReceipt(node, batch, reply);
  const counts = await storeReceipt(node.database.db, {
    seq: batch.seq,
    body: reply.receipt,
    signature: reply.receiptSignature,
    sentUnder: batch.sentUnder,
  });
  const progress = readProgress(node, reply.progress, reply.progressSignature);
  await recordProgress(node.database.db, progress);
  return counts;
}

/**
 * A receipt counts only if it is signed by the hub, for this node, this number and these bytes; any
 * other throws NODE_HUB_UNTRUSTED.
 */
export function checkReceipt(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  batch: Pick<OutgoingBatch, 'seq' | 'headerHash'>,
  reply: Pick<PushReply, 'receipt' | 'receiptSignature'>,
): void {
  if (!verifyBytes(node.hubSigningKey, domains.receipt, reply.receipt, reply.receiptSignature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'receipt' });
  }
  const receipt = decodeAnswer(receiptBody, reply.receipt, 'receipt');
  const fits =
    receipt.agency === node.agency &&
    receipt.seq === batch.seq &&
    equalBytes(receipt.headerHash, batch.headerHash);
  if (!fits) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'receipt for another batch' });
}

/** How far the hub says that it is. Throws NODE_HUB_UNTRUSTED where the hub did not sign it, or said it of another node. */
export function readProgress(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  progress: Uint8Array,
  signature: Uint8Array,
): ProgressBody {
  if (!verifyBytes(node.hubSigningKey, domains.progress, progress, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'progress' });
  }
  const body = decodeAnswer(progressBody, progress, 'progress');
  if (body.agency !== node.agency)
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'progress' });
  return body;
}
