/**
 * Compares this node's tables and its mirror with the hub, down the tree of digests to the records and
 * sections that differ. All of it is at one head of each side: where a head moves meanwhile, it begins
 * again, and in the end says that nothing can be compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { readSections } from '@lienthong/shared-schema/runtime/record-digests.ts';
import { digestPrefixesMax, digestRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import type {
  DigestTreeBody,
  DigestTreeRequest,
  SectionDigest,
} from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes, recordIdText } from '@lienthong/shared-schema/wire/record-id.ts';

import {
  type Below,
  differingKeys,
  type Entry,
  isBucket,
  nextPrefixes,
  type Side,
  sides,
  startOfWalk,
  stepDown,
  type Walk,
} from '../protocol/compare-trees.ts';
import { askHubTree } from './ask-hub-tree.ts';
import type { EnrolledNode } from './context.ts';
import {
  branchEntries,
  bucketOf,
  type OwnBelow,
  type OwnViews,
  prefixBytes,
  readAtHeads,
  readBelow,
  rootOf,
} from './own-tree.ts';
import { requireLink } from './say-hello.ts';
import { withRetries } from './with-retries.ts';

/** A walk that has named so many ends there: the rest is for the next one, after a repair. */
const namedMax = 10_000;
const attemptsMax = 3;
const pauseMs = 200;
/** After a large import the hub is busy for minutes making its digests; each call does a part of it. */
const patienceMs = 10 * 60_000;

export type Difference = {
  readonly side: Side;
  readonly recordId: string;
  /** Tags of the sections that differ; none where only what is kept of them does. */
  readonly sections: readonly number[];
  /** The hub refused this node's newest version: it differs until somebody mends it. */
  readonly held: boolean;
  /** What the hub has; 0 where it has no such record of this unit. */
  readonly hubKind: number;
  readonly hubVersion: bigint;
};

/** The heads at which node and hub were compared: those of the node are the hub's. */
export type Heads = {
  readonly headSeq: bigint;
  readonly feedCursor: bigint;
  readonly hubIncarnation: bigint;
};

export type Compared = {
  readonly kind: 'compared';
  readonly heads: Heads;
  readonly roots: Readonly<Record<Side | 'hub', Uint8Array>>;
  /** Records and rows at the hub, and how many records it holds back. */
  readonly records: bigint;
  readonly rows: bigint;
  readonly heldBack: bigint;
  readonly differences: readonly Difference[];
  /** False where the walk ended before it had named everything. */
  readonly complete: boolean;
};

export type Moving = { readonly kind: 'moving'; readonly heldBack: bigint };

/** `moving`: changes are under way between the sides, or moved the heads again and again. */
export async function compareSides(node: EnrolledNode): Promise<Compared | Moving> {
  // after a large import this takes minutes, in which the heads may move
  await readAtHeads(node, async () => undefined);
  for (let attempt = 1; ; attempt++) {
    const outcome = await compareOnce(node);
    if (outcome.kind === 'compared' || !outcome.later || attempt === attemptsMax) return outcome;
    await sleep(pauseMs);
  }
}

/** `later`: the heads were equal at first, so that it is worth beginning again. */
async function compareOnce(
  node: EnrolledNode,
): Promise<Compared | (Moving & { readonly later: boolean })> {
  const top = await ask(node, { prefixes: [prefixBytes('')], records: [] }, (tx, views) =>
    readBelow(tx, views, ['']),
  );
  const { answer } = top;
  const { heldBack } = answer;
  if (top.heads === undefined) return { kind: 'moving', heldBack, later: false };
  const moved = { kind: 'moving', heldBack, later: true } as const;
  const root = joined(top.value, answer);
  let walk = stepDown(startOfWalk, root);
  while (countNamed(walk) < namedMax) {
    const prefixes = nextPrefixes(walk, digestPrefixesMax);
    if (prefixes.length === 0) break;
    const question = { prefixes: prefixes.map((prefix) => prefixBytes(prefix)), records: [] };
    const step = await ask(node, question, (tx, views) => readBelow(tx, views, prefixes));
    if (!sameHeads(step.heads, top.heads)) return moved;
    walk = stepDown(walk, joined(step.value, step.answer));
  }
  const differences = await nameSections(node, walk.named, top.heads);
  if (differences === undefined) return moved;
  const [whole] = root;
  const { branches } = answer;
  return {
    kind: 'compared',
    heads: top.heads,
    roots: {
      hub: rootOf(whole?.hub ?? []),
      node: rootOf(whole?.node ?? []),
      mirror: rootOf(whole?.mirror ?? []),
    },
    records: branches.reduce((sum, one) => sum + one.records, 0n),
    rows: branches.reduce((sum, one) => sum + one.rows, 0n),
    heldBack,
    differences,
    complete: walk.open.length === 0,
  };
}

const countNamed = ({ named }: Walk): number => named.node.length + named.mirror.length;

type Step<T> = {
  readonly answer: DigestTreeBody;
  readonly value: T;
  /** Undefined where node and hub do not stand at the same heads. */
  readonly heads: Heads | undefined;
};

/** The same question to both sides. */
async function ask<T>(
  node: EnrolledNode,
  question: DigestTreeRequest,
  read: (tx: Tx, views: OwnViews) => Promise<T>,
): Promise<Step<T>> {
  const deadline = performance.now() + patienceMs;
  const passing = ['NODE_HUB_BUSY'] as const;
  const answer = await withRetries(() => askHubTree(node, question), { deadline, passing });
  const { heads: own, value } = await readAtHeads(node, read);
  const { hubIncarnation } = await requireLink(node);
  const equal =
    answer.hubIncarnation === hubIncarnation &&
    !own.unsealed &&
    answer.receivedSeq === own.headSeq &&
    answer.appliedSeq === own.headSeq &&
    answer.feedHead === own.feedCursor;
  const heads = { ...own, hubIncarnation };
  return { answer, value, heads: equal ? heads : undefined };
}

const sameHeads = (some: Heads | undefined, others: Heads): boolean =>
  some?.headSeq === others.headSeq &&
  some.feedCursor === others.feedCursor &&
  some.hubIncarnation === others.hubIncarnation;

/** Branches belong to the prefix that they begin with, records to the bucket of their id. */
function joined(own: readonly OwnBelow[], answer: DigestTreeBody): readonly Below[] {
  const records = answer.leaves.map((leaf) => ({
    key: recordIdText(leaf.recordId) ?? '',
    digest: leaf.digest,
  }));
  const buckets = Map.groupBy(records, ({ key }) => bucketOf(key));
  const branches = branchEntries(answer.branches);
  return own.map((below) => ({
    ...below,
    hub: isBucket(below.prefix)
      ? (buckets.get(below.prefix) ?? [])
      : branches.filter(
          ({ key }) => key.length === below.prefix.length + 2 && key.startsWith(below.prefix),
        ),
  }));
}

/** What differs of each named record; undefined where the heads moved. */
async function nameSections(
  node: EnrolledNode,
  named: Walk['named'],
  heads: Heads,
): Promise<readonly Difference[] | undefined> {
  const ids = [...new Set([...named.node, ...named.mirror])].toSorted();
  const at = { node: new Set(named.node), mirror: new Set(named.mirror) };
  const differences: Difference[] = [];
  for (let first = 0; first < ids.length; first += digestRecordsMax) {
    const some = ids.slice(first, first + digestRecordsMax);
    const question = { prefixes: [], records: some.map((id) => recordIdBytes(id)) };
    const step = await ask(node, question, async (tx, views) => ({
      node: await readSections(tx, views.node, some),
      mirror: await readSections(tx, views.mirror, some),
    }));
    if (!sameHeads(step.heads, heads)) return undefined;
    const facts = new Map(step.answer.leaves.map((leaf) => [recordIdText(leaf.recordId), leaf]));
    for (const side of sides) {
      for (const recordId of some) {
        if (!at[side].has(recordId)) continue;
        const hub = facts.get(recordId);
        const here = step.value[side].get(recordId) ?? [];
        const sections = differingKeys(sectionEntries(here), sectionEntries(hub?.sections ?? []));
        differences.push({
          side,
          recordId,
          sections: [...new Set(sections.map((key) => Number(key.split(' ')[0])))],
          held: side === 'node' && hub?.held === true,
          hubKind: hub?.kind ?? 0,
          hubVersion: hub?.version ?? 0n,
        });
      }
    }
  }
  return differences;
}

/** A section that is there in plain text and sealed as well, which none should be, counts as two. */
function sectionEntries(sections: readonly SectionDigest[]): readonly Entry[] {
  const seen = new Map<number, number>();
  return sections.map(({ section, digest }) => {
    const nth = seen.get(section) ?? 0;
    seen.set(section, nth + 1);
    return { key: `${String(section).padStart(5, '0')} ${nth}`, digest };
  });
}
