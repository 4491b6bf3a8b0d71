/**
 * Looking codes up: by equality only, never by containment, and as of the date of the event.
 */
import type { CodeListName } from '../catalogue/code-list-names.ts';
import { foldText } from '../text/fold.ts';
import { type CodeEntry, codeLists } from './shipped.ts';

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

const indexes = new Map<CodeListName, Index>();

function indexOf(list: CodeListName): Index {
  const known = indexes.get(list);
  if (known !== undefined) return known;
  const byCode = new Map<string, CodeEntry[]>();
  const byLabel = new Map<string, CodeEntry[]>();
  for (const entry of codeLists[list].entries) {
    append(byCode, entry.code, entry);
    for (const label of [entry.vi, ...(entry.aliases ?? [])]) {
      append(byLabel, foldText(label), entry);
    }
  }
  const made = { byCode, byLabel };
  indexes.set(list, made);
  return made;
}

function append(map: Map<string, CodeEntry[]>, key: string, entry: CodeEntry): void {
  const entries = map.get(key);
  if (entries === undefined) map.set(key, [entry]);
  else entries.push(entry);
}

/** Entries with exactly this code, over all times (codes have been re-used). */
export function entriesWithCode(list: CodeListName, code: string): readonly CodeEntry[] {
  return indexOf(list).byCode.get(code) ?? [];
}

/** Entries whose Vietnamese label or alias equals the text, letter case and spacing apart. */
export function entriesWithLabel(list: CodeListName, text: string): readonly CodeEntry[] {
  return indexOf(list).byLabel.get(foldText(text)) ?? [];
}

export type CodeStanding = 'valid' | 'unknown' | 'not-valid-then';

/** Whether a code may stand in a record for an event of that date. */
export function codeStanding(list: CodeListName, code: string, event: string | null): CodeStanding {
  const entries = entriesWithCode(list, code);
  if (entries.length === 0) return 'unknown';
  return entries.some((entry) => isValidAsOf(entry, event)) ? 'valid' : 'not-valid-then';
}
