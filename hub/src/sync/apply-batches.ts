/**
 * Applies the accepted batches of one unit, in order, each in one transaction. One applier a unit: a
 * second one finds the lock taken and leaves. One bad record never stops the stream: it is held with
 * its reasons and the rest goes on. Accepted + refused + ignored = sent, always.
 */
import assert from 'node:assert/strict';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import {
  lockName,
  sqlState,
  transaction,
  type Tx,
} from '@lienthong/shared-schema/runtime/database.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { type BatchContent, batchHeader } from '@lienthong/shared-schema/wire/messages.ts';

import { appendBatchToFeed } from '../db/feed.ts';
import { type ApplyCounts, markApplied, nextWaitingBatch, type WaitingBatch } from '../db/inbox.ts';
import {
  createJudgingTables,
  judgePeople,
  judgeRecords,
  judgeTree,
  judgeValues,
  settleOutcomes,
} from '../db/judge-staged.ts';
import { freezeUnit } from '../db/units.ts';
import { countOutcomes, writeHeld, writeIdentities, writeRecords } from '../db/write-national.ts';
import { readBatchContent } from './batch-content.ts';
import type { HubContext } from './context.ts';

/** Two units that bring the same PIN at the same moment: the loser looks again and sees the winner. */
const uniqueViolation = '23505';
const attemptsMax = 5;

/** Applies until nothing waits or the signal aborts. Returns the number of batches applied. */
export async function applyBatches(
  hub: HubContext,
  agency: string,
  signal?: AbortSignal,
): Promise<number> {
  let applied = 0;
  while (signal?.aborted !== true && (await applyNext(hub, agency))) applied += 1;
  return applied;
}

async function applyNext(hub: HubContext, agency: string): Promise<boolean> {
  const waiting = await nextWaitingBatch(hub.database.db, agency);
  if (waiting === undefined) return false;
  const header = batchHeader.decode(waiting.header);
  const content = await readBatchContent(waiting);
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction(hub.database, (tx) =>
        applyOne(hub, tx, { agency, waiting, content, recordCount: header.recordCount }),
      );
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

/** False when another applier has the unit, or has applied this batch meanwhile. */
async function applyOne(hub: HubContext, tx: Tx, work: Work): Promise<boolean> {
  const { db } = tx;
  const { agency } = work;
  const { seq } = work.waiting;
  if (!(await lockName(db, `apply ${agency}`, 'try'))) return false;
  if ((await nextWaitingBatch(db, agency))?.seq !== seq) return true;

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
  const counts = await applyStaged(tx, { agency, seq }, staged.sections);
  assert.equal(counts.accepted + counts.refused + counts.ignored, work.recordCount);
  await appendBatchToFeed(db, { agency, seq, marker: work.content?.marker ?? '' }, counts);
  const newerCatalogue = staged.newer ? catalogueVersion + 1 : null;
  await markApplied(db, { agency, seq, newerCatalogue }, counts);
  return true;
}

async function applyStaged(
  { db }: Tx,
  batch: { readonly agency: string; readonly seq: bigint },
  sections: readonly number[],
): Promise<ApplyCounts> {
  await createJudgingTables(db);
  await judgeRecords(db, batch.agency);
  await judgeValues(db, sections);
  await judgeTree(db, batch.agency);
  await settleOutcomes(db, 1);
  await writeRecords(db, batch, 'org_unit');
  await judgePeople(db, batch.agency);
  await settleOutcomes(db, 2);
  await writeRecords(db, batch, 'person');
  await writeIdentities(db, batch.agency);
  await writeHeld(db, batch);
  return countOutcomes(db);
}
