/** A node restored from a backup rejoins: a batch of its own is given up, one of the hub is taken over. */
import { releaseUnit } from '../../../hub/src/db/units.ts';
import { rejoin } from '../../../node/src/sync/rejoin.ts';
import { ensureHello } from '../../../node/src/sync/say-hello.ts';
import { openHubServer } from '../../support/hub-server.ts';
import { putRecords, tree } from '../../support/node-records.ts';
import { openNodePlace, startNode } from '../../support/test-node.ts';
import { person, pinOf, recordId } from '../../support/test-records.ts';
import { sealAll, syncPair } from '../../support/whole-sync.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { change, processOf } from './pair.ts';

export async function takeOver(how: Thoroughness): Promise<Row> {
  // some hundred rejoins in a few minutes are more than a unit's share
  const requests = { burst: 1_000_000, perSecond: 1_000 };
  await using server = await openHubServer({ limits: { requests } });
  await using place = await openNodePlace('H52');
  {
    await using node = await startNode(server, place);
    await putRecords(node.database, [...tree, person(16, pinOf(16)), person(17, pinOf(17))]);
    await syncPair({ node, server });
  }
  await using backup = await openNodePlace('H52', { copyOf: place });
  {
    await using node = await startNode(server, place);
    await change(node);
    await node.database.pool.query('delete from profile.record where record_id = $1', [
      recordId(17),
    ]);
    await syncPair({ node, server });
  }
  await using node = await startNode(server, backup);
  await putRecords(node.database, [person(20, pinOf(20))]);
  // a machine that has not noticed that it was restored
  await sealAll({ ...node, session: { ready: true } });
  const { hub } = server;
  await releaseUnit(hub.database.db, node.agency);
  const subject = {
    name: 'rejoin',
    side: 'node',
    urls: { node: backup.url, hub: hub.url },
    drawn: ['lineage_token', 'hello_nonce', 'clock_skew_ms', 'epoch'],
    // a repetition that finds nothing left to do leaves a nonce, for the next hello
    besides: ['registry.spent_hello', 'sync.link'],
    // one given up, one taken over; the hub's welcome
    commits: 3,
    act: (database: typeof node.database): Promise<unknown> =>
      rejoin(processOf(node, database, false), { dryRun: false }),
    // where it turns out that nothing is left to do, the next process greets the hub
    async again(database: typeof node.database) {
      await rejoin(processOf(node, database, false), { dryRun: false });
      await ensureHello(processOf(node, database, false));
    },
  } as const;
  return await failEverywhere(subject, how);
}
