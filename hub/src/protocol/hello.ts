/**
 * The decision on a hello: how the node's history relates to ours, and whether it may go on.
 *
 * A node cannot tell by itself that it was cloned or restored; only the hub can. Each answered hello
 * spends the node's lineage token and gives a new one, so that of two machines with the same past
 * the second to speak is found. The repeat of an unanswered hello (same nonce) gets the same answer.
 * Only `EQUAL` and `NODE_AHEAD` raise the epoch; with any other relation nothing may be sent.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';

export type GreetedUnit = {
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  readonly lineageToken: Uint8Array;
  readonly helloNonce: Uint8Array | null;
};

export type Greeting = {
  readonly helloNonce: Uint8Array;
  readonly lineageToken: Uint8Array;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
};

export type HelloDecision =
  | { readonly kind: 'repeat' }
  | { readonly kind: 'welcome'; readonly relation: 'EQUAL' | 'NODE_AHEAD'; readonly epoch: bigint }
  | { readonly kind: 'refuse'; readonly relation: Exclude<Relation, 'EQUAL' | 'NODE_AHEAD'> };

/** `hashAtNodeHead` is our archived hash at the node's head, undefined where we have no such batch. */
export function decideHello(
  unit: GreetedUnit,
  greeting: Greeting,
  hashAtNodeHead: Uint8Array | undefined,
): HelloDecision {
  if (unit.helloNonce !== null && equalBytes(unit.helloNonce, greeting.helloNonce)) {
    return { kind: 'repeat' };
  }
  const relation = relationOf(unit, greeting, hashAtNodeHead);
  return relation === 'EQUAL' || relation === 'NODE_AHEAD'
    ? { kind: 'welcome', relation, epoch: unit.epoch + 1n }
    : { kind: 'refuse', relation };
}

function relationOf(
  unit: GreetedUnit,
  greeting: Greeting,
  hashAtNodeHead: Uint8Array | undefined,
): Relation {
  if (greeting.headSeq < unit.headSeq) {
    const agrees =
      greeting.headSeq === 0n ||
      (hashAtNodeHead !== undefined && equalBytes(hashAtNodeHead, greeting.headHash));
    return agrees ? 'NODE_BEHIND' : 'FORKED';
  }
  if (greeting.headSeq === unit.headSeq && !equalBytes(greeting.headHash, unit.headHash)) {
    return 'FORKED';
  }
  if (!equalBytes(unit.lineageToken, greeting.lineageToken)) {
    // a node that has sealed nothing and lost its first answer has nothing to fork with
    const fresh = unit.headSeq === 0n && greeting.headSeq === 0n;
    if (!fresh) return 'CLONED';
  }
  return greeting.headSeq === unit.headSeq ? 'EQUAL' : 'NODE_AHEAD';
}
