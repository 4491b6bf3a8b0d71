/** What a source writes above a column in place of our labels: a heading for one field of one section. */
import { foldHeading } from './heading.ts';

export type MappedHeading = {
  readonly heading: string;
  readonly section: string;
  readonly field: string;
};

export type HeadingMapping = {
  /** The field that somebody mapped the (folded) heading to. */
  readonly fieldOf: (heading: string) => MappedHeading | undefined;
};

export const noHeadings: HeadingMapping = { fieldOf: () => undefined };

export function makeHeadingMapping(rows: readonly MappedHeading[]): HeadingMapping {
  const byHeading = new Map(rows.map((row) => [foldHeading(row.heading), row]));
  return { fieldOf: (heading) => byHeading.get(heading) };
}
