/**
 * A version of a code list against the one before. Records keep the codes that were right at their
 * time, so an entry never leaves a list and never begins at another day: it is given a last day.
 */
import type { CodeEntry, CodeList } from './code-list.ts';

export type CodeListChanges = {
  readonly added: readonly CodeEntry[];
  /** Entries that have a last day now and had none, or another: as they are now. */
  readonly closed: readonly CodeEntry[];
  /** Entries with another label, parent, successor, alias or note, or open again: as they are now. */
  readonly changed: readonly CodeEntry[];
};

const keyOf = ({ code, from }: CodeEntry): string => `${code} ${from ?? ''}`;

/** One fault for each entry of the version before that is missing; empty where it may follow. */
export function successionFaults(before: CodeList, after: CodeList): readonly string[] {
  const kept = new Set(after.entries.map(keyOf));
  return before.entries.flatMap((entry, i) => {
    if (kept.has(keyOf(entry))) return [];
    const since = entry.from === undefined ? 'without a first day' : `from ${entry.from}`;
    return [
      `row ${i + 1} of version ${before.version} is missing: ${entry.code} ${since} (${entry.vi}); ` +
        'keep it as it was, and close it by "to"',
    ];
  });
}

export function codeListChanges(before: CodeList | undefined, after: CodeList): CodeListChanges {
  const old = new Map(before?.entries.map((entry) => [keyOf(entry), entry]));
  const known = after.entries.flatMap((now) => {
    const was = old.get(keyOf(now));
    return was === undefined ? [] : [{ was, now }];
  });
  const isClosed = ({ was, now }: (typeof known)[number]): boolean =>
    now.to !== undefined && was.to !== now.to;
  return {
    added: after.entries.filter((entry) => !old.has(keyOf(entry))),
    closed: known.filter(isClosed).map(({ now }) => now),
    changed: known
      .filter((one) => !isClosed(one) && !isSameEntry(one.was, one.now))
      .map(({ now }) => now),
  };
}

/** Whether two lists say the same, whatever their version and the order of their entries. */
export function isSameList(one: CodeList, other: CodeList): boolean {
  const { added, closed, changed } = codeListChanges(one, other);
  const heads = [one, other].map(({ name, vi, en, source }) =>
    JSON.stringify([name, vi, en, source]),
  );
  return (
    one.entries.length === other.entries.length &&
    added.length + closed.length + changed.length === 0 &&
    heads[0] === heads[1]
  );
}

const isSameEntry = (one: CodeEntry, other: CodeEntry): boolean => factsOf(one) === factsOf(other);

/** What is absent and what is empty say the same. */
const factsOf = (entry: CodeEntry): string =>
  JSON.stringify([
    entry.code,
    entry.vi,
    entry.en ?? '',
    entry.from ?? '',
    entry.to ?? '',
    entry.status,
    entry.aliases ?? [],
    entry.parent ?? '',
    entry.successor ?? '',
    entry.salaryGroup ?? '',
    entry.note ?? '',
  ]);
