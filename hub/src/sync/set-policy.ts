/**
 * Setting the reach policy: the next version is signed, stored and put on every feed, and what the
 * hub holds beyond it goes, all in one transaction. From its commit on the hub obeys, whether or not
 * a unit has heard of it.
 */

import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import {
  effectiveReach,
  fixedReason,
  narrowedSections,
  type ReachTable,
} from '@lienthong/shared-schema/rules/reach-policy.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { policy, policyBody } from '@lienthong/shared-schema/wire/messages.ts';
import { reachesToWire } from '@lienthong/shared-schema/wire/policy-reaches.ts';

import { removeCorrections } from '../db/comparisons.ts';
import { appendToEveryFeed } from '../db/feed.ts';
import { appendNarrowedToFeeds, countForbidden, removeForbidden } from '../db/forbidden-rows.ts';
import { policyToReplace, readPolicy, storePolicy } from '../db/policy.ts';
import { forbiddenForms, nextPolicy } from '../protocol/policy.ts';
import type { HubContext } from './context.ts';

export type SectionChange = {
  readonly section: string;
  readonly from: Reach;
  readonly to: Reach;
  /** Rows at the hub that go, and of how many units; 0 where the section is set back. */
  readonly rows: bigint;
  readonly units: number;
};

export type PolicySet = {
  /** In force afterwards; the one in force where nothing changed or nothing was stored. */
  readonly version: bigint;
  readonly stored: boolean;
  readonly changes: readonly SectionChange[];
  /** Feeds that the policy was put on. */
  readonly feeds: number;
};

/** `wanted` has passed `checkPolicy`. With `dryRun` everything is counted and nothing changes. */
export async function setPolicy(
  hub: Pick<HubContext, 'database' | 'incarnation' | 'audience' | 'signingKey' | 'now' | 'log'>,
  wanted: ReachTable,
  options: { readonly dryRun?: boolean } = {},
): Promise<PolicySet> {
  const dryRun = options.dryRun === true;
  const result = await transaction(hub.database, async ({ db }): Promise<PolicySet> => {
    const inForce = await (dryRun ? readPolicy(db) : policyToReplace(db));
    const step = nextPolicy(inForce, wanted, hub.incarnation);
    if (step.kind === 'unchanged') {
      return { version: inForce.version, stored: false, changes: [], feeds: 0 };
    }
    const forms = forbiddenForms(wanted);
    const counts = new Map((await countForbidden(db, forms)).map((one) => [one.section, one]));
    const changes = step.changed.map((section) => ({
      section: section.name,
      from: effectiveReach(section, inForce.reaches),
      to: effectiveReach(section, wanted),
      rows: counts.get(section.tag)?.rows ?? 0n,
      units: counts.get(section.tag)?.units ?? 0,
    }));
    if (dryRun) return { version: inForce.version, stored: false, changes, feeds: 0 };
    const asOf = hanoiDay(hub.now().getTime());
    const body = policyBody.encode({
      hubIncarnation: hub.incarnation,
      version: step.version,
      audience: hub.audience,
      reaches: reachesToWire(wanted),
      asOf,
    });
    const signature = signBytes(hub.signingKey, domains.policy, body);
    await storePolicy(db, { version: step.version, body, signature, asOf });
    await removeForbidden(db, forms);
    // before the records: a unit is to stop sending as soon as it can
    const entry = { kind: 'policy', body: policy.encode({ body, signature }) } as const;
    const feeds = await appendToEveryFeed(db, entry);
    await appendNarrowedToFeeds(db);
    const noMorePlain = forms.filter((one) => one.plain).map((one) => one.section.tag);
    await removeCorrections(db, noMorePlain);
    return { version: step.version, stored: true, changes, feeds };
  });
  if (result.stored) {
    hub.log.info({ version: result.version.toString(), feeds: result.feeds }, 'policy set');
  }
  return result;
}

export type PolicyLine = {
  readonly section: string;
  readonly ceiling: Reach;
  readonly reach: Reach;
  /** Why it cannot be narrowed; empty where it can. */
  readonly fixed: string;
};

export type PolicyInForce = {
  readonly version: bigint;
  readonly asOf: string;
  readonly sections: readonly PolicyLine[];
  /** Names of the sections below their ceiling. */
  readonly narrowed: readonly string[];
};

/** The whole table in force, a line a section, in the order of the catalogue. */
export async function showPolicy(hub: Pick<HubContext, 'database'>): Promise<PolicyInForce> {
  const { version, asOf, reaches } = await readPolicy(hub.database.db);
  return {
    version,
    asOf,
    sections: sections.map((section) => ({
      section: section.name,
      ceiling: section.reach,
      reach: effectiveReach(section, reaches),
      fixed: fixedReason(section) ?? '',
    })),
    narrowed: narrowedSections(reaches).map((section) => section.name),
  };
}
