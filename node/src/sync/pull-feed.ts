/**
 * Pulling: pages of the hub's feed from the stored cursor. Each page is verified, applied to the
 * mirror and its cursor moved in one transaction, so a page counts once, whatever happens between.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchRawBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type Checkpoint,
  checkpointBody,
  type FeedContent,
  feedContent,
  type FeedHeader,
  feedHeader,
  feedPage,
} from '@lienthong/shared-schema/wire/messages.ts';

import { lastCheckpoint, storeCheckpoint } from '../db/checkpoints.ts';
import { lockCursor, moveCursor, readFeedPosition, recordMarkers } from '../db/feed-position.ts';
import {
  resolveVerdicts,
  storeTotals,
  storeVerdicts,
  writeMirror,
  resendRecords,
} from '../db/mirror.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';
import { keepProgress } from './push-batches.ts';
import { ensureHello, requireLink } from './say-hello.ts';

/** A page has twice the records of a batch at most. */
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
    const { header, content } = page;
    if (header.toCursor > cursor && (await applyPage(node, header, content))) {
      taken += header.toCursor - cursor;
    }
    onPage({ cursor: header.toCursor, feedHead: header.feedHead });
    if (header.toCursor >= header.feedHead) return taken;
  }
}

/** Undefined when the hub has another incarnation than at the last hello: it was restored since. */
async function fetchPage(
  node: EnrolledNode,
  cursor: bigint,
): Promise<{ readonly header: FeedHeader; readonly content: FeedContent } | undefined> {
  const page = decodeAnswer(feedPage, await getPage(node, cursor), 'feed page');
  if (!verifyBytes(node.hubSigningKey, domains.feed, page.header, page.signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'feed page' });
  }
  const header = feedHeader.decode(page.header);
  const link = await requireLink(node);
  const ours =
    header.agency === node.agency &&
    header.fromCursor === cursor &&
    header.toCursor >= cursor &&
    equalBytes(sha256(page.content), header.contentHash) &&
    header.rawBytes <= BigInt(pageRawBytesMax);
  if (!ours) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'feed page of another feed' });
  if (header.hubIncarnation !== link.hubIncarnation) return undefined;
  const raw = await expand(page.content, Number(header.rawBytes));
  if (raw === undefined) throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'feed page content' });
  await keepProgress(node, page.progress, page.progressSignature);
  return { header, content: feedContent.decode(raw) };
}

async function getPage(node: EnrolledNode, cursor: bigint): Promise<Buffer> {
  try {
    return await node.link.get(`/sync/v1/feed?after=${cursor}`);
  } catch (error) {
    // a restored hub may not know our cursor: the next hello says what became of it
    if (error instanceof NodeError && error.code === 'NODE_HUB_REFUSED') node.session.ready = false;
    throw error;
  }
}

/** False when somebody else has applied this page meanwhile. */
async function applyPage(
  node: EnrolledNode,
  header: FeedHeader,
  content: FeedContent,
): Promise<boolean> {
  return transaction(node.database, async (tx) => {
    const { db } = tx;
    if ((await lockCursor(db)) !== header.fromCursor) return false;
    if (content.blocks.length > 0) {
      const staged = await stageBlocks(tx, content.blocks);
      if (staged.kind === 'unreadable') {
        throw new NodeError('NODE_HUB_UNTRUSTED', { detail: staged.reason });
      }
      await writeMirror(db);
    }
    await storeVerdicts(db, content.verdicts);
    await resolveVerdicts(db);
    await storeTotals(db, content.totals);
    await resendRecords(db, content.resends);
    for (const one of content.checkpoints) {
      checkCheckpoint(node, one, await lastCheckpoint(db));
      await storeCheckpoint(db, one);
    }
    await recordMarkers(db, content.markers);
    await moveCursor(db, { cursor: header.toCursor, hubIncarnation: header.hubIncarnation });
    return true;
  });
}

/** Each checkpoint is signed and names the one before: the hub cannot rewrite what we witnessed. */
function checkCheckpoint(
  node: EnrolledNode,
  { number, body, signature }: Checkpoint,
  last: { readonly number: bigint; readonly body: Uint8Array } | undefined,
): void {
  const signed = verifyBytes(node.hubSigningKey, domains.checkpoint, body, signature);
  const decoded = decodeAnswer(checkpointBody, body, `checkpoint ${number}`);
  const follows =
    last === undefined ||
    (number === last.number + 1n && equalBytes(decoded.prevHash, sha256(last.body)));
  if (!signed || decoded.number !== number || !follows) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: `checkpoint ${number}` });
  }
}
