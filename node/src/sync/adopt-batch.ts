/**
 * Takes over one batch of the hub's archive: into the chain, and into the unit's own tables where
 * nothing was changed here since. One batch in memory.
 */
import { effectiveReach, fixedReason } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { sqlState, type Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { batchContent } from '@lienthong/shared-schema/wire/messages.ts';

import { adoptPayloads, adoptVersions, appendReceipted } from '../db/adopt.ts';
import { readChain } from '../db/outbox.ts';
import { policyReaches } from '../db/policy.ts';
import {
  beginRestore,
  clearStage,
  judgeRestore,
  readRestored,
  type Restored,
  type Travelled,
  writeRestored,
} from '../db/restore-sections.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { checkArchived, type FetchedBatch } from './archive-batch.ts';
import type { EnrolledNode } from './context.ts';
import { openStaged } from './open-staged.ts';

export type Adopted = Restored & { readonly unopened: number };

const uniqueViolation = '23505';

/**
 * Runs inside the caller's repeatable-read transaction, under the sealer's lock. Throws
 * NODE_HUB_UNTRUSTED where the batch does not continue the chain, NODE_REJOIN_CONFLICT where it does
 * not fit what was entered here since.
 */
export async function adoptBatch(
  node: EnrolledNode,
  tx: Tx,
  batch: FetchedBatch,
): Promise<Adopted> {
  const { db } = tx;
  const { decoded } = batch;
  checkArchived(node, batch, (await readChain(db)).headHash);
  const raw = await expand(batch.content, Number(decoded.rawBytes));
  const untrusted = new NodeError('NODE_HUB_UNTRUSTED', { detail: `batch ${decoded.seq}` });
  if (raw === undefined) throw untrusted;
  await appendReceipted(db, {
    ...batch,
    seq: decoded.seq,
    prevHash: decoded.prevHash,
    recordCount: decoded.recordCount,
    rawBytes: raw.length,
    sealedAt: new Date(Number(decoded.sealedAtMs)),
  });
  await beginRestore(tx);
  const { blocks } = decodeAnswer(batchContent, raw, 'archived batch');
  const staged = await stageBlocks(tx, blocks);
  if (staged.kind === 'unreadable') throw untrusted;
  const unopened = await openStaged(node, tx);
  const travelled = await travelledUnder(tx, decoded.policyVersion);
  await judgeRestore(db, travelled);
  try {
    await writeRestored(tx, travelled);
  } catch (cause) {
    if (sqlState(cause) !== uniqueViolation) throw cause;
    throw new NodeError('NODE_REJOIN_CONFLICT', { cause });
  }
  await adoptVersions(db);
  await adoptPayloads(db);
  const restored = await readRestored(db);
  await clearStage(tx);
  return { ...restored, unopened };
}

/**
 * What a batch does not have is empty only where it travelled: a section that a policy kept at the
 * unit is named without rows, and its rows here must stay. Of a policy that is not known any more
 * only the sections that none may narrow count as having travelled.
 */
async function travelledUnder(tx: Tx, policyVersion: bigint): Promise<Travelled> {
  const reaches = await policyReaches(tx.db, policyVersion);
  return (section) =>
    reaches === undefined
      ? fixedReason(section) !== undefined
      : effectiveReach(section, reaches) !== 'unit';
}
