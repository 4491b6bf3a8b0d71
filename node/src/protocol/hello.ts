/**
 * What the hub's answer to a hello means for this node. The hub sees our head; only we know which
 * batches it had receipted, so only we can tell that it forgot some.
 *
 * A hub that was restored says so by a newer incarnation: then what it lost is sent again, the same
 * bytes, and its feed is read from the start. A hub that forgot and says nothing of it is not
 * believed.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';

export type OwnHistory = {
  readonly headSeq: bigint;
  /** The newest batch for which we hold a receipt. */
  readonly receiptedSeq: bigint;
  /** The newest batch whose content we dropped because the hub had called it safe; 0 where none. */
  readonly droppedSeq: bigint;
  /** The incarnation of our last welcome; 0 before the first. */
  readonly hubIncarnation: bigint;
};

export type HelloAnswer = {
  readonly relation: Relation;
  readonly hubIncarnation: bigint;
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
};

export type HelloMeaning =
  | { readonly kind: 'ready'; readonly epoch: bigint }
  /**
   * The hub was restored: receipts above `headSeq` are void, these batches go again, what the hub
   * told of its progress is void too, and its feed is read anew.
   */
  | { readonly kind: 'reingest'; readonly epoch: bigint; readonly headSeq: bigint }
  | { readonly kind: 'stop'; readonly why: 'behind' | 'forked' | 'cloned' | 'hub-behind' }
  /** The restored hub lacks this batch, and we dropped its content when it was safe. */
  | { readonly kind: 'stop'; readonly why: 'hub-lost-safe'; readonly seq: bigint };

/** `ownHashAtHubHead` is our hash at the hub's head, undefined where we never sealed so far. */
export function meaningOfHello(
  own: OwnHistory,
  answer: HelloAnswer,
  ownHashAtHubHead: Uint8Array | undefined,
): HelloMeaning {
  // whatever it says of us: a hub of the past is no judge
  if (answer.hubIncarnation < own.hubIncarnation) return { kind: 'stop', why: 'hub-behind' };
  switch (answer.relation) {
    case 'NODE_BEHIND':
      return { kind: 'stop', why: 'behind' };
    case 'FORKED':
      return { kind: 'stop', why: 'forked' };
    case 'CLONED':
      return { kind: 'stop', why: 'cloned' };
    case 'HUB_BEHIND':
      return { kind: 'stop', why: 'hub-behind' };
    case 'EQUAL':
    case 'NODE_AHEAD':
      return meaningOfWelcome(own, answer, ownHashAtHubHead);
  }
}

function meaningOfWelcome(
  own: OwnHistory,
  answer: HelloAnswer,
  ownHashAtHubHead: Uint8Array | undefined,
): HelloMeaning {
  const { headSeq, epoch } = answer;
  const restored = own.hubIncarnation > 0n && answer.hubIncarnation > own.hubIncarnation;
  if (!restored && headSeq < own.receiptedSeq) return { kind: 'stop', why: 'hub-behind' };
  if (headSeq > own.headSeq) return { kind: 'stop', why: 'behind' };
  if (!chainsFit(answer, ownHashAtHubHead)) return { kind: 'stop', why: 'forked' };
  if (headSeq < own.droppedSeq) {
    return { kind: 'stop', why: 'hub-lost-safe', seq: own.droppedSeq };
  }
  return restored ? { kind: 'reingest', epoch, headSeq } : { kind: 'ready', epoch };
}

/** Whether our hash at the hub's head, undefined where we have none, is the hub's; so is all below. */
export const chainsFit = (
  { headSeq, headHash }: Pick<HelloAnswer, 'headSeq' | 'headHash'>,
  ownHashAtHubHead: Uint8Array | undefined,
): boolean =>
  headSeq === 0n || (ownHashAtHubHead !== undefined && equalBytes(ownHashAtHubHead, headHash));
