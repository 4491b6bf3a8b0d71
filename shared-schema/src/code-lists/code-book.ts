/**
 * The one way to look codes up: by equality only, never by containment, and as of the date of the
 * event. Lists are live, so whoever looks up is handed the book of its database; the book of the
 * shipped lists is for where there is none.
 */
import type { CodeListName } from '../catalogue/code-list-names.ts';
import { foldText } from '../text/fold.ts';
import type { CodeEntry, CodeList } from './code-list.ts';
import { codeLists } from './shipped.ts';

export type CodeStanding = 'valid' | 'unknown' | 'not-valid-then';

export type CodeBook = {
  /** All entries of the list, over all times. */
  readonly entries: (list: CodeListName) => readonly CodeEntry[];
  /** Entries with exactly this code, over all times (codes have been re-used). */
  readonly withCode: (list: CodeListName, code: string) => readonly CodeEntry[];
  /** Entries whose Vietnamese label or alias equals the text, letter case and spacing apart. */
  readonly withLabel: (list: CodeListName, text: string) => readonly CodeEntry[];
  /** Whether a code may stand in a record for an event of that (partial) date; null means any time. */
  readonly standing: (list: CodeListName, code: string, event: string | null) => CodeStanding;
};

/** A book of these lists; any other is empty. Each is indexed when it is first looked at. */
export function makeCodeBook(lists: readonly Pick<CodeList, 'name' | 'entries'>[]): CodeBook {
  const entriesOf = new Map(lists.map((list) => [list.name, list.entries]));
  const entries = (list: CodeListName): readonly CodeEntry[] => entriesOf.get(list) ?? [];
  const indexes = new Map<CodeListName, Index>();
  const indexOf = (list: CodeListName): Index => {
    const index = indexes.get(list) ?? makeIndex(entries(list));
    indexes.set(list, index);
    return index;
  };
  const withCode: CodeBook['withCode'] = (list, code) => indexOf(list).byCode.get(code) ?? [];
  return {
    entries,
    withCode,
    withLabel: (list, text) => indexOf(list).byLabel.get(foldText(text)) ?? [],
    standing: (list, code, event) => {
      const known = withCode(list, code);
      if (known.length === 0) return 'unknown';
      return known.some((entry) => isValidAsOf(entry, event)) ? 'valid' : 'not-valid-then';
    },
  };
}

/** The lists as shipped, for where there is no database. */
export const shippedBook: CodeBook = makeCodeBook(Object.values(codeLists));

/**
 * True when the entry is valid at some time within the event's date. The date may be partial
 * (`2025`, `2025-06`), then any day of it counts; without a date every interval counts.
 */
export function isValidAsOf(entry: CodeEntry, event: string | null): boolean {
  if (event === null) return true;
  const n = event.length;
  return (
    (entry.from === undefined || entry.from.slice(0, n) <= event) &&
    (entry.to === undefined || entry.to.slice(0, n) >= event)
  );
}

type Index = {
  readonly byCode: ReadonlyMap<string, readonly CodeEntry[]>;
  readonly byLabel: ReadonlyMap<string, readonly CodeEntry[]>;
};

function makeIndex(entries: readonly CodeEntry[]): Index {
  const byLabel = new Map<string, CodeEntry[]>();
  for (const entry of entries) {
    for (const label of new Set([entry.vi, ...(entry.aliases ?? [])].map(foldText))) {
      const same = byLabel.get(label);
      if (same === undefined) byLabel.set(label, [entry]);
      else same.push(entry);
    }
  }
  return { byCode: Map.groupBy(entries, (entry) => entry.code), byLabel };
}
