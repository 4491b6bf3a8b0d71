import { verificationReport } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { manifestOf, openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { repairState } from './repair.ts';
import { verifyState } from './verify.ts';

const timeout = { proofTimeoutMs: 20_000 };
const people = [16, 17, 18, 19, 20];

async function openSyncedPair(): Promise<Pair> {
  const pair = await openPair();
  const more = {
    training: [{ institution: 'Trường một' }, { institution: 'Trường hai' }],
    health: [{ condition: '2', blood_group: 'AB' }],
  };
  await putRecords(pair.node.database, [
    ...tree,
    ...people.map((n) => person(n, pinOf(n), { more })),
  ]);
  await syncPair(pair);
  return pair;
}

const equal = { comparable: true, hubEqualsNode: true, mirrorEqualsHub: true, differences: [] };

test('I14: what was edited, added and lost at the hub and in the mirror is repaired by just these records', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  const atHub = hub.database.pool;
  const here = node.database.pool;
  await atHub.query(`update national.training set institution = 'Khác' where record_id = $1`, [
    recordId(16),
  ]);
  await atHub.query(`delete from national.sealed where record_id = $1`, [recordId(17)]);
  await atHub.query(`delete from national.record where record_id = $1`, [recordId(18)]);
  await atHub.query(`insert into national.record (record_id, agency, kind, version, seq)
    values ('${recordId(77)}', 'H52', 2, 5, 1)`);
  await here.query(`delete from national.identity where record_id = $1`, [recordId(19)]);
  await here.query(`insert into national.record (record_id, kind, version)
    values ('${recordId(88)}', 2, 1)`);
  const before = (await openBatches(node.database)).length;

  const repair = await repairState(node, timeout);
  expect(repair).toMatchObject({ rounds: 1, sent: 4, leftDeleted: [], verification: equal });
  expect(repair.verification.confirmed).toBe(true);
  const [batch] = (await openBatches(node.database)).slice(before);
  const lines = batch === undefined ? [] : manifestOf(batch);
  expect(lines.map(({ id, op, whole, version }) => [id, op, whole, version])).toEqual([
    [recordId(16), 'U', true, 2],
    [recordId(17), 'U', true, 2],
    [recordId(18), 'U', true, 2],
    // never sent by this node: its version follows the hub's
    [recordId(77), 'D', false, 6],
  ]);
  const { rows } = await node.database.pool.query<{ report: Buffer }>(
    'select report from sync.verification order by id',
  );
  expect(rows.map(({ report }) => verificationReport.decode(report))).toMatchObject([
    { differing: 6n, repaired: 0n },
    { differing: 0n, repaired: BigInt(repair.sent + repair.fetched) },
  ]);
  // nothing is left to be done
  expect(await repairState(node, timeout)).toMatchObject({ rounds: 0, sent: 0, fetched: 0 });
});

test.each([
  'truncate national.employment',
  'delete from national.record',
  `update national.sealed set payload = 'AAAA'`,
])(
  'I14: a repair gives the same whatever was spoiled, at the hub or in the mirror: %s',
  async (spoil) => {
    await using pair = await openSyncedPair();
    const { node, hub } = pair;
    await hub.database.pool.query(spoil);
    expect((await verifyState(node)).hubEqualsNode).toBe(false);
    expect(await repairState(node, timeout)).toMatchObject({ rounds: 1, verification: equal });
    await node.database.pool.query(spoil);
    expect((await verifyState(node)).mirrorEqualsHub).toBe(false);
    const again = await repairState(node, { ...timeout, deep: true });
    expect(again).toMatchObject({ rounds: 1, sent: 0, verification: equal });
  },
);

test('I13: a repair brings nothing back that was deleted, at the hub or at the node', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  const here = node.database.pool;
  await here.query(`delete from profile.record where record_id = any ($1)`, [
    [recordId(16), recordId(17)],
  ]);
  await syncPair(pair);
  expect(await verifyState(node)).toMatchObject(equal);

  // one comes back at the hub alone: the tombstone goes out again, newer than it
  await hub.database.pool.query(`insert into national.record (record_id, agency, kind, version, seq)
    values ('${recordId(16)}', 'H52', 2, 9, 1)`);
  expect(await repairState(node, timeout)).toMatchObject({ sent: 1, verification: equal });
  const { rows } = await hub.database.pool.query(
    `select from national.record where record_id = '${recordId(16)}'`,
  );
  expect(rows).toEqual([]);

  // the other lies in the node's tables again, as from an old copy, without a captured change
  for (const table of ['record', 'identity', 'employment']) {
    await here.query(`alter table profile.${table} disable trigger user`);
  }
  await putRecords(node.database, [person(17, pinOf(17))]);
  for (const table of ['record', 'identity', 'employment']) {
    await here.query(`alter table profile.${table} enable trigger user`);
  }
  const left = await repairState(node, { ...timeout, deep: true });
  expect(left).toMatchObject({ rounds: 1, sent: 0, leftDeleted: [recordId(17)] });
  expect(left.verification).toMatchObject({
    hubEqualsNode: false,
    differences: [{ side: 'node', recordId: recordId(17) }],
  });
  // its owner writes it: that is another word than a repair
  await here.query('alter table profile.employment enable always trigger capture_update');
  await here.query(`update profile.employment set staff_number = 'A1' where record_id = $1`, [
    recordId(17),
  ]);
  await syncPair(pair);
  expect(await verifyState(node)).toMatchObject(equal);
});

test('a record that is merely held back is told apart and not sent again', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  await node.database.pool.query(`update profile.identity set sex = '7' where record_id = $1`, [
    recordId(20),
  ]);
  await syncPair(pair);
  await hub.database.pool.query(`delete from national.training where record_id = $1`, [
    recordId(16),
  ]);
  // what the mirror lost of it comes again all the same
  await node.database.pool.query(`delete from national.employment where record_id = $1`, [
    recordId(20),
  ]);
  const before = (await openBatches(node.database)).length;
  const repair = await repairState(node, timeout);
  expect(repair).toMatchObject({
    rounds: 1,
    sent: 1,
    fetched: 1,
    verification: {
      hubEqualsNode: false,
      mirrorEqualsHub: true,
      heldBack: 1,
      differences: [{ side: 'node', recordId: recordId(20), sections: ['identity'], held: true }],
    },
  });
  const sent = (await openBatches(node.database)).slice(before);
  expect(sent.flatMap((batch) => manifestOf(batch).map(({ id }) => id))).toEqual([recordId(16)]);
});

test('rows changed behind the triggers are sent as what they are now, sealed ones too', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  const here = node.database.pool;
  // the digests are made now, and kept from here on
  expect(await verifyState(node)).toMatchObject(equal);
  for (const table of ['health', 'training']) {
    await here.query(`alter table profile.${table} disable trigger user`);
  }
  await here.query(`update profile.health set blood_group = 'O' where record_id = $1`, [
    recordId(18),
  ]);
  await here.query(`delete from profile.training where record_id = $1`, [recordId(19)]);
  expect((await repairState(node, timeout)).rounds).toBe(0);
  expect(await repairState(node, { ...timeout, deep: true })).toMatchObject({
    rounds: 1,
    sent: 2,
    verification: equal,
  });
  expect(await verifyState(node, { deep: true })).toMatchObject(equal);
  const { rows } = await hub.database.pool.query(
    `select from national.training where record_id = '${recordId(19)}'`,
  );
  expect(rows).toEqual([]);
});
