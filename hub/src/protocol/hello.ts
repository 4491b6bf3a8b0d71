/**
 * The decision on a hello: how the node's history relates to ours, and whether it may go on.
 *
 * A node cannot tell by itself that it was cloned or restored; only the hub can. Each answered hello
 * spends the node's lineage token and gives a new one, so that of two machines with the same past
 * the second to speak is found. The repeat of an unanswered hello (same nonce) gets the same token
 * again, under a new epoch: a copy restored with its hello pending is fenced from its former life.
 * Nor can the hub tell by itself that it was restored: what the node holds receipts for shows it.
 * Only `EQUAL` and `NODE_AHEAD` raise the epoch; with any other relation nothing may be sent.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';

export type GreetedUnit = {
  /** The hub's own: raised by a person after each restore of the hub. */
  readonly incarnation: bigint;
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  /** Empty before the first hello, and after an operator has released the unit. */
  readonly lineageToken: Uint8Array;
  readonly helloNonce: Uint8Array | null;
};

export type Greeting = {
  readonly helloNonce: Uint8Array;
  readonly lineageToken: Uint8Array;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  /** The incarnation that gave the node its last welcome; 0 before the first. */
  readonly hubIncarnation: bigint;
  /** The newest batch for which the node holds a receipt of that incarnation. */
  readonly receiptedSeq: bigint;
};

export type HelloDecision =
  | {
      /** A repeat spends nothing: the token stays the one that was given. */
      readonly kind: 'welcome' | 'repeat';
      readonly relation: 'EQUAL' | 'NODE_AHEAD';
      readonly epoch: bigint;
    }
  | {
      readonly kind: 'refuse';
      readonly relation: Exclude<Relation, 'EQUAL' | 'NODE_AHEAD'>;
      /** Whether nothing more is heard of the unit until a person has looked into it. */
      readonly freeze: boolean;
    };

/**
 * `hashAtNodeHead` is our archived hash at the node's head, undefined where we have no such batch.
 * `spent`: a welcome under this nonce was followed by another, by a release or by a raise, so this
 * hello comes late: on a medium, or on a line that held it back. The unit has gone on since, and it is
 * no sign of a second machine. A node that still waits under this nonce draws another when it is told.
 */
export function decideHello(
  unit: GreetedUnit,
  greeting: Greeting,
  hashAtNodeHead: Uint8Array | undefined,
  spent = false,
): HelloDecision {
  // before the heads: a hub that lost its end is no judge of who else is behind or forked
  if (hasForgotten(unit, greeting))
    return { kind: 'refuse', relation: 'HUB_BEHIND', freeze: false };
  const heads = relationOfHeads(unit, greeting, hashAtNodeHead);
  if (heads === 'NODE_BEHIND') return { kind: 'refuse', relation: heads, freeze: false };
  // after a release the losing machine may come to rejoin: it is refused, and not another alarm
  if (heads === 'FORKED') return { kind: 'refuse', relation: heads, freeze: !isReleased(unit) };
  // after the heads: a copy restored with its hello still pending has the nonce, and another past
  if (unit.helloNonce !== null && equalBytes(unit.helloNonce, greeting.helloNonce)) {
    return { kind: 'repeat', relation: heads, epoch: unit.epoch + 1n };
  }
  if (spent) return { kind: 'refuse', relation: 'CLONED', freeze: false };
  return isSameLine(unit, greeting)
    ? { kind: 'welcome', relation: heads, epoch: unit.epoch + 1n }
    : { kind: 'refuse', relation: 'CLONED', freeze: true };
}

/** Whether any machine that has the hub's head is the unit: a person said so, and none has come. */
export function isReleased(unit: Pick<GreetedUnit, 'lineageToken'>): boolean {
  return unit.lineageToken.length === 0;
}

/**
 * A node that knows a newer hub, or holds receipts of this one for batches that it lacks. Receipts of
 * an older incarnation are the loss that is known: those batches come again.
 */
function hasForgotten(unit: GreetedUnit, greeting: Greeting): boolean {
  return (
    greeting.hubIncarnation > unit.incarnation ||
    (greeting.hubIncarnation === unit.incarnation && greeting.receiptedSeq > unit.headSeq)
  );
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
  return fresh || isReleased(unit) || equalBytes(unit.lineageToken, greeting.lineageToken);
}
