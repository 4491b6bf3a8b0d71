/**
 * What a node does with a version of a code list that comes down the feed. The hub signed it, and
 * still it is taken only where it fits: for this hub, newer than what was taken, and a list.
 */
import { checkCodeList } from '@lienthong/shared-schema/code-lists/check-code-list.ts';
import type { CodeList } from '@lienthong/shared-schema/code-lists/code-list.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

export type ArrivedCodeList = {
  readonly hubIncarnation: bigint;
  readonly audience: Uint8Array;
  readonly list: CodeList;
  /** The bytes that the hub signed. */
  readonly body: Uint8Array;
};

/** The newest version of the list that was taken from a hub. */
export type HeldCodeList = {
  readonly hubIncarnation: bigint;
  readonly version: number;
  readonly body: Uint8Array;
};

export type CodeListDecision =
  /** Older than ours, or ours again. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'take'; readonly inForce: CodeList };

/**
 * A hub that was restored under a new incarnation counts its versions on from an older one, so the
 * incarnation goes first. Of what is taken and what came with the software the higher version is in
 * force, of equal ones what the hub signed: the hub holds it so too.
 */
export function decideCodeList(
  here: {
    readonly audience: Uint8Array;
    readonly held: HeldCodeList | undefined;
    readonly shipped: CodeList | undefined;
  },
  arrived: ArrivedCodeList,
): CodeListDecision {
  const { held, shipped } = here;
  const { list } = arrived;
  if (!equalBytes(arrived.audience, here.audience)) {
    return { kind: 'refuse', reason: 'code list of another hub' };
  }
  const order = held === undefined ? 1 : compareAge(arrived, held);
  if (order < 0) return { kind: 'ignore' };
  if (order === 0) {
    return held !== undefined && equalBytes(arrived.body, held.body)
      ? { kind: 'ignore' }
      : { kind: 'refuse', reason: `a second version ${list.version} of ${list.name}` };
  }
  const [fault] = checkCodeList(list).faults;
  if (fault !== undefined) return { kind: 'refuse', reason: `code list ${list.name}: ${fault}` };
  const newer = shipped !== undefined && shipped.version > list.version;
  return { kind: 'take', inForce: newer ? shipped : list };
}

/** Above 0 where the arrived one is newer. */
function compareAge({ hubIncarnation, list }: ArrivedCodeList, held: HeldCodeList): number {
  if (hubIncarnation !== held.hubIncarnation) return hubIncarnation > held.hubIncarnation ? 1 : -1;
  return list.version - held.version;
}
