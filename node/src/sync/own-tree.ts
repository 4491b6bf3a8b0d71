/** The trees of digests of this node's tables and of its mirror, at stated heads. */
import assert from 'node:assert/strict';

import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import {
  readBranches,
  readBucket,
  withFreshDigests,
} from '@lienthong/shared-schema/runtime/record-digests.ts';
import { sha256 } from '@lienthong/shared-schema/runtime/signature.ts';
import type { DigestView } from '@lienthong/shared-schema/sql/record-digests.ts';
import type { DigestBranch } from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes } from '@lienthong/shared-schema/wire/record-id.ts';

import { mirrorView, ownView } from '../db/digests.ts';
import { readFeedPosition } from '../db/feed-position.ts';
import { findWork, readChain } from '../db/outbox.ts';
import { readPolicy } from '../db/policy.ts';
import { type Entry, isBucket, type Side } from '../protocol/compare-trees.ts';
import type { EnrolledNode } from './context.ts';

/** Where this node stands; what it has not sealed yet, the hub cannot have. */
export type OwnHeads = {
  readonly headSeq: bigint;
  readonly feedCursor: bigint;
  readonly unsealed: boolean;
};

export type OwnViews = Readonly<Record<Side, DigestView>>;

/** Runs `read` where the kept digests of both sides are those of the tables, and tells the heads there. */
export async function readAtHeads<T>(
  node: Pick<EnrolledNode, 'database'>,
  read: (tx: Tx, views: OwnViews) => Promise<T>,
): Promise<{ readonly heads: OwnHeads; readonly value: T }> {
  const { reaches } = await readPolicy(node.database.db);
  const views: OwnViews = { node: ownView(reaches), mirror: mirrorView };
  const fresh = await withFreshDigests(node.database, [views.node, views.mirror], async (tx) => ({
    heads: {
      headSeq: (await readChain(tx.db)).headSeq,
      feedCursor: (await readFeedPosition(tx.db)).cursor,
      unsealed: (await findWork(tx.db)).unsealed,
    },
    value: await read(tx, views),
  }));
  assert.ok(fresh !== undefined, 'no time was set');
  return fresh.value;
}

/** What lies below each prefix: branches one byte longer, or records. */
export type OwnBelow = Readonly<Record<Side, readonly Entry[]>> & { readonly prefix: string };

export async function readBelow(
  tx: Tx,
  views: OwnViews,
  prefixes: readonly string[],
): Promise<readonly OwnBelow[]> {
  const below: OwnBelow[] = [];
  for (const prefix of prefixes) {
    below.push({
      prefix,
      node: await entriesBelow(tx, views.node, prefix),
      mirror: await entriesBelow(tx, views.mirror, prefix),
    });
  }
  return below;
}

async function entriesBelow(tx: Tx, view: DigestView, prefix: string): Promise<readonly Entry[]> {
  const bytes = prefixBytes(prefix);
  if (isBucket(prefix)) {
    const records = await readBucket(tx.db, view, bytes);
    return records.map(({ recordId, digest }) => ({ key: recordId, digest }));
  }
  return branchEntries(await readBranches(tx.db, view, bytes));
}

export const prefixBytes = (prefix: string): Uint8Array => Buffer.from(prefix, 'hex');

/** The prefix below which a record lies: two bytes of the SHA-256 of its id, in hex. */
export const bucketOf = (recordId: string): string =>
  sha256(recordIdBytes(recordId)).toString('hex', 0, 2);

export const branchEntries = (branches: readonly DigestBranch[]): readonly Entry[] =>
  branches.map(({ prefix, digest }) => ({ key: Buffer.from(prefix).toString('hex'), digest }));

/** The digest of the root, from the branches directly below it. */
export function rootOf(branches: readonly Entry[]): Uint8Array {
  const ordered = branches.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return sha256(Buffer.concat(ordered.flatMap(({ key, digest }) => [prefixBytes(key), digest])));
}
