/**
 * The walk down two trees of digests, of this node and of its mirror, each against the hub's: which
 * branches to ask about next, and which records differ in the end. A branch with equal digests is
 * never entered. Depth first, so that a walk that is ended early has named whole records.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

/** A branch by its prefix in hex, or a record by its id. */
export type Entry = { readonly key: string; readonly digest: Uint8Array };

export type Side = 'node' | 'mirror';
export const sides: readonly Side[] = ['node', 'mirror'];

/** What lies below one prefix, at the hub and here: branches, or records where it is a bucket. */
export type Below = {
  readonly prefix: string;
  readonly hub: readonly Entry[];
  readonly node: readonly Entry[];
  readonly mirror: readonly Entry[];
};

export type Walk = {
  /** Prefixes still to be asked about, the next one first. */
  readonly open: readonly string[];
  /** Ids of the records that differ from the hub's, or are at one side only. */
  readonly named: Readonly<Record<Side, readonly string[]>>;
};

export const startOfWalk: Walk = { open: [''], named: { node: [], mirror: [] } };

/** In hex digits: two bytes, below which there are records. */
const bucketDigits = 4;

export const isBucket = (prefix: string): boolean => prefix.length === bucketDigits;

/** Keys that only one side has, or that have another digest; in order. */
export function differingKeys(ours: readonly Entry[], theirs: readonly Entry[]): readonly string[] {
  const rest = new Map(theirs.map((entry) => [entry.key, entry.digest]));
  const keys: string[] = [];
  for (const { key, digest } of ours) {
    const other = rest.get(key);
    if (other === undefined || !equalBytes(other, digest)) keys.push(key);
    rest.delete(key);
  }
  return [...keys, ...rest.keys()].toSorted();
}

/** The prefixes for the next question, all of one length, at most `most`; none: the walk is at its end. */
export function nextPrefixes({ open }: Walk, most: number): readonly string[] {
  const [first] = open;
  const end = open.findIndex((prefix) => prefix.length !== first?.length);
  return open.slice(0, Math.min(most, end === -1 ? open.length : end));
}

/** The walk after the answer to `nextPrefixes`: one `Below` for each prefix asked about. */
export function stepDown(walk: Walk, answer: readonly Below[]): Walk {
  const asked = new Set(answer.map(({ prefix }) => prefix));
  const deeper: string[] = [];
  const named = { node: [...walk.named.node], mirror: [...walk.named.mirror] };
  for (const below of answer) {
    const found = sides.map((side) => differingKeys(below[side], below.hub));
    if (isBucket(below.prefix)) {
      for (const [i, side] of sides.entries()) named[side].push(...(found[i] ?? []));
    } else {
      deeper.push(...new Set(found.flat()));
    }
  }
  return {
    open: [...deeper.toSorted(), ...walk.open.filter((prefix) => !asked.has(prefix))],
    named,
  };
}
