/**
 * A page of the feed is applied to the mirror, which is being made anew: records, verdicts, totals, a
 * policy, a code list, a checkpoint.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';

import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { publishCodeList } from '../../../hub/src/sync/publish-code-list.ts';
import { publishTotals } from '../../../hub/src/sync/receive-totals.ts';
import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import { beginMirrorRebuild } from '../../../node/src/db/mirror-rebuild.ts';
import { pullFeed } from '../../../node/src/sync/pull-feed.ts';
import { pushBatches } from '../../../node/src/sync/push-batches.ts';
import { reportTotals } from '../../../node/src/sync/report-totals.ts';
import { sealAll } from '../../support/whole-sync.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { change, openSynced, processOf } from './pair.ts';

export async function pull(how: Thoroughness): Promise<Row> {
  await using pair = await openSynced();
  const { node, hub, place } = pair;
  await change(node);
  await sealAll(node, 'a marker');
  await pushBatches(node);
  await applyBatches(hub, node.agency);
  await reportTotals(node);
  await publishTotals(hub);
  await makeCheckpoint(hub, '2026-09-01');
  await setPolicy(hub, new Map([[sectionNamed('training').tag, 'sealed']]));
  const { HINH_THUC_KY_LUAT: list } = codeLists;
  await publishCodeList(hub, { ...list, version: list.version + 1 });
  // as at a restored hub the whole feed is read anew
  await beginMirrorRebuild(node.database.db, hub.incarnation);
  // how far the hub is, the page tells as well: let that be known
  await node.database.pool.query('update sync.link set received_seq = 2, applied_seq = 2');
  const subject = {
    name: 'apply a page of the feed',
    side: 'node',
    urls: { node: place.url },
    // the page, the end of the mirror's making, and that nobody holds what the list closed
    commits: 3,
    act: (database: typeof node.database) => pullFeed(processOf(node, database)),
  } as const;
  return await failEverywhere(subject, how);
}
