/** Hellos that were answered before: one that comes late, and one that a restored node still waits for. */
import { helloBody, helloReply } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { forgetHellos } from '../../../hub/src/db/raise.ts';
import { releaseUnit } from '../../../hub/src/db/units.ts';
import { openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { openNodePlace, openPair, startNode } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { readLink } from '../db/link.ts';
import { composeHello, ensureHello } from './say-hello.ts';

const unitState = 'select status, frozen_reason, lineage_token = $$$$ from registry.unit';

test.each<readonly [string, (hub: TestHub) => Promise<unknown>]>([
  ['a release', ({ database }) => releaseUnit(database.db, 'H52')],
  ['a raise', ({ database }) => forgetHellos(database.db)],
])('I7: a hello that comes once more after %s does not take the place', async (_, forget) => {
  await using pair = await openPair();
  const { node, hub, server, place } = pair;
  await putRecords(node.database, tree);
  await syncPair(pair);
  // its answer is lost, and the line holds a copy of it back
  const { bytes } = await composeHello(node);
  await node.link.post('/sync/v1/hello', bytes);
  await forget(hub);
  const late = helloReply.decode(await node.link.post('/sync/v1/hello', bytes));
  expect(helloBody.decode(late.body)).toMatchObject({ relation: 'CLONED', released: true });
  expect(await rowsOf(hub, unitState)).toEqual([['active', null, true]]);
  // the node itself still waits under this nonce; it is told, and asks under another in the same call
  await using next = await startNode(server, place);
  await putRecords(next.database, [person(16, '001080000016')]);
  await syncPair({ node: next, server });
  expect(await rowsOf(hub, unitState)).toEqual([['active', null, false]]);
  expect(await rowsOf(hub, 'select head_seq from registry.unit')).toEqual([[2n]]);
});

test('I7: a node restored with a hello that was answered long ago is found, and goes on once released', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  const { hub } = server;
  {
    await using node = await startNode(server, place);
    await putRecords(node.database, tree);
    await syncPair({ node, server });
    const { bytes } = await composeHello(node);
    await node.link.post('/sync/v1/hello', bytes);
  }
  await using backup = await openNodePlace('H52', { copyOf: place });
  for (let hellos = 0; hellos < 2; hellos++) {
    await using process = await startNode(server, place);
    await ensureHello(process);
  }
  await using restored = await startNode(server, backup);
  expect((await readLink(restored.database.db))?.helloNonce).not.toBeNull();
  // a hello out of the past alone is no sign of a second machine
  await expect(ensureHello(restored)).rejects.toMatchObject({ code: 'NODE_CLONED' });
  expect(await rowsOf(hub, unitState)).toEqual([['active', null, false]]);
  // the next one is its own, and shows that the token was spent by another
  await expect(ensureHello(restored)).rejects.toMatchObject({ code: 'NODE_CLONED' });
  expect(await rowsOf(hub, unitState)).toEqual([['frozen', 'CLONED', false]]);
  expect(await releaseUnit(hub.database.db, 'H52')).toBe('frozen');
  await syncPair({ node: restored, server });
  expect(await rowsOf(hub, unitState)).toEqual([['active', null, false]]);
});
