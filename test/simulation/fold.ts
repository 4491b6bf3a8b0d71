/** The checker's own reading of batches: what a chain says of each record. */
import type { Fold, FoldedRecord, History } from './history.ts';
import { type BatchContent, hex, type Sections } from './messages.ts';

/** The chain that ends with the batch of this hash. */
export function foldOf(history: History, machine: string, head: string): Fold {
  const known = history.folds.get(machine);
  if (known?.head === head) return known;
  const contents: BatchContent[] = [];
  for (let hash = head; hash !== '' && hash !== known?.head;) {
    const batch = history.batches.get(hash);
    if (batch === undefined) break;
    contents.push(batch.content);
    hash = hex(batch.header.prevHash);
    if (hash === '' || hash === known?.head) {
      const records = new Map(hash === '' ? [] : known?.records);
      return keep(history, machine, head, records, contents);
    }
  }
  return keep(history, machine, head, new Map(), contents);
}

function keep(
  history: History,
  machine: string,
  head: string,
  records: Map<string, FoldedRecord>,
  contents: readonly BatchContent[],
): Fold {
  for (const content of contents.toReversed()) foldContent(records, content);
  const fold = { head, records };
  history.folds.set(machine, fold);
  return fold;
}

function foldContent(records: Map<string, FoldedRecord>, content: BatchContent): void {
  for (const { recordId, version, op, whole, tags, rows } of content.records) {
    const before = whole ? {} : (records.get(recordId)?.sections ?? {});
    const sections = op === 'D' ? undefined : overlaid(before, tags, rows);
    records.set(recordId, { version, sections });
  }
}

/** The named sections as they came; those that were named and did not come are empty. */
export function overlaid(before: Sections, tags: readonly number[], rows: Sections): Sections {
  const kept = Object.entries(before).filter(([tag]) => !tags.includes(Number(tag)));
  return { ...Object.fromEntries(kept), ...rows };
}

export function sameSections(a: Sections | undefined, b: Sections | undefined): boolean {
  return textOf(a) === textOf(b);
}

export const textOf = (sections: Sections | undefined): string =>
  sections === undefined
    ? 'gone'
    : Object.entries(sections)
        .toSorted(([a], [b]) => Number(a) - Number(b))
        .map(([tag, row]) => `${tag}=${row}`)
        .join(' ');
