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
  const heads = relationOfHeads(unit, greeting, hashAtNodeHead);
  if (heads !== 'EQUAL' && heads !== 'NODE_AHEAD') return { kind: 'refuse', relation: heads };
  // after the heads: a copy restored with its hello still pending has the nonce, and another past
  if (unit.helloNonce !== null && equalBytes(unit.helloNonce, greeting.helloNonce)) {
    return { kind: 'repeat' };
  }
  return isSameLine(unit, greeting)
    ? { kind: 'welcome', relation: heads, epoch: unit.epoch + 1n }
    : { kind: 'refuse', relation: 'CLONED' };
}

function relationOfHeads(
  unit: GreetedUnit,
  greeting: Greeting,
  hashAtNodeHead: Uint8Array | undefined,
): Exclude<Relation, 'CLONED' | 'HUB_BEHIND'> {
  if (greeting.headSeq < unit.headSeq) {
    const agrees =
      greeting.headSeq === 0n ||
      (hashAtNodeHead !== undefined && equalBytes(hashAtNodeHead, greeting.headHash));
    return agrees ? 'NODE_BEHIND' : 'FORKED';
  }
  if (greeting.headSeq > unit.headSeq) return 'NODE_AHEAD';
  return equalBytes(greeting.headHash, unit.headHash) ? 'EQUAL' : 'FORKED';
}

/**
 * No token is asked for at the first hello, nor after an operator's release. A node that has sealed
 * nothing and lost its first answer has nothing to fork with.
 */
function isSameLine(unit: GreetedUnit, greeting: Greeting): boolean {
  const fresh = unit.headSeq === 0n && greeting.headSeq === 0n;
  const asked = unit.lineageToken.length > 0;
  return fresh || !asked || equalBytes(unit.lineageToken, greeting.lineageToken);
}
