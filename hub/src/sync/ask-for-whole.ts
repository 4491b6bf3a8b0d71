/**
 * After an upgrade of the catalogue: what came while this hub could not read all of it was applied
 * for what it knew and archived. Its records are asked for again, whole, through the feed; the unit
 * sends their present state, so nothing older can win.
 */
import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { type Database, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';

import { markRead, nextUnreadBatch } from '../db/archive.ts';
import { appendResendsToFeed } from '../db/feed.ts';
import { readBatchContent } from './batch-content.ts';

/** Returns the number of records asked for. One batch a transaction; an interruption goes on later. */
export async function askForWhole(
  database: Database,
  version: number = catalogueVersion,
): Promise<number> {
  let asked = 0;
  for (;;) {
    const records = await transaction(database, async (tx) => {
      const batch = await nextUnreadBatch(tx.db, version);
      if (batch === undefined) return undefined;
      await markRead(tx.db, batch);
      const content = await readBatchContent(batch);
      const manifest = content?.blocks[0];
      if (manifest === undefined) return 0;
      const staged = await stageBlocks(tx, [manifest]);
      return staged.kind === 'staged' ? appendResendsToFeed(tx.db, batch.agency) : 0;
    });
    if (records === undefined) return asked;
    asked += records;
  }
}
