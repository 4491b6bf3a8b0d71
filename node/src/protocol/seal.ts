/**
 * Which records a seal takes from the change log, and what it says of each. This is the
 * specification; `node/src/db/seal.ts` does the same in SQL in one snapshot, and
 * `node/src/db/seal.pg.test.ts` compares the two.
 *
 * A record is taken whole: all its rows leave the log together, so that what changed in one
 * transaction never travels in two batches, whatever the limit.
 */

export type LogRow = { readonly n: number; readonly recordId: string; readonly section: number };

/** The sections that make a unit of the tree: they go ahead of the people who name it. */
const treeSections: ReadonlySet<number> = new Set([1, 2]);

/** The records of the next batch, at most `recordsMax`: units of the tree first, then by age. */
export function recordsToTake(log: Iterable<LogRow>, recordsMax: number): readonly string[] {
  const first = new Map<string, { tier: number; n: number }>();
  for (const { n, recordId, section } of log) {
    const tier = treeSections.has(section) ? 0 : 1;
    const seen = first.get(recordId);
    first.set(recordId, {
      tier: Math.min(tier, seen?.tier ?? tier),
      n: Math.min(n, seen?.n ?? n),
    });
  }
  return [...first]
    .toSorted(([, a], [, b]) => a.tier - b.tier || a.n - b.n)
    .slice(0, recordsMax)
    .map(([recordId]) => recordId);
}

export type LoggedRecord = {
  /** Changed sections that travel, in order of tag. */
  readonly sections: readonly number[];
  /** The record as a whole was logged: it came, or it is to be sent again. */
  readonly itself: boolean;
  /** It exists, has its head section and is no state secret. */
  readonly shown: boolean;
};

export type SentRecord = {
  readonly version: bigint;
  /** The newest sealed version was no tombstone. */
  readonly present: boolean;
  /** The hub refused it, or asked for it: the next time it travels whole. */
  readonly wholeNext: boolean;
};

export type ManifestLine = {
  readonly version: bigint;
  readonly op: 'U' | 'D';
  readonly whole: boolean;
  readonly sections: readonly number[];
};

/** Undefined where the hub need not hear of it. `sent` is what was sealed of it before. */
export function manifestLine(
  record: LoggedRecord,
  sent: SentRecord | undefined,
): ManifestLine | undefined {
  const { sections, itself, shown } = record;
  const version = (sent?.version ?? 0n) + 1n;
  if (!shown) {
    return sent?.present === true ? { version, op: 'D', whole: false, sections } : undefined;
  }
  if (sections.length === 0 && !itself && sent?.wholeNext !== true) return undefined;
  const whole = sent === undefined || !sent.present || sent.wholeNext || itself;
  return { version, op: 'U', whole, sections };
}
