import { expect, test } from 'vitest';

import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { verifyState } from './verify.ts';

const pinOf = (n: number): string => `001080${String(n).padStart(6, '0')}`;

async function openSyncedPair(): Promise<Pair> {
  const pair = await openPair();
  const more = {
    salary: [{ step: '2', coefficient: '4.40' }],
    training: [{ institution: 'Trường một' }, { institution: 'Trường hai \\N' }],
    contact: [{ phone: '0900000001' }],
  };
  await putRecords(pair.node.database, [
    ...tree,
    person(16, pinOf(16), { more }),
    person(17, pinOf(17)),
  ]);
  await putRecords(pair.node.database, [person(18, pinOf(18))], { secret: true });
  await syncPair(pair);
  return pair;
}

const equal = { comparable: true, hubEqualsNode: true, mirrorEqualsHub: true, differing: [] };

test('I14: after a synchronisation node, hub and mirror are equal, state secrets and own sections aside', async () => {
  await using pair = await openSyncedPair();
  // units, identities and employments of two, a salary, two trainings
  expect(await verifyState(pair.node)).toEqual({ ...equal, heldBack: 0, rows: 9 });
});

test('I14: a row that was edited at the hub, in the mirror or behind the triggers is found by section', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  const { pool } = node.database;
  await hub.database.pool.query(`update national.salary set step = 3`);
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: false,
    mirrorEqualsHub: false,
    differing: ['node≠hub salary', 'mirror≠hub salary'],
  });
  await hub.database.pool.query(`update national.salary set step = 2`);
  expect(await verifyState(node)).toMatchObject(equal);

  await pool.query(`delete from national.training where ordinal = 2`);
  expect(await verifyState(node)).toMatchObject({
    hubEqualsNode: true,
    mirrorEqualsHub: false,
    differing: ['mirror≠hub training'],
  });
  await pool.query(`insert into national.training (record_id, ordinal, institution)
    select record_id, ordinal, institution from profile.training where ordinal = 2`);
  expect(await verifyState(node)).toMatchObject(equal);

  await pool.query('alter table profile.employment disable trigger user');
  await pool.query(`update profile.employment set staff_number = 'A1'
    where record_id = '${recordId(17)}'`);
  await pool.query('alter table profile.employment enable always trigger capture_update');
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: false,
    mirrorEqualsHub: true,
    differing: ['node≠hub employment'],
  });
  // the next captured change of the section heals it
  await pool.query(`update profile.employment set staff_number = 'A2'`);
  await syncPair(pair);
  expect(await verifyState(node)).toMatchObject(equal);
});

test('while changes are under way nothing is said to differ, at any of the four stations', async () => {
  await using pair = await openSyncedPair();
  const { node, server, hub } = pair;
  server.applies = false;
  const underWay = {
    comparable: false,
    hubEqualsNode: false,
    mirrorEqualsHub: false,
    differing: [],
  };
  await node.database.pool.query(`update profile.employment set staff_number = 'A1'`);
  expect(await verifyState(node)).toMatchObject(underWay);
  await sealAll(node);
  expect(await verifyState(node)).toMatchObject(underWay);
  await pushBatches(node);
  expect(await verifyState(node)).toMatchObject(underWay);
  await applyBatches(hub, 'H52');
  expect(await verifyState(node)).toMatchObject(underWay);
  await pullFeed(node);
  expect(await verifyState(node)).toMatchObject(equal);
});

test('a record that the hub refused is a difference, and is counted as held back', async () => {
  await using pair = await openSyncedPair();
  await putRecords(pair.node.database, [person(20, pinOf(20), { fields: { sex: '7' } })]);
  await syncPair(pair);
  expect(await verifyState(pair.node)).toMatchObject({
    comparable: true,
    heldBack: 1,
    hubEqualsNode: false,
    mirrorEqualsHub: true,
    differing: ['node≠hub identity', 'node≠hub employment'],
  });
});

test('a digest that the hub did not sign for this node is not believed', async () => {
  await using pair = await openSyncedPair();
  const { node, server } = pair;
  for (const at of [30, 1]) {
    server.interfere = (_path, body) => {
      const damaged = Buffer.from(body);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      return damaged;
    };
    await expect(verifyState(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  }
});
