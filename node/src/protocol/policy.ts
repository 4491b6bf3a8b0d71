/**
 * What a node does with a reach policy that comes down the feed. The hub signed it, and still it is
 * taken only where it fits: for this hub, newer than what we have, and one that can be obeyed.
 */

import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import {
  changedSections,
  fixedFaults,
  type ReachTable,
} from '@lienthong/shared-schema/rules/reach-policy.ts';

export type ArrivedPolicy = {
  readonly hubIncarnation: bigint;
  readonly version: bigint;
  readonly audience: Uint8Array;
  readonly reaches: ReachTable;
  /** The bytes that the hub signed. */
  readonly body: Uint8Array;
};

export type HeldPolicy = Omit<ArrivedPolicy, 'audience'>;

export type PolicyDecision =
  /** Older than ours, or ours again. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'refuse'; readonly reason: string }
  /** From now on; the records that have rows in the changed sections are sent again. */
  | { readonly kind: 'take'; readonly changed: readonly Section[] };

/**
 * `held` is what is in force here; at version 0 its bytes are empty. A hub that was restored under a
 * new incarnation counts its versions on from an older one, so the incarnation goes first.
 */
export function decidePolicy(
  here: { readonly audience: Uint8Array; readonly held: HeldPolicy },
  arrived: ArrivedPolicy,
): PolicyDecision {
  const { held } = here;
  if (!equalBytes(arrived.audience, here.audience)) {
    return { kind: 'refuse', reason: 'policy of another hub' };
  }
  if (arrived.version === 0n) return { kind: 'refuse', reason: 'policy without a version' };
  const age = compare(arrived.hubIncarnation, held.hubIncarnation);
  const order = age === 0 ? compare(arrived.version, held.version) : age;
  if (order < 0) return { kind: 'ignore' };
  if (order === 0) {
    return equalBytes(arrived.body, held.body)
      ? { kind: 'ignore' }
      : { kind: 'refuse', reason: `a second policy ${arrived.version}` };
  }
  const [fault] = fixedFaults(arrived.reaches);
  if (fault !== undefined) return { kind: 'refuse', reason: `policy ${arrived.version}: ${fault}` };
  return { kind: 'take', changed: changedSections(held.reaches, arrived.reaches) };
}

const compare = (a: bigint, b: bigint): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0);
