/** A node meets a hub that was restored and raised: receipts are void, what it lost is sent again. */
import { finishRaise, startHub } from '../../../hub/src/sync/hub-start.ts';
import { pushBatches } from '../../../node/src/sync/push-batches.ts';
import { backupOf } from '../../support/backup.ts';
import { openHubServer } from '../../support/hub-server.ts';
import { putRecords, tree } from '../../support/node-records.ts';
import { openNodePlace, startNode } from '../../support/test-node.ts';
import { person, pinOf } from '../../support/test-records.ts';
import { syncPair } from '../../support/whole-sync.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { change, processOf } from './pair.ts';

export async function meetRestored(how: Thoroughness): Promise<Row> {
  await using first = await openHubServer();
  await using place = await openNodePlace('H52');
  await startHub(first.hub);
  {
    await using node = await startNode(first, place);
    await putRecords(node.database, [...tree, person(16, pinOf(16)), person(17, pinOf(17))]);
    await syncPair({ node, server: first });
  }
  await using backup = await backupOf(first.hub.url);
  {
    await using node = await startNode(first, place);
    await change(node);
    await syncPair({ node, server: first });
  }
  const incarnation = first.hub.incarnation + 1n;
  const { dataDirectory } = first.hub;
  const raised = { url: backup.url, dataDirectory, incarnation, applies: false };
  await using server = await openHubServer(raised);
  const { hub } = server;
  await finishRaise(hub);
  await using node = await startNode(server, place);
  const subject = {
    name: 'meet a restored hub',
    side: 'node',
    urls: { node: place.url, hub: hub.url },
    // a process that begins again greets the hub again, under another epoch
    besides: ['registry.spent_hello'],
    drawn: [
      'lineage_token',
      'hello_nonce',
      'clock_skew_ms',
      'epoch',
      'receipt',
      'receipt_signature',
    ],
    // nonce, welcome, what is kept of it; the lost batch, its receipt, how far the hub is
    commits: 6,
    // once the last receipt is stored nobody asks how far the hub is, until the next pull
    twice: true,
    act: (database: typeof node.database) => pushBatches(processOf(node, database, false)),
  } as const;
  return await failEverywhere(subject, how);
}
