/** The table of a reach policy as it travels, and back. */

import type { Reach } from '../catalogue/types.ts';
import type { ReachTable } from '../rules/reach-policy.ts';
import type { SectionReach, WireReach } from './messages.ts';

const onWire: Readonly<Record<Reach, WireReach>> = {
  national: 'NATIONAL',
  sealed: 'SEALED',
  unit: 'UNIT',
};

const offWire: Readonly<Record<WireReach, Reach>> = {
  NATIONAL: 'national',
  SEALED: 'sealed',
  UNIT: 'unit',
};

/** In order of section tag, so that the same table has the same bytes. */
export function reachesToWire(reaches: ReachTable): readonly SectionReach[] {
  return [...reaches]
    .map(([section, reach]) => ({ section, reach: onWire[reach] }))
    .toSorted((a, b) => a.section - b.section);
}

/** Sections that this catalogue does not know stay in the table and mean nothing to it. */
export function reachesFromWire(reaches: readonly SectionReach[]): ReachTable {
  return new Map(reaches.map(({ section, reach }) => [section, offWire[reach]]));
}
