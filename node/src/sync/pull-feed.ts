/**
 * Pulling: pages of the hub's feed from the stored cursor. Each page is verified, applied to the
 * mirror and its cursor moved in one transaction, so a page counts once, whatever happens between.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchRawBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type FeedContent,
  feedContent,
  type FeedHeader,
  feedHeader,
  feedPage,
  type ProgressBody,
} from '@lienthong/shared-schema/wire/messages.ts';

import { dropFormerComparisons, storeComparisons } from '../db/comparisons.ts';
import { lockCursor, moveCursor, readFeedPosition, recordMarkers } from '../db/feed-position.ts';
import { readLink, recordProgress } from '../db/link.ts';
import { endMirrorRebuild, noteMirrored } from '../db/mirror-rebuild.ts';
import {
  resolveVerdicts,
  storeTotals,
  storeVerdicts,
  writeMirror,
  resendRecords,
} from '../db/mirror.ts';
import { readChain } from '../db/outbox.ts';
import { settleChanges } from '../db/settle-changes.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { type ArrivedPage, decidePage } from '../protocol/feed-page.ts';
import { settleCodeListTasks } from './code-list-impact.ts';
import type { EnrolledNode } from './context.ts';
import { readProgress } from './push-batches.ts';
import { ensureHello, requireLink } from './say-hello.ts';
import { takeCheckpoint } from './take-checkpoint.ts';
import { takeCodeLists } from './take-code-lists.ts';
import { takePolicies } from './take-policies.ts';

/** The hub makes no page larger than a batch, but for one that is a single large record. */
const pageRawBytesMax = batchRawBytesMax * 4;

export type PullProgress = { readonly cursor: bigint; readonly feedHead: bigint };

/** Pulls to the end of the feed. Returns the number of feed entries taken. */
export async function pullFeed(
  node: EnrolledNode,
  onPage: (progress: PullProgress) => void = () => undefined,
): Promise<bigint> {
  await ensureHello(node);
  let taken = 0n;
  let greetedAgain = false;
  for (;;) {
    const { cursor } = await readFeedPosition(node.database.db);
    const page = await fetchPage(node, cursor);
    if (page === undefined) {
      if (greetedAgain) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'hub incarnation' });
      greetedAgain = true;
      node.session.ready = false;
      await ensureHello(node);
      continue;
    }
    const { header } = page;
    if (header.toCursor > cursor) {
      // another process has applied it, or has greeted a restored hub: the next page is of now
      if (!(await applyPage(node, page))) continue;
      taken += header.toCursor - cursor;
    }
    onPage({ cursor: header.toCursor, feedHead: header.feedHead });
    if (header.toCursor >= header.feedHead) {
      await endRebuild(node, header.feedHead);
      await settleCodeListTasks(node, 'uncounted');
      return taken;
    }
  }
}

/** At the end of a restored hub's feed: what it did not bring is not there any more. */
async function endRebuild(node: EnrolledNode, feedHead: bigint): Promise<void> {
  const { rebuilding } = await readFeedPosition(node.database.db);
  if (!rebuilding) return;
  const removed = await transaction(node.database, async ({ db }) => {
    const records = await endMirrorRebuild(db, feedHead);
    if (records !== undefined) await dropFormerComparisons(db);
    return records;
  });
  if (removed !== undefined) node.log.info({ removed }, 'the mirror was made anew');
}

/**
 * Undefined when a hello is due: the hub was restored since the last one, or has a batch of another
 * machine with our past.
 */
async function fetchPage(node: EnrolledNode, cursor: bigint): Promise<ReadPage | undefined> {
  const { hubIncarnation } = await requireLink(node);
  const page = await readFeedPage(node, await getPage(node, cursor), { cursor, hubIncarnation });
  if (page === undefined) return undefined;
  const position = { agency: node.agency, cursor, ...(await ownPosition(node.database.db)) };
  if (decidePage(position, arrivedOf(page)).kind !== 'apply') return undefined;
  await recordProgress(node.database.db, page.progress);
  return page;
}

type ReadPage = {
  readonly header: FeedHeader;
  readonly content: FeedContent;
  readonly progress: ProgressBody;
};

/**
 * A page as the hub signed it for this node, from the stored cursor on. Undefined when it is of
 * another incarnation of the hub; throws NODE_HUB_UNTRUSTED where anything does not fit.
 */
export async function readFeedPage(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  bytes: Uint8Array,
  stored: { readonly cursor: bigint; readonly hubIncarnation: bigint },
): Promise<ReadPage | undefined> {
  const page = decodeAnswer(feedPage, bytes, 'feed page');
  if (!verifyBytes(node.hubSigningKey, domains.feed, page.header, page.signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'feed page' });
  }
  const header = decodeAnswer(feedHeader, page.header, 'feed page');
  const ours =
    header.agency === node.agency &&
    header.fromCursor === stored.cursor &&
    header.toCursor >= stored.cursor &&
    equalBytes(sha256(page.content), header.contentHash) &&
    header.rawBytes <= BigInt(pageRawBytesMax);
  if (!ours) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'feed page of another feed' });
  if (header.hubIncarnation !== stored.hubIncarnation) return undefined;
  const raw = await expand(page.content, Number(header.rawBytes));
  if (raw === undefined) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'feed page content' });
  return {
    header,
    content: decodeAnswer(feedContent, raw, 'feed page content'),
    progress: readProgress(node, page.progress, page.progressSignature),
  };
}

/** Read after the page came: our own head is never below what the hub has received from us. */
async function ownPosition(
  db: Db,
): Promise<{ readonly hubIncarnation: bigint; readonly headSeq: bigint }> {
  const link = await readLink(db);
  const { headSeq } = await readChain(db);
  return { hubIncarnation: link?.hubIncarnation ?? 0n, headSeq };
}

const arrivedOf = ({ header, progress }: ReadPage): ArrivedPage => ({
  ...header,
  receivedSeq: progress.receivedSeq,
});

async function getPage(node: EnrolledNode, cursor: bigint): Promise<Buffer> {
  try {
    return await node.link.get(`/sync/v1/feed?after=${cursor}`);
  } catch (error) {
    // a restored hub may not know our cursor: the next hello says what became of it
    if (error instanceof NodeError && error.code === 'NODE_HUB_REFUSED') node.session.ready = false;
    throw error;
  }
}

/** False when somebody else has applied this page meanwhile, or has greeted a restored hub. */
async function applyPage(node: EnrolledNode, page: ReadPage): Promise<boolean> {
  const { header, content } = page;
  return transaction(node.database, async (tx) => {
    const { db } = tx;
    // the position under the lock: a hello moves it and the incarnation in one transaction
    const cursor = await lockCursor(db);
    const position = { agency: node.agency, cursor, ...(await ownPosition(db)) };
    if (decidePage(position, arrivedOf(page)).kind !== 'apply') return false;
    await takePolicies(node, tx, content.policies);
    await takeCodeLists(node, tx, content.codeLists);
    if (content.blocks.length > 0) {
      const staged = await stageBlocks(tx, content.blocks);
      if (staged.kind === 'unreadable') {
        throw new NodeError('NODE_HUB_UNTRUSTED', { detail: staged.reason });
      }
      await writeMirror(db);
      await noteMirrored(db);
    }
    await storeComparisons(db, content.comparisons, header.hubIncarnation);
    await storeVerdicts(db, content.verdicts);
    await resolveVerdicts(db);
    if (content.blocks.length > 0) await settleChanges(db);
    await storeTotals(db, content.totals);
    await resendRecords(db, content.resends);
    for (const one of content.checkpoints) {
      await takeCheckpoint(node, db, one, header.hubIncarnation);
    }
    await recordMarkers(db, content.markers);
    await moveCursor(db, { cursor: header.toCursor, hubIncarnation: header.hubIncarnation });
    return true;
  });
}
