/**
 * What a new reach policy means for what the hub already holds. Plain rows and payloads of a section
 * are the two forms in which the hub can hold it.
 */

import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import {
  changedSections,
  effectiveReach,
  narrowedSections,
  type ReachTable,
} from '@lienthong/shared-schema/rules/reach-policy.ts';

export type ForbiddenForms = {
  readonly section: Section;
  /** Rows in plain text may not be held: the section is sealed, or stays at the units. */
  readonly plain: boolean;
  /** Payloads may not be held: the section stays at the units. */
  readonly sealed: boolean;
};

/**
 * The forms of each narrowed section that the hub may not hold. Payloads of a section that is set
 * back to plain text are not among them: they go when the plain rows come, so nothing is missing
 * between.
 */
export function forbiddenForms(policy: ReachTable): readonly ForbiddenForms[] {
  return narrowedSections(policy).map((section) => ({
    section,
    plain: section.reach === 'national',
    sealed: effectiveReach(section, policy) === 'unit',
  }));
}

export type PolicyStep =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'new'; readonly version: bigint; readonly changed: readonly Section[] };

/**
 * A table that says the same as the one in force makes no new version; but for one that an older
 * incarnation of the hub signed, since a restore may have lost later ones that units have taken.
 */
export function nextPolicy(
  inForce: {
    readonly version: bigint;
    readonly hubIncarnation: bigint;
    readonly reaches: ReachTable;
  },
  wanted: ReachTable,
  incarnation: bigint,
): PolicyStep {
  const changed = changedSections(inForce.reaches, wanted);
  if (changed.length === 0 && inForce.hubIncarnation === incarnation) return { kind: 'unchanged' };
  return { kind: 'new', version: inForce.version + 1n, changed };
}
