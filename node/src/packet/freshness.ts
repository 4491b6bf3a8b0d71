/**
 * Whether a packet may still be written: it is late when another source has changed the record since
 * the program made it. The program says what it had seen by the etag of an earlier reply, or when it
 * made the packet; where it says neither, the packet is written and the reply tells what it overwrote.
 */

/** A change of the record by somebody else. `at` is null for changes in the tables themselves. */
export type Change = { readonly source: string; readonly at: Date | null };

export type RecordHistory = {
  /** The digest of the record as it is. */
  readonly tag: string;
  /** The last change by another source of the intake. */
  readonly lastOther: { readonly source: string; readonly at: Date } | null;
  /** The last packet of this source that was written, and the digest that it left. */
  readonly lastOwn: { readonly source: string; readonly tag: string; readonly at: Date } | null;
  /** When a reply gave the etag that the program has seen; null where none did. */
  readonly seenAt: Date | null;
  /** The last packet of this source that may have changed the same fields. */
  readonly lastOwnOfBlock: Date | null;
  /** The newest of those that was made, as the program said; it may wait for a reviewer. */
  readonly lastMade: { readonly source: string; readonly at: Date } | null;
};

export type Freshness =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'stale'; readonly change: Change }
  /** The program did not say what it had seen, and somebody else wrote last. */
  | { readonly kind: 'overwrites'; readonly change: Change };

/** How changes are named that came past the intake: a console, or plain SQL. */
export const directSource = 'database';

const fresh: Freshness = { kind: 'fresh' };

export type Seen = { readonly versionSeen: string | null; readonly createdAt: Date | null };

export function freshnessOf(seen: Seen, history: RecordHistory): Freshness {
  if (seen.versionSeen !== null) return freshnessOfVersion(seen.versionSeen, history);
  const { lastOther } = history;
  if (seen.createdAt !== null) {
    if (lastOther !== null && seen.createdAt < lastOther.at) {
      return { kind: 'stale', change: lastOther };
    }
    // a packet of the program itself that was held up on its way
    const { lastMade } = history;
    const isOvertaken = lastMade !== null && seen.createdAt < lastMade.at;
    return isOvertaken ? { kind: 'stale', change: lastMade } : fresh;
  }
  const change = otherSince(history, history.lastOwn?.at ?? null);
  return change === undefined ? fresh : { kind: 'overwrites', change };
}

function freshnessOfVersion(version: string, history: RecordHistory): Freshness {
  if (version === history.tag) return fresh;
  const { seenAt, lastOwn, lastOwnOfBlock } = history;
  const change = otherSince(history, seenAt);
  if (change !== undefined) return { kind: 'stale', change };
  // nobody else has: of the program's own packets a later one of the same block counts more
  if (lastOwn === null || seenAt === null) {
    return {
      kind: 'stale',
      change: { source: lastOwn?.source ?? directSource, at: lastOwn?.at ?? null },
    };
  }
  const isOvertaken = lastOwnOfBlock !== null && lastOwnOfBlock > seenAt;
  return isOvertaken
    ? { kind: 'stale', change: { source: lastOwn.source, at: lastOwnOfBlock } }
    : fresh;
}

/** Who else has changed the record since; by default since ever. */
function otherSince(
  { tag, lastOther, lastOwn }: RecordHistory,
  since: Date | null,
): Change | undefined {
  if (lastOther !== null && (since === null || lastOther.at > since)) return lastOther;
  const isDirect =
    lastOwn !== null && tag !== lastOwn.tag && (lastOther === null || lastOther.at <= lastOwn.at);
  return isDirect ? { source: directSource, at: null } : undefined;
}
