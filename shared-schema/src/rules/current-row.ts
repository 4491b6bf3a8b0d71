/** Which row of a history tells how things are today. */
import type { DraftRow } from '../catalogue/draft.ts';
import { isAfter, isBefore } from '../text/partial-date.ts';

const beginOf = (row: DraftRow): string => row['from_date'] ?? '';

/**
 * Of the rows that have begun the one that has not ended, else one that has; of several the one that
 * began last. Rows by `from_date` and `to_date`, `today` is `YYYY-MM-DD`. Undefined where none has
 * begun: a step that is decided for next year is not the salary of now.
 */
export function currentRow(rows: readonly DraftRow[], today: string): DraftRow | undefined {
  const hasEnded = (row: DraftRow): boolean => isBefore(row['to_date'] ?? today, today);
  return rows
    .filter((row) => !isAfter(beginOf(row), today))
    .toSorted((a, b) => {
      if (hasEnded(a) !== hasEnded(b)) return hasEnded(a) ? -1 : 1;
      return beginOf(a) < beginOf(b) ? -1 : beginOf(a) > beginOf(b) ? 1 : 0;
    })
    .at(-1);
}
