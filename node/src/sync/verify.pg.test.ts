import { createPublicKey } from 'node:crypto';

import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  verificationReceiptBody,
  verificationReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import type { HubLink } from '../link/hub-link.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { verifyState } from './verify.ts';

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
  const found = { ...equal, heldBack: 0, records: 4, rows: 9, complete: true, confirmed: true };
  expect(await verifyState(pair.node)).toMatchObject(found);
  expect(await verifyState(pair.node, { deep: true })).toMatchObject({
    ...found,
    deep: { node: { records: 4, unmarked: 0 }, mirror: { records: 4, unmarked: 0 } },
  });
});

test('I14: a row that was edited at the hub or in the mirror is named by record and section', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  const { pool } = node.database;
  await hub.database.pool.query(`update national.salary set step = 3`);
  const named = { recordId: recordId(16), sections: ['salary'], held: false };
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: false,
    mirrorEqualsHub: false,
    differing: ['node≠hub salary', 'mirror≠hub salary'],
    differences: [
      { side: 'node', ...named },
      { side: 'mirror', ...named },
    ],
    confirmed: false,
  });
  await hub.database.pool.query(`update national.salary set step = 2`);
  expect(await verifyState(node)).toMatchObject(equal);

  await pool.query(`delete from national.training where ordinal = 2`);
  expect(await verifyState(node)).toMatchObject({
    hubEqualsNode: true,
    mirrorEqualsHub: false,
    differing: ['mirror≠hub training'],
    differences: [{ side: 'mirror', recordId: recordId(16), sections: ['training'] }],
  });
  await pool.query(`insert into national.training (record_id, ordinal, institution)
    select record_id, ordinal, institution from profile.training where ordinal = 2`);
  expect(await verifyState(node)).toMatchObject(equal);

  await hub.database.pool.query('truncate national.employment');
  expect((await verifyState(node)).differing).toEqual([
    'node≠hub employment',
    'mirror≠hub employment',
  ]);
});

test('I14: what is sealed and applied while a deep verification runs is no difference', async () => {
  await using pair = await openSyncedPair();
  const { node } = pair;
  const more = { health: [{ height_cm: '170' }] };
  await putRecords(node.database, [person(19, pinOf(19), { more })]);
  // the first question to the hub comes after a whole synchronisation of another process
  let synced: Promise<unknown> | undefined;
  const link: HubLink = {
    ...node.link,
    post: async (path, body) => {
      if (path.endsWith('/tree')) await (synced ??= syncPair(pair));
      return node.link.post(path, body);
    },
  };
  expect(await verifyState({ ...node, link }, { deep: true })).toMatchObject(equal);
});

test('I14: what was edited behind the triggers is found by a deep verification, and is named then', async () => {
  await using pair = await openSyncedPair();
  const { node } = pair;
  const { pool } = node.database;
  expect(await verifyState(node)).toMatchObject(equal);
  await pool.query('alter table profile.employment disable trigger user');
  await pool.query(`update profile.employment set staff_number = 'A1'
    where record_id = '${recordId(17)}'`);
  await pool.query('alter table profile.employment enable always trigger capture_update');
  await pool.query('alter table national.training disable trigger user');
  await pool.query(`update national.training set institution = 'X' where ordinal = 1`);
  // nothing is marked: digests that are kept cannot know
  expect(await verifyState(node)).toMatchObject(equal);
  expect(await verifyState(node, { deep: true })).toMatchObject({
    hubEqualsNode: false,
    mirrorEqualsHub: false,
    differing: ['node≠hub employment', 'mirror≠hub training'],
    deep: {
      node: { records: 4, unmarked: 1, named: [recordId(17)] },
      mirror: { records: 4, unmarked: 1, named: [recordId(16)] },
    },
  });
  // what is kept was mended with it
  expect((await verifyState(node)).differing).toEqual([
    'node≠hub employment',
    'mirror≠hub training',
  ]);
  // the next captured change of the section heals it
  await pool.query(`update profile.employment set staff_number = 'A2'`);
  await syncPair(pair);
  expect((await verifyState(node)).differing).toEqual(['mirror≠hub training']);
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
    differences: [{ recordId: recordId(20), held: true }],
  });
});

test('a person without a head is none yet: what is there of it is no difference', async () => {
  await using pair = await openSyncedPair();
  const { node } = pair;
  const id = recordId(30);
  await node.database.pool.query(`insert into profile.record (record_id, kind) values ('${id}', 2);
    insert into profile.health (record_id, blood_group) values ('${id}', 'AB');
    insert into profile.salary (record_id, step) values ('${id}', 1)`);
  expect(await syncPair(pair)).toBe(0);
  expect(await verifyState(node, { deep: true })).toMatchObject({ ...equal, records: 4 });
});

test('a digest that the hub did not sign for this node is not believed', async () => {
  await using pair = await openSyncedPair();
  const { node, server } = pair;
  for (const at of [30, 1]) {
    server.interfere = (_path, body) => {
      // as it was made for this very question, but for one bit
      const damaged = Buffer.from(body);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      return damaged;
    };
    await expect(verifyState(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  }
});

test('both sides keep the signed result of a verification, and the answer to it', async () => {
  await using pair = await openSyncedPair();
  const { node, hub } = pair;
  await verifyState(node);
  const kept = `select report, signature, receipt, receipt_signature, differing, confirmed
    from sync.verification order by id`;
  const { rows: here } = await node.database.pool.query(kept);
  const { rows: there } = await hub.database.pool.query(kept);
  expect(here).toHaveLength(1);
  expect(here).toEqual(there);
  expect(here[0]).toMatchObject({ differing: 0n, confirmed: true });
  const { report, signature, receipt, receipt_signature: receiptSignature } = here[0];
  const nodeKey = createPublicKey(node.signingKey);
  expect(verifyBytes(nodeKey, domains.verification, report, signature)).toBe(true);
  const said = verificationReceiptBody.decode(receipt);
  expect(
    verifyBytes(node.hubSigningKey, domains.verificationReceipt, receipt, receiptSignature),
  ).toBe(true);
  expect(said.reportHash).toEqual(sha256(report));
  // three sides, three ways to the root: branches at the node, branches of the hub, the hub's own sum
  expect(verificationReport.decode(report)).toMatchObject({
    root: said.root,
    mirrorRoot: said.root,
    records: 4n,
  });
});

test('an answer to another verification, or an unsigned one, is not kept', async () => {
  await using pair = await openSyncedPair();
  const { node, server } = pair;
  let first: Buffer | undefined;
  server.interfere = (path, body) => {
    if (path !== '/sync/v1/verifications') return undefined;
    first ??= body;
    return first;
  };
  expect(await verifyState(node)).toMatchObject(equal);
  node.clock.now = new Date(node.clock.now.getTime() + 1_000);
  await expect(verifyState(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  server.interfere = (path, body) => {
    if (path !== '/sync/v1/verifications') return undefined;
    const damaged = Buffer.from(body);
    damaged.writeUInt8(damaged.readUInt8(20) ^ 1, 20);
    return damaged;
  };
  await expect(verifyState(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  const { rows } = await node.database.pool.query('select from sync.verification');
  expect(rows).toHaveLength(1);
});

test('where a head moves between two questions it begins again, and in the end compares nothing', async () => {
  await using pair = await openSyncedPair();
  const { node, hub, server } = pair;
  await hub.database.pool.query(`update national.salary set step = 3`);
  let questions = 0;
  let moves = 1;
  server.interfere = async (path) => {
    if (path !== '/sync/v1/digest/tree') return undefined;
    questions += 1;
    // the node's own head, so that both sides move and the next attempt finds them equal again
    if (moves > 0 && questions % 2 === 1) {
      moves -= 1;
      await hub.database.pool.query('update registry.unit set feed_head = feed_head + 1');
      await node.database.pool.query('update sync.feed_position set cursor = cursor + 1');
    }
    return undefined;
  };
  // the answer to the first question was made before its move, so node and hub differ at once
  expect(await verifyState(node)).toMatchObject({ comparable: false, differing: [] });
  questions = 1;
  moves = 1;
  expect(await verifyState(node)).toMatchObject({
    differing: ['node≠hub salary', 'mirror≠hub salary'],
  });
  expect(moves).toBe(0);
  questions = 1;
  moves = 100;
  expect(await verifyState(node)).toMatchObject({ comparable: false, differences: [] });
});

test.each([2, 3, 4])(
  'what is mended after question %i, and moves the heads, is no difference in the end',
  async (at) => {
    await using pair = await openSyncedPair();
    const { node, hub, server } = pair;
    await hub.database.pool.query('update national.salary set step = 3');
    let questions = 0;
    server.interfere = async (path) => {
      if (path !== '/sync/v1/digest/tree') return undefined;
      questions += 1;
      if (questions === at) {
        await hub.database.pool.query(`update national.salary set step = 2;
          update registry.unit set feed_head = feed_head + 1`);
        await node.database.pool.query('update sync.feed_position set cursor = cursor + 1');
      }
      return undefined;
    };
    expect(await verifyState(node)).toMatchObject({ ...equal, confirmed: true });
    expect(questions).toBe(at + 1);
  },
);
