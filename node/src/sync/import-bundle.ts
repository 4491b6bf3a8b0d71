/**
 * The hub's answer on a medium. The file is checked as a whole; then the use cases of the line run
 * with the bundle as their way to the hub, so each answer is checked, stored and decided on as there.
 * What the bundle does not answer, or answers to a question that is not open any more, changes
 * nothing: bundles may be lost, come twice or in any order, with runs on the line between.
 */
import { randomBytes } from 'node:crypto';

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { BundleError } from '@lienthong/shared-schema/runtime/bundle-format.ts';
import { openBundle, type OpenBundle } from '@lienthong/shared-schema/runtime/bundle-reader.ts';
import { lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import type { BundleHeader } from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { readFeedPosition } from '../db/feed-position.ts';
import { recordHelloNonce } from '../db/link.ts';
import { countOutbox } from '../db/outbox.ts';
import { dropSafeContent } from '../db/reingest.ts';
import { unreceiptedReports } from '../db/totals-report.ts';
import { NodeError } from '../errors.ts';
import { BundleSilence, openBundleLink } from '../link/bundle-link.ts';
import type { EnrolledNode } from './context.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { sendReport } from './report-totals.ts';
import { greetAndStore, requireLink } from './say-hello.ts';

export type ImportedAnswer = {
  readonly agency: string;
  readonly bundle: string;
  /** The newest bundle of this node that it answers. */
  readonly answers: string;
  /** Whether it has the welcome that this node waited for. */
  readonly welcomed: boolean;
  readonly receipts: number;
  readonly feedEntries: bigint;
  /** Batches that are still without a receipt: they go with the next bundle. */
  readonly unreceipted: bigint;
  readonly proofAt: Date | null;
};

const reportsMax = 100;

/** Throws NODE_BUNDLE_INVALID, and what the use cases throw where the hub tells the node to stop. */
export async function importAnswer(node: EnrolledNode, path: string): Promise<ImportedAnswer> {
  try {
    await using bundle = await openBundle(path, async (header) => {
      checkHeader(node, header);
      return node.hubSigningKey;
    });
    return await take(node, bundle);
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new NodeError('NODE_BUNDLE_INVALID', { cause, detail: cause.message });
  }
}

function checkHeader(node: EnrolledNode, header: BundleHeader): void {
  const { protocol, audience, agency, direction } = header;
  if (protocol !== protocolVersion) throw new BundleError('invalid', 'it is of another version');
  if (!equalBytes(audience, node.audience))
    throw new BundleError('invalid', 'it is of another hub');
  if (agency !== node.agency) throw new BundleError('invalid', 'it is for another unit');
  if (direction !== 'TO_NODE') throw new BundleError('invalid', 'it is for the hub');
}

async function take(node: EnrolledNode, bundle: OpenBundle): Promise<ImportedAnswer> {
  const { db } = node.database;
  using link = openBundleLink(bundle, node.sealingKey);
  // an own session: what a bundle says of a hello is no hello of a process on the line
  const offline: EnrolledNode = { ...node, link, session: { ready: true } };
  let receipts = 0;
  await unlessSilent(() => pushBatches(offline, () => (receipts += 1)));
  for (const report of await unreceiptedReports(db, reportsMax)) {
    await unlessSilent(() => sendReport(offline, report));
  }
  const welcomed = await greetFromBundle(offline);
  const feedEntries = await takeFeed(offline, bundle);
  await dropSafeContent(db);
  return {
    agency: node.agency,
    bundle: Buffer.from(bundle.header.bundleId).toString('hex'),
    answers: Buffer.from(bundle.header.answers).toString('hex'),
    welcomed,
    receipts,
    feedEntries,
    unreceipted: (await countOutbox(db)).unreceipted,
    proofAt: (await readFeedPosition(db)).proofAt,
  };
}

/** Only a hello that waits is answered: of one that was answered on the line the bundle says nothing. */
async function greetFromBundle(offline: EnrolledNode): Promise<boolean> {
  return transaction(offline.database, async ({ db }) => {
    await lockName(db, 'hello', 'wait');
    if ((await requireLink(offline)).helloNonce === null) return false;
    try {
      return await unlessSilent(() => greetAndStore(offline));
    } catch (error) {
      await keepWaiting(offline);
      throw error;
    }
  });
}

/**
 * A node that was told to stop has no welcome to seal under, whatever became of its hello: the next
 * hello waits from now on.
 */
async function keepWaiting(offline: EnrolledNode): Promise<void> {
  const { helloNonce } = await requireLink(offline);
  if (helloNonce === null) await recordHelloNonce(offline.database.db, randomBytes(16));
}

async function takeFeed(offline: EnrolledNode, { header }: OpenBundle): Promise<bigint> {
  const { database } = offline;
  // pages of a hub before its restore, or of one that this node has not greeted yet
  if ((await requireLink(offline)).hubIncarnation !== header.hubIncarnation) return 0n;
  const before = await readFeedPosition(database.db);
  await unlessSilent(() => pullFeed(offline));
  const after = await readFeedPosition(database.db);
  return after.cursor - before.cursor;
}

/** False where the bundle says nothing to what was asked. */
async function unlessSilent(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof BundleSilence) return false;
    throw error;
  }
}
