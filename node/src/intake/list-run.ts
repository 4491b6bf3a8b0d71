/**
 * The rows of one list of one person that came right before: offices keep them together, and only so
 * can the rules on successive periods be asked while rows pass. A list that is scattered over its sheet
 * is judged in the pieces it has; as a whole it is judged once it is in the tables.
 */
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';

import type { ListItem } from './intake-item.ts';

/** Beyond it the first are forgotten: no working life has as many rows. */
const rowsMax = 200;

export type ListRun = {
  /** The rows before, when they are of this list of this person. */
  before(section: string, pin: string | null): readonly DraftRow[];
  add(item: ListItem): void;
};

const keyOf = (section: string, pin: string | null): string => `${section} ${pin ?? ''}`;

export function newListRun(): ListRun {
  let current = '';
  let rows: DraftRow[] = [];
  return {
    before: (section, pin) => (pin !== null && keyOf(section, pin) === current ? rows : []),
    add: ({ section, pin, values }) => {
      const key = keyOf(section, pin);
      rows = key === current ? [...rows.slice(1 - rowsMax), values] : [values];
      current = key;
    },
  };
}
