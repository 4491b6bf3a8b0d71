/** Rows of a draft: fields without a value are left out, numbers are written as COPY writes them. */
import type { DraftRow } from '../catalogue/draft.ts';

/** A row of the fields that have a value. */
export function rowOf(values: Readonly<Record<string, string | undefined>>): DraftRow {
  const row: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') row[name] = value;
  }
  return row;
}

/** A decimal of two places, as a column `numeric(n, 2)` gives it back. */
export const hundredths = (value: number): string => value.toFixed(2);
