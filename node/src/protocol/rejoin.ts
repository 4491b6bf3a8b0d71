/**
 * Rejoining: a node that was restored from an old backup, or lost against its clone, takes over the
 * chain that the hub has and puts what it has of its own behind it.
 *
 *   own    1 2 3 4'5'        common 3, abandon 4' and 5' (their records are sealed anew),
 *   hub    1 2 3 4 5 6       fetch 4, 5 and 6
 *
 * The newest common batch is found by asking the archive for hashes: batches are chained, so two
 * chains that agree at a number agree below it.
 */
import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';

/** Agrees at `common`; differs, or ends, at `differs`. Found when they are neighbours. */
export type CommonSearch = {
  readonly common: bigint;
  readonly differs: bigint;
  /** How far below `differs` to ask next, doubled until something agrees; 0 once something did. */
  readonly stride: bigint;
};

export function beginSearch(ownHeadSeq: bigint, hubHeadSeq: bigint): CommonSearch {
  const shorter = ownHeadSeq < hubHeadSeq ? ownHeadSeq : hubHeadSeq;
  return { common: 0n, differs: shorter + 1n, stride: 1n };
}

/** The number to compare next; undefined when `common` is the newest common batch (0: none). */
export function nextProbe({ common, differs, stride }: CommonSearch): bigint | undefined {
  if (differs === common + 1n) return undefined;
  if (stride === 0n) return common + (differs - common) / 2n;
  const asked = differs - stride;
  return asked > common ? asked : common + 1n;
}

export function afterProbe(search: CommonSearch, seq: bigint, same: boolean): CommonSearch {
  return same
    ? { common: seq, differs: search.differs, stride: 0n }
    : { common: search.common, differs: seq, stride: search.stride * 2n };
}

export type RejoinAnswer = {
  readonly relation: Relation;
  readonly hubIncarnation: bigint;
  readonly headSeq: bigint;
  /** Whether an operator of the hub has released the unit for this. */
  readonly released: boolean;
};

export type RejoinStep =
  /** Own and hub's chain have no difference that rejoining mends. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'search'; readonly permitted: boolean }
  | { readonly kind: 'stop'; readonly why: 'cloned' | 'hub-behind' };

/** `chainsFit`: our hash at the hub's head, where we have one, is the hub's. */
export function stepOfRejoin(
  own: { readonly headSeq: bigint; readonly hubIncarnation: bigint },
  answer: RejoinAnswer,
  chainsFit: boolean,
): RejoinStep {
  if (answer.hubIncarnation < own.hubIncarnation) return { kind: 'stop', why: 'hub-behind' };
  switch (answer.relation) {
    case 'NODE_BEHIND':
    case 'FORKED':
      return { kind: 'search', permitted: answer.released };
    case 'CLONED':
      return { kind: 'stop', why: 'cloned' };
    case 'HUB_BEHIND':
      return { kind: 'stop', why: 'hub-behind' };
    case 'EQUAL':
    case 'NODE_AHEAD':
      // the hub cannot see a fork below its head in a chain that is longer; a welcome is a permit
      return answer.headSeq > own.headSeq || !chainsFit
        ? { kind: 'search', permitted: true }
        : { kind: 'nothing' };
  }
}

export type RejoinPlan = {
  readonly common: bigint;
  /** Own batches above `common`, which the hub does not have. */
  readonly abandon: bigint;
  /** The hub's batches above `common`. */
  readonly fetch: bigint;
};

export function planRejoin(own: bigint, hub: bigint, common: bigint): RejoinPlan {
  return { common, abandon: own - common, fetch: hub - common };
}
