/**
 * What the hub's answer to a hello means for this node. The hub sees our head; only we know which
 * batches it had receipted, so only we can tell that it forgot some.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';

export type OwnHistory = {
  readonly headSeq: bigint;
  /** The newest batch for which we hold a receipt. */
  readonly receiptedSeq: bigint;
};

export type HelloAnswer = {
  readonly relation: Relation;
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
};

export type HelloMeaning =
  | { readonly kind: 'ready'; readonly epoch: bigint }
  | { readonly kind: 'stop'; readonly why: 'behind' | 'forked' | 'cloned' | 'hub-behind' };

/** `ownHashAtHubHead` is our hash at the hub's head, undefined where we never sealed so far. */
export function meaningOfHello(
  own: OwnHistory,
  answer: HelloAnswer,
  ownHashAtHubHead: Uint8Array | undefined,
): HelloMeaning {
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
      if (answer.headSeq < own.receiptedSeq) return { kind: 'stop', why: 'hub-behind' };
      if (answer.headSeq > own.headSeq) return { kind: 'stop', why: 'behind' };
      return hashFits(answer, ownHashAtHubHead)
        ? { kind: 'ready', epoch: answer.epoch }
        : { kind: 'stop', why: 'forked' };
  }
}

const hashFits = (answer: HelloAnswer, own: Uint8Array | undefined): boolean =>
  answer.headSeq === 0n || (own !== undefined && equalBytes(own, answer.headHash));
