/**
 * Applies the accepted batches of one unit, in order, each in one transaction. One applier a unit: a
 * second one finds the lock taken and leaves. One bad record never stops the stream: it is held with
 * its reasons and the rest goes on. Accepted + refused + ignored = sent, always.
 */
import assert from 'node:assert/strict';

import {
  lockName,
  sqlState,
  transaction,
  type Tx,
} from '@lienthong/shared-schema/runtime/database.ts';
import { stageBlocks, type Staged } from '@lienthong/shared-schema/runtime/stage.ts';
import { batchRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import { type BatchContent, batchHeader } from '@lienthong/shared-schema/wire/messages.ts';

import { noteAnswers, noteStale } from '../db/comparisons.ts';
import { appendBatchToFeed } from '../db/feed.ts';
import {
  type ApplyCounts,
  markApplied,
  nextWaitingBatch,
  nextWaitingSeq,
  type WaitingBatch,
} from '../db/inbox.ts';
import {
  createJudgingTables,
  judgePeople,
  judgeRecords,
  judgeTree,
  judgeValues,
  settleOutcomes,
} from '../db/judge-staged.ts';
import { noteChanges } from '../db/note-changes.ts';
import { dropBeyondReach, policyInForce } from '../db/policy.ts';
import { freezeUnit } from '../db/units.ts';
import { noteUnread } from '../db/unread.ts';
import { countOutcomes, writeHeld, writeIdentities, writeRecords } from '../db/write-national.ts';
import { readBatchContent } from './batch-content.ts';
import type { HubContext } from './context.ts';
import { readAgain, readAgainOnce } from './read-again.ts';

/** Two units that bring the same PIN at the same moment: the loser looks again and sees the winner. */
const uniqueViolation = '23505';
const attemptsMax = 5;
/** A batch that is read again counts as the largest: how many records of it matter is not known before. */
const rereadRecords = batchRecordsMax;

/**
 * Applies until nothing waits or the signal aborts, having read again what the catalogue has learnt to
 * read. Returns the number of batches applied.
 */
export async function applyBatches(
  hub: HubContext,
  agency: string,
  signal?: AbortSignal,
): Promise<number> {
  let applied = 0;
  // what is new in the archive goes first: batches of one unit are never worked on at the same time
  if (!(await readAgain(hub, agency, signal))) return applied;
  while (signal?.aborted !== true && (await applyNext(hub, agency)) !== undefined) applied += 1;
  return applied;
}

/**
 * One batch of the unit: one to be read again if there is any, else the next that waits. Returns the
 * records that it has; undefined when nothing was to be done, or another process does it.
 */
export async function applyOneBatch(hub: HubContext, agency: string): Promise<number | undefined> {
  switch (await readAgainOnce(hub, agency)) {
    case 'read':
      return rereadRecords;
    case 'elsewhere':
      return undefined;
    case 'nothing':
      return applyNext(hub, agency);
  }
}

/** The records of the batch that was applied. */
async function applyNext(hub: HubContext, agency: string): Promise<number | undefined> {
  const waiting = await nextWaitingBatch(hub.database.db, agency);
  if (waiting === undefined) return undefined;
  const header = batchHeader.decode(waiting.header);
  const content = await readBatchContent(waiting);
  for (let attempt = 1; ; attempt++) {
    try {
      const { recordCount } = header;
      const applied = await transaction(hub.database, (tx) =>
        applyOne(hub, tx, { agency, waiting, content, recordCount }),
      );
      return applied ? recordCount : undefined;
    } catch (error) {
      if (sqlState(error) !== uniqueViolation || attempt === attemptsMax) throw error;
    }
  }
}

type Work = {
  readonly agency: string;
  readonly waiting: WaitingBatch;
  /** Undefined when the bytes do not expand to what the header says, or are no batch. */
  readonly content: BatchContent | undefined;
  readonly recordCount: number;
};

/** False when another applier has the unit, or it is frozen now. True also when one has done it before. */
async function applyOne(hub: HubContext, tx: Tx, work: Work): Promise<boolean> {
  const { db } = tx;
  const { agency } = work;
  const { seq } = work.waiting;
  if (!(await lockName(db, `apply ${agency}`, 'try'))) return false;
  if ((await nextWaitingSeq(db, agency)) !== seq) return true;

  const staged =
    work.content === undefined
      ? ({ kind: 'unreadable', reason: 'the content is no batch' } as const)
      : await stageBlocks(tx, work.content.blocks);
  const readable = staged.kind === 'staged' && staged.records === work.recordCount;
  if (!readable) {
    // signed by the unit and yet not a batch: a program at fault, which a person must look at
    const reason = staged.kind === 'staged' ? 'the record count is wrong' : staged.reason;
    hub.log.error({ agency, seq: seq.toString(), reason }, 'batch cannot be read: unit frozen');
    await freezeUnit(db, agency, `UNREADABLE ${seq}: ${reason}`);
    return false;
  }
  const counts = await applyStaged(tx, { agency, seq }, staged);
  assert.equal(counts.accepted + counts.refused + counts.ignored, work.recordCount);
  await noteAnswers(db, { agency, seq }, work.content?.answers ?? []);
  await noteStale(db, agency);
  await appendBatchToFeed(db, { agency, seq, marker: work.content?.marker ?? '' }, counts);
  await markApplied(db, { agency, seq }, counts);
  return true;
}

async function applyStaged(
  { db }: Tx,
  batch: { readonly agency: string; readonly seq: bigint },
  { sections, unread }: Extract<Staged, { readonly kind: 'staged' }>,
): Promise<ApplyCounts> {
  const within = await dropBeyondReach(db, await policyInForce(db), sections);
  await createJudgingTables(db);
  await judgeRecords(db, batch.agency);
  await judgeValues(db, within);
  await judgeTree(db, batch.agency);
  await settleOutcomes(db, 1);
  await writeRecords(db, batch, 'org_unit');
  await judgePeople(db, batch.agency);
  await settleOutcomes(db, 2);
  await writeRecords(db, batch, 'person');
  await writeIdentities(db, batch.agency);
  await writeHeld(db, batch);
  await noteChanges(db, batch);
  await noteUnread(db, batch, unread);
  return countOutcomes(db);
}
