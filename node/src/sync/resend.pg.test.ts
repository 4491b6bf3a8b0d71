import { expect, test } from 'vitest';

import { appendResendsToFeed } from '../../../hub/src/db/feed.ts';
import { manifestOf, openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { verifyState } from './verify.ts';

test('records that the hub asks for again come once, whole and in their present state', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, [...tree, person(16, '001080000003')]);
  await syncPair(pair);
  const asked = [recordId(1), recordId(16), recordId(16), recordId(99)];
  expect(await appendResendsToFeed(hub.database.db, node.agency, asked)).toBe(3);

  await syncPair(pair);
  expect(await syncPair(pair)).toBe(2);
  const last = (await openBatches(node.database)).at(-1);
  const lines = last === undefined ? [] : manifestOf(last);
  expect(lines.map(({ id, version, op, whole }) => [id, version, op, whole])).toEqual([
    [recordId(1), 2, 'U', true],
    [recordId(16), 2, 'U', true],
  ]);
  expect(await syncPair(pair)).toBe(0);
  expect(await verifyState(node)).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true });
});
