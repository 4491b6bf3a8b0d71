/**
 * The reach policy: how far each section travels now. The catalogue's reach is the ceiling that the
 * law and the tables allow; a policy may narrow a section below it, or set it back, and never widen
 * it. Version 0 is the shipped default: every section at its ceiling.
 */

import { headSection, sections } from '../catalogue/catalogue.ts';
import { employment } from '../catalogue/person.ts';
import type { Reach, Section } from '../catalogue/types.ts';

/** Section tag → reach; a section that is not in it is at its ceiling. */
export type ReachTable = ReadonlyMap<number, Reach>;

/** The table of version 0. */
export const shippedReaches: ReachTable = new Map();

const width: Readonly<Record<Reach, number>> = { unit: 0, sealed: 1, national: 2 };

/** From the narrowest to the widest. */
export const reachNames: readonly Reach[] = ['unit', 'sealed', 'national'];

/** Why a section stays at its ceiling, by its tag: a record, or the hub's checks, rest on it. */
const fixedReasons: ReadonlyMap<number, string> = new Map([
  [headSection.org_unit.tag, 'it makes a unit of the tree exist, and the hub checks its code'],
  [headSection.person.tag, 'it makes a person exist, and the hub holds each PIN once'],
  [employment.tag, 'the hub checks by it the units that a person is in, and who is active'],
]);

/** Why a section can never be narrowed; undefined where a policy may narrow it. */
export function fixedReason(section: Section): string | undefined {
  return fixedReasons.get(section.tag);
}

/**
 * How far a section travels under a policy: the narrower of its ceiling and what the policy says. A
 * policy of a newer catalogue may know a wider ceiling; ours holds, since our tables follow from it.
 */
export function effectiveReach(section: Section, policy: ReachTable): Reach {
  const wanted = policy.get(section.tag) ?? section.reach;
  return width[wanted] < width[section.reach] ? wanted : section.reach;
}

/** The sections of one reach under a policy, in the order of the catalogue. */
export function sectionsOfReach(reach: Reach, policy: ReachTable): readonly Section[] {
  return sections.filter((section) => effectiveReach(section, policy) === reach);
}

/** Sections that a policy holds below their ceiling, in the order of the catalogue. */
export function narrowedSections(policy: ReachTable): readonly Section[] {
  return sections.filter((section) => effectiveReach(section, policy) !== section.reach);
}

/** Sections whose reach differs between two policies, in the order of the catalogue. */
export function changedSections(before: ReachTable, after: ReachTable): readonly Section[] {
  return sections.filter(
    (section) => effectiveReach(section, before) !== effectiveReach(section, after),
  );
}

/** Why a policy cannot be: a sentence for each section that it narrows and must not. */
export function fixedFaults(policy: ReachTable): readonly string[] {
  return narrowedSections(policy).flatMap((section) => {
    const reason = fixedReason(section);
    return reason === undefined ? [] : [`${section.name} cannot be narrowed: ${reason}`];
  });
}

export type CheckedPolicy =
  | { readonly kind: 'valid'; readonly reaches: ReachTable }
  | { readonly kind: 'invalid'; readonly reasons: readonly string[] };

/**
 * Checks a table that a person wrote: name of a section → reach. Every fault is told at once. What
 * is valid has only the sections that differ from their ceiling.
 */
export function checkPolicy(wanted: ReadonlyMap<string, unknown>): CheckedPolicy {
  const reaches = new Map<number, Reach>();
  const reasons: string[] = [];
  for (const [name, value] of wanted) {
    const section = sections.find((one) => one.name === name);
    const reach = reachNames.find((one) => one === value);
    if (section === undefined) {
      reasons.push(`${name} is no section: \`npm run hub -- policy\` lists them`);
    } else if (reach === undefined) {
      reasons.push(`${name}: write "national", "sealed" or "unit" as its reach`);
    } else if (width[reach] > width[section.reach]) {
      reasons.push(
        `${name} cannot be ${reach}: the catalogue allows ${section.reach} at most, and only a new version of the catalogue widens that`,
      );
    } else if (reach !== section.reach) {
      reaches.set(section.tag, reach);
    }
  }
  reasons.push(...fixedFaults(reaches));
  return reasons.length === 0 ? { kind: 'valid', reaches } : { kind: 'invalid', reasons };
}
