/** A page of the feed is made, with what the unit says of how far it is. */
import { expect } from 'vitest';

import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { serveFeed } from '../../../hub/src/sync/serve-feed.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { readPage } from '../../support/test-unit.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function servePage(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  await makeCheckpoint(hub, '2026-09-01');
  const whole = await unit.pull(1n);
  const subject = {
    name: 'serve a page of the feed',
    side: 'hub',
    urls: { hub: hub.url },
    // the cursor that is acknowledged
    commits: 1,
    act: (database: typeof hub.database) => serveFeed({ ...hub, database }, unit.caller, 2n),
    async check(bytes: Uint8Array) {
      const { header, content } = await readPage(bytes, hub.signingKey);
      expect([header.fromCursor, header.toCursor]).toEqual([2n, whole.header.toCursor]);
      expect(content.blocks.length).toBeGreaterThan(2);
      expect(content.verdicts).toEqual(whole.content.verdicts);
      expect(content.checkpoints).toEqual(whole.content.checkpoints);
      expect(content.markers).toEqual(['first']);
    },
  } as const;
  return await failEverywhere(subject, how);
}
