import { salary } from '@lienthong/shared-schema/catalogue/career.ts';
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { expect, test } from 'vitest';

import { sumNewestReports } from '../../../hub/src/db/totals.ts';
import { keepWitness, startHub } from '../../../hub/src/sync/hub-start.ts';
import { hubStatus } from '../../../hub/src/sync/hub-status.ts';
import { publishCodeList } from '../../../hub/src/sync/publish-code-list.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import { backupOf } from '../../../test/support/backup.ts';
import { openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openNodePlace, startNode } from '../../../test/support/test-node.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { reportTotals } from './report-totals.ts';

const name = 'HINH_THUC_KY_LUAT';
const list = (version: number) => ({
  ...codeLists[name],
  version,
  entries: [
    ...codeLists[name].entries,
    { code: '8', vi: 'Hình thức thử', from: '2026-01-01', status: 'unverified' },
  ],
});

test('I19: a restored hub is told by the reports which lists and which policy it lost, until it publishes', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  const { dataDirectory } = server.hub;
  await startHub(server.hub);
  await using node = await startNode(server, place);
  await putRecords(node.database, tree);
  await publishCodeList(server.hub, list(2));
  await syncPair({ node, server });
  await using backup = await backupOf(server.hub.url);
  await publishCodeList(server.hub, list(3));
  await setPolicy(server.hub, new Map([[salary.tag, 'sealed']]));
  await syncPair({ node, server });
  await reportTotals(node);
  expect((await hubStatus(server.hub)).lostPublications).toEqual([]);
  await keepWitness(server.hub);
  {
    await using restored = await openHubServer({ url: backup.url, dataDirectory, incarnation: 1n });
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openHubServer({ url: backup.url, dataDirectory, incarnation: 2n });
  const { hub } = raised;
  await startHub(hub);
  expect((await hubStatus(hub)).lostPublications).toEqual([]);
  await using again = await startNode(raised, place);
  await reportTotals(again);
  expect((await hubStatus(hub)).lostPublications).toEqual([
    { name: 'policy', here: 0n, agencies: ['H52'], taken: 1n },
    { name, here: 2n, agencies: ['H52'], taken: 3n },
  ]);
  // versions are no counts of the nation
  const sum = await sumNewestReports(hub.database.db);
  expect(new Set(sum?.figures.map((one) => one.measure))).not.toContain('published');

  await publishCodeList(hub, list(3));
  await setPolicy(hub, new Map([[salary.tag, 'sealed']]));
  expect((await hubStatus(hub)).lostPublications).toEqual([]);
});
