import { expect, test } from 'vitest';

import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { olderCatalogue } from '../../../test/support/older-catalogue.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { verifyState } from './verify.ts';

test('I14: a node that was upgraded before its hub is equal to it once the hub is, and sends nothing again', async () => {
  await using pair = await openPair();
  const { node, server, hub } = pair;
  const more = {
    reward: [{ year: '2001', form: '1' }, { year: '2002' }],
    health: [{ height_cm: '170' }],
  };
  const fields = { religion: '01', home_town: 'Quê Thử' };
  await putRecords(node.database, [
    ...tree,
    person(16, '001080000001', { fields, more }),
    person(17, '001080000002'),
  ]);
  await sealAll(node);
  {
    using _ = olderCatalogue({
      sections: ['reward', 'health'],
      fields: { identity: ['religion', 'home_town'], org_unit: ['parent_code'] },
    });
    await pushBatches(node);
    await server.settled();
    await pullFeed(node);
  }
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: false,
    mirrorEqualsHub: true,
    heldBack: 0,
  });

  expect(await applyBatches(hub, node.agency)).toBe(0);
  await pullFeed(node);
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: true,
    mirrorEqualsHub: true,
    differing: [],
  });
  const { rows } = await node.database.pool.query({
    text: `select version, religion, (select count(*) from national.reward),
        (select count(*) from national.sealed)
      from national.record join national.identity using (record_id) order by record_id`,
    rowMode: 'array',
  });
  expect(rows).toEqual([
    [1n, '01', 2n, 1n],
    [1n, null, 2n, 1n],
  ]);
  expect(await syncPair(pair)).toBe(0);
});
