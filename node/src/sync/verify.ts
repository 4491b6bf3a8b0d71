/**
 * Proof of equality: the unit's own tables and its mirror, each against what the hub holds, record by
 * record, all at a stated head. Compared at different heads they would always differ, so then the
 * answer is "not comparable", never "different". The result is signed, and answered by the hub.
 */
import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { sectionsOfReach } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { checkDigests, type DeepCheck } from '@lienthong/shared-schema/runtime/record-digests.ts';

import { mirrorView, ownView } from '../db/digests.ts';
import { readPolicy } from '../db/policy.ts';
import type { Side } from '../protocol/compare-trees.ts';
import { type Compared, compareSides, type Difference } from './compare-sides.ts';
import type { EnrolledNode } from './context.ts';
import { readAtHeads } from './own-tree.ts';
import { reportVerification } from './report-verification.ts';
import { differingSealed, type SealedDifference } from './verify-sealed.ts';

export type Verification = {
  /** False when changes are under way between the two sides: run `sync` first. */
  readonly comparable: boolean;
  readonly hubEqualsNode: boolean;
  readonly mirrorEqualsHub: boolean;
  /** Records refused by the hub: as long as there are any, node and hub differ by them. */
  readonly heldBack: number;
  /** Records and rows at the hub. */
  readonly records: number;
  readonly rows: number;
  /** Sections that differ somewhere, such as `node≠hub salary`. */
  readonly differing: readonly string[];
  readonly differences: readonly NamedDifference[];
  /** False where there are more differences than were named. */
  readonly complete: boolean;
  /** Whether the hub signed that it found the same at the same heads, and all being equal. */
  readonly confirmed: boolean;
  /** Only of a deep verification: what was changed behind the triggers, at either side here. */
  readonly deep?: Readonly<Record<Side, DeepCheck>>;
};

/** `side` is what differs from the hub. */
export type NamedDifference = Omit<Difference, 'sections'> & {
  readonly sections: readonly string[];
};

export type VerifyOptions = {
  /** Makes every digest anew from the tables, and opens every sealed section of the mirror. */
  readonly deep?: boolean;
  /** Records that were repaired before this verification, for the report. */
  readonly repaired?: number;
};

export async function verifyState(
  node: EnrolledNode,
  options: VerifyOptions = {},
): Promise<Verification> {
  const deep = options.deep === true;
  const checks = deep ? { deep: await checkOwnDigests(node) } : {};
  const outcome = await compareSides(node);
  const moving = { ...notComparable, ...checks, heldBack: Number(outcome.heldBack) };
  if (outcome.kind === 'moving') return moving;
  const sealed = deep ? await differingSealedAt(node, outcome.heads) : [];
  if (sealed === undefined) return moving;
  const found = [...outcome.differences, ...unopened(outcome, sealed)];
  const confirmed = await report(node, outcome, found, options);
  return {
    comparable: true,
    hubEqualsNode: !found.some(({ side }) => side === 'node'),
    mirrorEqualsHub: !found.some(({ side }) => side === 'mirror'),
    heldBack: Number(outcome.heldBack),
    records: Number(outcome.records),
    rows: Number(outcome.rows),
    differing: [...new Set(found.flatMap(sectionLines))],
    differences: found.map((one) => ({ ...one, sections: one.sections.map(sectionName) })),
    complete: outcome.complete,
    confirmed,
    ...checks,
  };
}

const notComparable = {
  comparable: false,
  hubEqualsNode: false,
  mirrorEqualsHub: false,
  records: 0,
  rows: 0,
  differing: [],
  differences: [],
  complete: false,
  confirmed: false,
} as const;

async function checkOwnDigests(node: EnrolledNode): Promise<Readonly<Record<Side, DeepCheck>>> {
  const { reaches } = await readPolicy(node.database.db);
  return {
    node: await checkDigests(node.database, ownView(reaches)),
    mirror: await checkDigests(node.database, mirrorView),
  };
}

/** Undefined where this node does not stand at these heads any more: what was edited since would differ. */
async function differingSealedAt(
  node: EnrolledNode,
  at: Compared['heads'],
): Promise<readonly SealedDifference[] | undefined> {
  const { reaches } = await readPolicy(node.database.db);
  const { heads, value } = await readAtHeads(node, (tx) =>
    differingSealed(node, tx, sectionsOfReach('sealed', reaches)),
  );
  const stands =
    !heads.unsealed && heads.headSeq === at.headSeq && heads.feedCursor === at.feedCursor;
  return stands ? value : undefined;
}

/**
 * Payloads that do not open to the rows here although hub, mirror and this node agree on their bytes:
 * the rows were changed behind the triggers. One that differs already is not told twice.
 */
function unopened(
  { differences }: Compared,
  sealed: readonly SealedDifference[],
): readonly Difference[] {
  const known = new Set(differences.map(({ recordId }) => recordId));
  const fresh = Map.groupBy(
    sealed.filter(({ recordId }) => !known.has(recordId)),
    ({ recordId }) => recordId,
  );
  return Array.from(fresh, ([recordId, found]) => ({
    side: 'node',
    recordId,
    sections: found.map(({ section }) => section),
    held: false,
    hubKind: 0,
    hubVersion: 0n,
  }));
}

/** Records that differ at either side, without those that are merely held back. */
export const countDiffering = (found: readonly Pick<Difference, 'recordId' | 'held'>[]): number =>
  new Set(found.filter(({ held }) => !held).map(({ recordId }) => recordId)).size;

async function report(
  node: EnrolledNode,
  { heads, roots, records, heldBack }: Compared,
  found: readonly Difference[],
  options: VerifyOptions,
): Promise<boolean> {
  return reportVerification(node, {
    hubIncarnation: heads.hubIncarnation,
    headSeq: heads.headSeq,
    feedCursor: heads.feedCursor,
    root: roots.node,
    mirrorRoot: roots.mirror,
    records,
    differing: BigInt(countDiffering(found)),
    heldBack,
    repaired: BigInt(options.repaired ?? 0),
    deep: options.deep === true,
  });
}

const sectionName = (tag: number): string => sectionByTag(tag)?.name ?? String(tag);

function sectionLines({ side, sections }: Difference): readonly string[] {
  const names = sections.length === 0 ? ['record'] : sections.map(sectionName);
  return names.map((name) => `${side}≠hub ${name}`);
}
