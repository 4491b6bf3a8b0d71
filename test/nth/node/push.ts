/** Batches are sent and their receipts stored; the pull that follows says how far the hub is. */
import { pullFeed } from '../../../node/src/sync/pull-feed.ts';
import { pushBatches } from '../../../node/src/sync/push-batches.ts';
import { sealAll } from '../../support/whole-sync.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { change, openSynced, processOf } from './pair.ts';

export async function push(how: Thoroughness): Promise<Row> {
  await using pair = await openSynced();
  const { node, hub, place } = pair;
  await change(node);
  await sealAll(node);
  await sealAll(node, 'a marker');
  const subject = {
    name: 'push two batches',
    side: 'node',
    urls: { node: place.url, hub: hub.url },
    // of each: at the hub, its receipt, how far the hub is; what is acknowledged of the feed
    commits: 7,
    async act(database: typeof node.database) {
      await pushBatches(processOf(node, database));
      await pullFeed(processOf(node, database));
    },
  } as const;
  return await failEverywhere(subject, how);
}
