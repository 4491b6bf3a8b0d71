/**
 * Whether a checkpoint continues what this node has witnessed (I11). Within one incarnation of the
 * hub each names the one before; a rewrite is refused. A new incarnation, that is a restored hub, may
 * go on from any earlier checkpoint that we know; the lost branch stays here as evidence.
 *
 * A hub that goes back without noticing gives numbers twice within one incarnation. That is refused
 * until a person raises it. From then on both branches are the past, which nobody can mend: what came
 * first stays what was witnessed, the other is evidence beside it, and the feed is read on.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

export type ArrivedCheckpoint = {
  readonly number: bigint;
  readonly hash: Uint8Array;
  readonly prevHash: Uint8Array;
  /** Of an older incarnation than the hub's present one: a person has raised it since. */
  readonly isOfThePast: boolean;
};

export type Witnessed = {
  /** Hash of the one kept under the same incarnation and number. */
  readonly same: Uint8Array | undefined;
  /** The newest one kept of the same incarnation. */
  readonly newest: { readonly number: bigint; readonly hash: Uint8Array } | undefined;
  /** Whether the same bytes are kept beside it, as evidence. */
  readonly isEvidence: boolean;
  /** Whether one of an earlier incarnation, evidence included, has the number before and its hash. */
  readonly prevIsKnown: boolean;
  /** The lowest number kept of any incarnation; undefined where nothing is kept. */
  readonly oldestNumber: bigint | undefined;
};

export type CheckpointDecision =
  | { readonly kind: 'keep' }
  /** Its beginning is older than anything kept: nothing speaks for it and nothing against. */
  | { readonly kind: 'keep-with-warning' }
  /** The same bytes as before: a feed that is read again. */
  | { readonly kind: 'known' }
  /** In conflict with what is kept, in an incarnation that is over: kept beside it, with a warning. */
  | { readonly kind: 'keep-as-evidence' }
  | { readonly kind: 'refuse' };

export function decideCheckpoint(
  arrived: ArrivedCheckpoint,
  witnessed: Witnessed,
): CheckpointDecision {
  const decision = continuation(arrived, witnessed);
  if (decision.kind !== 'refuse' || !arrived.isOfThePast) return decision;
  return { kind: witnessed.isEvidence ? 'known' : 'keep-as-evidence' };
}

function continuation(arrived: ArrivedCheckpoint, witnessed: Witnessed): CheckpointDecision {
  const { same, newest, prevIsKnown, oldestNumber } = witnessed;
  if (same !== undefined) return { kind: equalBytes(same, arrived.hash) ? 'known' : 'refuse' };
  if (newest !== undefined) {
    const follows =
      arrived.number === newest.number + 1n && equalBytes(arrived.prevHash, newest.hash);
    return { kind: follows ? 'keep' : 'refuse' };
  }
  if (prevIsKnown || oldestNumber === undefined) return { kind: 'keep' };
  return { kind: arrived.number - 1n < oldestNumber ? 'keep-with-warning' : 'refuse' };
}
