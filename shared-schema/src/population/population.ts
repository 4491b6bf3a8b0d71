/**
 * A synthetic population for demos, tests and measurements: the unit tree of an agency, then its
 * people, one at a time. The same options give the same records on every machine; different agencies
 * never share a personal number. Every person is made up by rule and chance: names, numbers,
 * addresses and lives belong to nobody, and shares are orders of magnitude, not statistics.
 */
import type { RecordDraft } from '../catalogue/draft.ts';
import { lifeOf } from './life.ts';
import { personDraft } from './person-draft.ts';
import { pinSource } from './pins.ts';
import { homelandOf, mergerDay } from './places.ts';
import { randomStream, seedOf } from './random.ts';
import { staffedTree, unitDraft } from './unit-tree.ts';

export type PopulationOptions = {
  /** A whole number; each gives another population. */
  readonly seed: number;
  /** Level-1 agency code of the list CO_QUAN, such as `H52`. */
  readonly agency: string;
  /** Number of people; units come on top, about one for every 35 people. */
  readonly size: number;
  /** The day on which the records stand, `YYYY-MM-DD`, since July 2025: nothing in them is later. */
  readonly today: string;
};

/**
 * Units first, parents before children, then people unit by unit. Holds the unit tree in memory and
 * no people. Throws RangeError on an unknown agency, and when an agency's share of personal numbers
 * is used up (not below a million people).
 */
export function* population(options: PopulationOptions): Generator<RecordDraft> {
  const { seed, agency, size, today } = options;
  if (today < mergerDay) throw new RangeError(`the unit tree is that of ${mergerDay} and later`);
  const tree = staffedTree(agency, size);
  for (const unit of tree) yield unitDraft(unit, today);
  const homeland = homelandOf(agency);
  const pins = pinSource(agency);
  const base = seedOf(seed, agency);
  for (const unit of tree) {
    for (let index = unit.first; index < unit.first + unit.count; index += 1) {
      const random = randomStream(base, index);
      yield personDraft(lifeOf({ random, agency, today, index, unit, homeland, pins }));
    }
  }
}
