import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { askForWhole } from '../../../hub/src/sync/ask-for-whole.ts';
import { openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { verifyState } from './verify.ts';

test('what a hub could not read all of is asked for again after its upgrade, once, and comes whole', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, [...tree, person(3, '001080000003')]);
  await syncPair(pair);
  const newer = catalogueVersion + 1;
  await hub.database.pool.query('update sync.inbox set newer_catalogue = $1', [newer]);

  expect(await askForWhole(hub.database, catalogueVersion)).toBe(0);
  expect(await askForWhole(hub.database, newer)).toBe(3);
  expect(await askForWhole(hub.database, newer)).toBe(0);

  await syncPair(pair);
  expect(await syncPair(pair)).toBe(3);
  const manifest = (await openBatches(node.database)).at(-1)?.content.blocks[0];
  const rows = Buffer.from(manifest?.rows ?? [])
    .toString()
    .trimEnd()
    .split('\n');
  // version 2 of each record, state follows, whole
  expect(rows.map((row) => row.split('\t').slice(2, 5))).toEqual(
    Array.from({ length: 3 }, () => ['2', 'U', 't']),
  );
  expect(await verifyState(node)).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true });
});
