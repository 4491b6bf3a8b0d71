/**
 * The archive read again after an upgrade of the catalogue, so that a unit may be offline or gone. A
 * batch with sections or columns that the hub did not know was applied for what it knew; now the
 * rest of it is judged and written.
 *
 * - The newest accepted state counts. Each apply notes which batch has the newest state of a section
 *   of a record, if it could not read all of it (`db/unread.ts`), and forgets the note when a later
 *   one replaces, empties or deletes it. Nothing older than that is ever read, whatever the order.
 * - What was applied stays: only sections and columns that were unknown are judged and written. The
 *   version stays; no code of a unit and no PIN is claimed.
 * - A bad value holds the record back with a verdict, as in any batch, and the rest goes on. A record
 *   that is held already is left alone: it comes whole, and so with all columns.
 * - What was written goes down the feed as changes of these sections, so that the mirror gets it.
 * - One batch a transaction, under the unit's applying lock, together with the end of its notes: an
 *   interruption goes on later, several processes do each batch once, memory holds one batch.
 * - Where the archive does not have the bytes any more, the records are asked for whole.
 *
 * It rests on a catalogue that only grows: an older hub does not see rows of sections that a newer
 * one has written, and so cannot take them back. An upgrade stops every process before the first of
 * the new ones starts.
 */
import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { lockName, transaction, type Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256 } from '@lienthong/shared-schema/runtime/signature.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { blockTags, manifestSection } from '@lienthong/shared-schema/wire/blocks.ts';
import { type Block, batchHeader } from '@lienthong/shared-schema/wire/messages.ts';

import { storedBytes } from '../db/archive.ts';
import { noteStale } from '../db/comparisons.ts';
import { appendBatchToFeed, appendResendsToFeed } from '../db/feed.ts';
import { createJudgingTables, settleOutcomes } from '../db/judge-staged.ts';
import { dropBeyondReach, policyInForce } from '../db/policy.ts';
import { judgeReread, narrowStaged, type RereadSection, writeReread } from '../db/reread-staged.ts';
import {
  closeUnread,
  nextUnreadSeq,
  recordsUnread,
  type UnreadSection,
  unreadSections,
} from '../db/unread.ts';
import { countOutcomes, type OutcomeCounts, writeHeld } from '../db/write-national.ts';
import { readBatchContent } from './batch-content.ts';
import type { HubContext } from './context.ts';

type Batch = { readonly agency: string; readonly seq: bigint };

/**
 * Reads until nothing is left that the catalogue could read further, or the signal aborts. False when
 * another process is at work for this unit: the rest is its business.
 */
export async function readAgain(
  hub: Pick<HubContext, 'database' | 'log'>,
  agency: string,
  signal?: AbortSignal,
): Promise<boolean> {
  while (signal?.aborted !== true) {
    const step = await readAgainOnce(hub, agency);
    if (step !== 'read') return step === 'nothing';
  }
  return true;
}

/** One batch of the archive, if there is one; `elsewhere`: another process is at work for this unit. */
export async function readAgainOnce(
  hub: Pick<HubContext, 'database' | 'log'>,
  agency: string,
): Promise<'read' | 'nothing' | 'elsewhere'> {
  if ((await nextUnreadSeq(hub.database.db, agency)) === undefined) return 'nothing';
  const read = await transaction(hub.database, (tx) => readNext(hub, tx, agency));
  return read ? 'read' : 'elsewhere';
}

async function readNext(hub: Pick<HubContext, 'log'>, tx: Tx, agency: string): Promise<boolean> {
  const { db } = tx;
  if (!(await lockName(db, `apply ${agency}`, 'try'))) return false;
  const seq = await nextUnreadSeq(db, agency);
  if (seq === undefined) return true;
  const batch = { agency, seq };
  const unread = await unreadSections(db, batch);
  const counts = await readSections(tx, batch, unread);
  const facts = { agency, seq: seq.toString() };
  if (counts === undefined) {
    const asked = await appendResendsToFeed(db, agency, await recordsUnread(db, batch, unread));
    hub.log.error({ ...facts, asked }, 'batch cannot be read again: its records are asked for');
  } else {
    hub.log.info({ ...facts, ...counts }, 'batch read again');
  }
  await closeUnread(db, batch, unread);
  return true;
}

/** Undefined when the archive has not the bytes any more, or the sections are no rows. */
async function readSections(
  tx: Tx,
  batch: Batch,
  unread: readonly UnreadSection[],
): Promise<OutcomeCounts | undefined> {
  const { db } = tx;
  const blocks = await archivedBlocks(tx, batch);
  if (blocks === undefined) return undefined;
  const wanted = new Set([manifestSection, ...unread.map((one) => one.section)]);
  const staged = await stageBlocks(
    tx,
    blocks.filter((block) => wanted.has(block.section)),
  );
  if (staged.kind === 'unreadable') return undefined;
  // the archive has what came before a policy narrowed a section as well
  await dropBeyondReach(db, await policyInForce(db), staged.sections);
  const sections = unread.flatMap((one) => rereadSection(one, blocks) ?? []);
  await createJudgingTables(db);
  await narrowStaged(db, batch, sections);
  await judgeReread(db, sections);
  await settleOutcomes(db, 1);
  await settleOutcomes(db, 2);
  await writeReread(db, batch.agency, sections);
  await writeHeld(db, batch);
  const counts = await countOutcomes(db);
  await noteStale(db, batch.agency);
  await appendBatchToFeed(db, { ...batch, marker: '' }, counts);
  return counts;
}

async function archivedBlocks(
  { db }: Tx,
  { agency, seq }: Batch,
): Promise<readonly Block[] | undefined> {
  const stored = await storedBytes(db, agency, seq);
  if (stored === undefined || !equalBytes(sha256(stored.header), stored.headerHash)) {
    return undefined;
  }
  const { contentHash } = batchHeader.decode(stored.header);
  if (!equalBytes(sha256(stored.content), contentHash)) return undefined;
  return (await readBatchContent(stored))?.blocks;
}

function rereadSection(
  { section: tag, readable, leftOut }: UnreadSection,
  blocks: readonly Block[],
): RereadSection | undefined {
  const section = sectionByTag(tag);
  if (section === undefined) return undefined;
  const came = new Set(
    blocks.filter((block) => block.section === tag).flatMap((block) => blockTags(block)),
  );
  return {
    section,
    fields: section.fields.filter((field) => readable.includes(field.tag)),
    allNew: leftOut === came.size,
  };
}
