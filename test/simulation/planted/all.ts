/** Every planted bug by name. The table in docs/protocol.md is compared with it. */
import { planOf } from '../plan.ts';
import { run } from '../run.ts';
import { hubBugs } from './at-hub.ts';
import { nodeBugs } from './at-node.ts';
import type { PlantedBug } from './bug.ts';

export const plantedBugs: Readonly<Record<string, PlantedBug>> = { ...hubBugs, ...nodeBugs };

/** The invariant that the bug is seen to break with this seed; undefined where it is not seen. */
export function caughtBy(bug: PlantedBug, seed: number): string | undefined {
  const { violations } = run(planOf(seed), bug.options);
  return violations.find(({ invariant }) => bug.breaks.includes(invariant))?.invariant;
}

/** A seed that catches it: the one of the table, or the first from `from` on, among `count`. */
export function firstCatch(
  bug: PlantedBug,
  { from, count }: { readonly from: number; readonly count: number },
): { readonly seed: number; readonly invariant: string } | undefined {
  const known = caughtBy(bug, bug.firstSeed);
  if (known !== undefined) return { seed: bug.firstSeed, invariant: known };
  for (let seed = from; seed < from + count; seed++) {
    const invariant = caughtBy(bug, seed);
    if (invariant !== undefined) return { seed, invariant };
  }
  return undefined;
}
