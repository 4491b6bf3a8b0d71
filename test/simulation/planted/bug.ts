/** A planted bug: one mechanism taken out of a world, for tests alone; the product has no such switch. */
import type { RunOptions } from '../run.ts';

export type PlantedBug = {
  /** What is taken out, in a sentence. */
  readonly removes: string;
  /** The invariants of which one must be seen broken. */
  readonly breaks: readonly string[];
  readonly options: RunOptions;
  /** A seed that catches it, the first that is known. */
  readonly firstSeed: number;
};
