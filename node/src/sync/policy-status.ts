/** What the unit's people are told of the reach policy: its version, and what it holds back. */

import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import { effectiveReach, narrowedSections } from '@lienthong/shared-schema/rules/reach-policy.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { readPolicy } from '../db/policy.ts';

export type PolicyStatus = {
  readonly policyVersion: string;
  /** Name of each section below its ceiling → its reach. */
  readonly narrowed: Readonly<Record<string, Reach>>;
};

export async function policyStatus(db: Db): Promise<PolicyStatus> {
  const { version, reaches } = await readPolicy(db);
  const narrowed = narrowedSections(reaches).map(
    (section) => [section.name, effectiveReach(section, reaches)] as const,
  );
  return { policyVersion: version.toString(), narrowed: Object.fromEntries(narrowed) };
}
