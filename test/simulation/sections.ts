/** Sections of a record as values: which rows a message takes, and what it leaves. */
import { type Sections, travellingTags } from './messages.ts';

export function rowsOf(sections: Sections, tags: readonly number[]): Sections {
  const rows: Record<number, string> = {};
  for (const tag of tags) {
    const row = sections[tag];
    if (row !== undefined) rows[tag] = row;
  }
  return rows;
}

export type Change = {
  readonly whole: boolean;
  readonly tags: readonly number[];
  readonly rows: Sections;
};

/** Named sections are replaced, all of them where the record came whole. */
export function replaced(before: Sections, change: Change): Sections {
  const after: Record<number, string> = { ...before };
  for (const tag of change.whole ? travellingTags : change.tags) {
    const row = change.rows[tag];
    if (row === undefined) Reflect.deleteProperty(after, tag);
    else after[tag] = row;
  }
  return after;
}
