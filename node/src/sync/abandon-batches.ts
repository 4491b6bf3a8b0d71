/** Gives up the batches above the newest common one: their records are sealed anew later. */
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { batchContent, batchHeader } from '@lienthong/shared-schema/wire/messages.ts';

import { abandonAbove, beginAbandon, noteAbandoned, sealedContent } from '../db/abandon.ts';
import { takeBackAnswers } from '../db/answers.ts';
import { NodeError } from '../errors.ts';

/**
 * Runs inside the caller's transaction, under the sealer's lock; reads one batch at a time. Returns
 * the number of records. Throws NODE_FORKED where the content of one was dropped as safe: then the
 * hub itself has lost a history that it had called safe.
 */
export async function abandonBatches(
  tx: Tx,
  range: { readonly common: bigint; readonly head: bigint },
): Promise<number> {
  await beginAbandon(tx);
  for (let seq = range.common + 1n; seq <= range.head; seq++) {
    const sealed = await sealedContent(tx.db, seq);
    const raw =
      sealed?.content === undefined || sealed.content === null
        ? undefined
        : await expand(sealed.content, Number(batchHeader.decode(sealed.header).rawBytes));
    const [manifest] = raw === undefined ? [] : batchContent.decode(raw).blocks;
    const staged = manifest === undefined ? undefined : await stageBlocks(tx, [manifest]);
    if (staged?.kind !== 'staged') {
      throw new NodeError('NODE_FORKED', { detail: `batch ${seq} is not here any more` });
    }
    await noteAbandoned(tx);
  }
  await takeBackAnswers(tx.db, range.common);
  return abandonAbove(tx, range.common);
}
