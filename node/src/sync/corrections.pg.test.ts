import { expect, test } from 'vitest';

import { countCorrections, listCorrections as listAtHub } from '../../../hub/src/db/corrections.ts';
import { releaseUnit } from '../../../hub/src/db/units.ts';
import {
  openReferenceSource,
  type ReferenceSource,
} from '../../../hub/src/reference/reference-source.ts';
import { keepWitness, startHub } from '../../../hub/src/sync/hub-start.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { runReference } from '../../../hub/src/sync/run-reference.ts';
import { backupOf } from '../../../test/support/backup.ts';
import { openCourier } from '../../../test/support/bundle-courier.ts';
import { openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openStandIn } from '../../../test/support/stand-in-reference.ts';
import {
  openNodePlace,
  openPair,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { countComparisons, listCorrections } from '../db/corrections.ts';
import { findWork } from '../db/outbox.ts';
import { listTasks } from '../db/tasks.ts';
import { acceptOne, contestOne, showCorrection } from './corrections.ts';
import { rejoin } from './rejoin.ts';
import { ensureHello } from './say-hello.ts';
import { verifyState } from './verify.ts';

const by = 'Phòng tổ chức';

async function openSource(name: ReferenceSource['name'], url: string): Promise<ReferenceSource> {
  return await openReferenceSource({
    name,
    url,
    keyFile: '',
    callsPerMinute: 60_000,
    firstPauseMs: 5,
    validDays: 30,
    timeoutMs: 5_000,
  });
}

/** What the source says of the nth person where nothing differs. */
const same = (n: number) => ({
  'identity.full_name': `Người Thử ${n}`,
  'identity.birth_date': '1980-05',
  'identity.sex': '1',
  'identity.ethnic_group': '01',
});

const statesAt = async ({ database }: Pick<TestNode, 'database'>) =>
  (await countComparisons(database.db)).map((one) => [one.source, one.state, Number(one.records)]);

const openAt = async (node: TestNode, all = false) =>
  (await listCorrections(node.database.db, { all, limit: 100 })).map((one) => [
    one.id,
    one.standing,
  ]);

const idsAt = async (node: TestNode, all = false): Promise<readonly string[]> =>
  (await listCorrections(node.database.db, { all, limit: 100 })).map((one) => one.id);

const idsByRecord = async (node: TestNode): Promise<ReadonlyMap<string, string>> => {
  const found = await listCorrections(node.database.db, { all: true, limit: 100 });
  return new Map(found.map((one) => [one.recordId, one.id]));
};

const birthDateOf = async (node: TestNode, n: number): Promise<unknown> => {
  const { rows } = await node.database.pool.query<{ birth_date: string }>(
    'select birth_date from profile.identity where record_id = $1',
    [recordId(n)],
  );
  return rows[0]?.birth_date;
};

test('what differs becomes a task, is accepted by a person, travels, and is equal at both sides', async () => {
  await using pair = await openPair();
  const { hub, node } = pair;
  await using standIn = await openStandIn('population');
  const source = await openSource('population', standIn.url);
  await putRecords(node.database, [...tree, ...[3, 4, 5, 6].map((n) => person(n, pinOf(n)))]);
  await syncPair(pair);
  standIn.people.set(pinOf(3), same(3));
  standIn.people.set(pinOf(4), { ...same(4), 'identity.birth_date': '1980-05-12' });
  standIn.people.set(pinOf(5), 'withheld');

  const first = await runReference(hub, source);
  expect(first).toMatchObject({
    units: 1,
    asked: 4,
    compared: 4,
    corrections: 1,
    states: { MATCHED: 1, DIFFERS: 1, WITHHELD: 1, NOT_FOUND: 1 },
  });
  await syncPair(pair);
  expect(await statesAt(node)).toEqual([
    ['population', 'DIFFERS', 1],
    ['population', 'MATCHED', 1],
    ['population', 'NOT_FOUND', 1],
    ['population', 'WITHHELD', 1],
  ]);
  const [id = ''] = await idsAt(node);
  expect(await openAt(node)).toEqual([[id, 'open']]);
  const tasks = await listTasks(node.database.db, { kinds: ['correction'], limit: 10 });
  expect(tasks).toMatchObject([
    { kind: 'correction', subject: id, recordId: recordId(4), codes: ['identity.birth_date'] },
  ]);
  const unknown = await listTasks(node.database.db, { kinds: ['not-found'], limit: 10 });
  expect(unknown).toMatchObject([{ recordId: recordId(6), codes: ['population'] }]);
  // nothing was written over
  expect(await birthDateOf(node, 4)).toBe('1980-05');
  expect(await showCorrection(node.database, id)).toMatchObject({
    unitValue: '1980-05',
    currentValue: '1980-05',
    sourceValue: '1980-05-12',
  });

  expect(await acceptOne(node, { id, by })).toEqual({ recordId: recordId(4), changed: true });
  expect(await birthDateOf(node, 4)).toBe('1980-05-12');
  expect(await openAt(node)).toEqual([]);
  expect(await openAt(node, true)).toEqual([[id, 'accepted']]);
  const { rows } = await node.database.pool.query(
    `select r.state, r.decided_by, i.source, d.action, d.decided_by as journal
     from intake.row r join intake.import i on i.id = r.import_id
     cross join intake.decision d where d.record_id = r.record_id`,
  );
  expect(rows).toEqual([
    {
      state: 'published',
      decided_by: by,
      source: 'correction',
      action: 'accept-correction',
      journal: by,
    },
  ]);
  await syncPair(pair);
  // the hub has the new value and says that it is to be compared again
  expect(await statesAt(node)).toContainEqual(['population', 'STALE', 1]);
  const again = await runReference(hub, source);
  expect(again).toMatchObject({ asked: 0, compared: 1, states: { MATCHED: 1 }, corrections: 0 });
  expect(standIn.calls.length).toBe(1);
  await syncPair(pair);
  expect(await statesAt(node)).toContainEqual(['population', 'MATCHED', 2]);
  expect(await openAt(node, true)).toEqual([]);
  expect(await countCorrections(hub.database.db, undefined)).toEqual([]);
  // and neither side keeps the values of what is settled
  const { rows: kept } = await hub.database.pool.query('select id from reference.correction');
  expect(kept).toEqual([]);
  // and nothing is compared, asked or told again without a reason
  const before = await hub.database.pool.query('select count(*) from sync.feed_entry');
  expect(await runReference(hub, source)).toMatchObject({ asked: 0, compared: 0 });
  const after = await hub.database.pool.query('select count(*) from sync.feed_entry');
  expect(after.rows).toEqual(before.rows);
  expect(await verifyState(node)).toMatchObject({ comparable: true, hubEqualsNode: true });
  expect(node.logged() + hub.logged()).not.toMatch(/Người Thử|00108000000|1980-05-12/u);
});

test('what is contested is told to the hub, in order and once, and ends when the source changes', async () => {
  await using pair = await openPair();
  const { hub, node } = pair;
  await using standIn = await openStandIn('population');
  const source = await openSource('population', standIn.url);
  await putRecords(node.database, [...tree, ...[3, 4].map((n) => person(n, pinOf(n)))]);
  await syncPair(pair);
  standIn.people.set(pinOf(3), { ...same(3), 'identity.sex': '0' });
  standIn.people.set(pinOf(4), { ...same(4), 'identity.ethnic_group': '02' });
  await runReference(hub, source);
  await syncPair(pair);
  const ids = await idsByRecord(node);
  const one = ids.get(recordId(3)) ?? '';
  const other = ids.get(recordId(4)) ?? '';
  const reason = 'Theo giấy khai sinh gốc';
  await contestOne(node, { id: one, by, reason: 'chưa rõ' });
  await contestOne(node, { id: one, by, reason });
  await contestOne(node, { id: other, by, reason });
  expect(await openAt(node)).toEqual([]);
  expect((await findWork(node.database.db)).unsealed).toBe(true);
  expect(await sealAll(node)).toBe(0);
  expect((await findWork(node.database.db)).unsealed).toBe(false);
  expect(await sealAll(node)).toBe(0);
  await syncPair(pair);
  const contested = await listAtHub(hub.database.db, { contested: true, limit: 10 });
  expect(contested.map((found) => [found.id, found.reason])).toEqual(
    [one, other].toSorted().map((each) => [each, reason]),
  );
  expect(await countCorrections(hub.database.db, 'H52')).toMatchObject([
    { open: 2n, contested: 2n },
  ]);
  // the word comes back down the feed: a machine that has forgotten its decisions still knows
  await node.database.pool.query('delete from reference.settled');
  expect(await openAt(node, true)).toEqual(
    [one, other].toSorted().map((each) => [each, 'contested']),
  );

  // one is given in after all
  await acceptOne(node, { id: one, by });
  await syncPair(pair);
  expect(await countCorrections(hub.database.db, 'H52')).toMatchObject([
    { open: 2n, contested: 1n },
  ]);
  await runReference(hub, source);
  await syncPair(pair);
  expect(await openAt(node, true)).toEqual([[other, 'contested']]);

  // the source has come round, and is asked anew
  standIn.people.set(pinOf(4), same(4));
  expect(await runReference(hub, source, { fresh: true })).toMatchObject({
    asked: 2,
    states: { MATCHED: 2 },
  });
  await syncPair(pair);
  expect(await openAt(node, true)).toEqual([]);
  expect(await countCorrections(hub.database.db, 'H52')).toEqual([]);
});

test('a correction of a value that the unit has changed since is not taken over, and is judged again', async () => {
  await using pair = await openPair();
  const { hub, node } = pair;
  await using standIn = await openStandIn('population');
  const source = await openSource('population', standIn.url);
  await putRecords(node.database, [...tree, ...[3, 4, 5].map((n) => person(n, pinOf(n)))]);
  await syncPair(pair);
  for (const n of [3, 4, 5]) {
    standIn.people.set(pinOf(n), { ...same(n), 'identity.birth_date': `198${n}-01-01` });
  }
  await runReference(hub, source);
  await syncPair(pair);
  const ids = await idsByRecord(node);
  const idOf = (n: number): string => ids.get(recordId(n)) ?? '';
  const change = (n: number, date: string) =>
    node.database.pool.query('update profile.identity set birth_date = $2 where record_id = $1', [
      recordId(n),
      date,
    ]);
  await change(3, '1979-09-09');
  await change(4, '1984-01-01');
  await expect(acceptOne(node, { id: idOf(3), by })).rejects.toMatchObject({
    code: 'NODE_CORRECTION_OVERTAKEN',
    message: expect.stringContaining(idOf(3)),
  });
  expect(await birthDateOf(node, 3)).toBe('1979-09-09');
  expect(await acceptOne(node, { id: idOf(4), by })).toMatchObject({ changed: false });
  await expect(acceptOne(node, { id: 'ffffffffffffffff', by })).rejects.toMatchObject({
    code: 'NODE_CORRECTION_UNKNOWN',
  });
  await expect(contestOne(node, { id: idOf(3), by, reason: ' \n' })).rejects.toMatchObject({
    code: 'NODE_CORRECTION_REASON',
  });
  // a rule of the catalogue is asked as for any change: nobody is admitted before the birth
  await node.database.pool.query(
    'insert into profile.party (record_id, admitted_on) values ($1, $2)',
    [recordId(5), '1982-01-01'],
  );
  await expect(acceptOne(node, { id: idOf(5), by })).rejects.toMatchObject({
    code: 'NODE_CORRECTION_FAULTY',
    message: expect.stringContaining(idOf(5)),
  });
  expect(await birthDateOf(node, 5)).toBe('1980-05');

  await syncPair(pair);
  expect(await runReference(hub, source)).toMatchObject({ asked: 0, compared: 2, corrections: 1 });
  await syncPair(pair);
  const now = await listCorrections(node.database.db, { all: true, limit: 10 });
  expect(now.map((one) => one.recordId).toSorted()).toEqual([recordId(3), recordId(5)]);
  expect(await showCorrection(node.database, idOf(3))).toMatchObject({ unitValue: '1979-09-09' });
  // accepted, and overwritten by hand before it was compared: open again with the next comparison
  await acceptOne(node, { id: idOf(3), by });
  await change(3, '1978-08-08');
  expect(await idsAt(node)).toEqual([idOf(5)]);
  await syncPair(pair);
  await runReference(hub, source);
  await syncPair(pair);
  expect((await idsAt(node)).toSorted()).toEqual([idOf(3), idOf(5)].toSorted());
});

test('I8: a unit hears of its own comparisons only, and its word on those of others counts nothing', async () => {
  await using pair = await openPair();
  const { hub, node, server } = pair;
  await using otherPlace = await openNodePlace('H53');
  await using other = await startNode(server, otherPlace);
  await using standIn = await openStandIn('population');
  const source = await openSource('population', standIn.url);
  await putRecords(node.database, [...tree, person(3, pinOf(3))]);
  await putRecords(other.database, [
    { id: recordId(11), kind: 1, rows: { org_unit: [{ code: 'H53', name: 'Unit H53' }] } },
    person(13, pinOf(13), { unit: 'H53' }),
  ]);
  await syncPair(pair);
  await syncPair({ node: other, server });
  standIn.people.set(pinOf(3), { ...same(3), 'identity.sex': '0' });
  standIn.people.set(pinOf(13), { ...same(13), 'identity.sex': '0' });
  expect(await runReference(hub, source)).toMatchObject({ units: 2, corrections: 2 });
  await syncPair(pair);
  await syncPair({ node: other, server });
  expect([...(await idsByRecord(node)).keys()]).toEqual([recordId(3)]);
  expect([...(await idsByRecord(other)).keys()]).toEqual([recordId(13)]);

  const [id = ''] = await idsAt(node);
  await other.database.pool.query(
    `insert into sync.answer (correction, record_id, contested, reason) values ($1, $2, true, 'x')`,
    [id, recordId(3)],
  );
  await syncPair({ node: other, server });
  await syncPair(pair);
  expect(await countCorrections(hub.database.db, undefined)).toMatchObject([
    { agency: 'H52', contested: 0n },
    { agency: 'H53', contested: 0n },
  ]);
  expect(await openAt(node)).toEqual([[id, 'open']]);
  // a record that the unit takes back takes its comparison along, at both sides
  await other.database.pool.query('delete from profile.record where record_id = $1', [
    recordId(13),
  ]);
  await syncPair({ node: other, server });
  expect(await statesAt(other)).toEqual([]);
  const { rows: kept } = await hub.database.pool.query('select agency from reference.correction');
  expect(kept).toEqual([{ agency: 'H52' }]);
});

test('without a line corrections and the words on them travel on the medium', async () => {
  await using pair = await openPair();
  const { hub, node } = pair;
  await using standIn = await openStandIn('plain');
  const source = await openSource('party', standIn.url);
  const member = { more: { party: [{ admitted_on: '2001-01-01', card_no: '11 222' }] } };
  await putRecords(node.database, [...tree, person(3, pinOf(3), member)]);
  await using courier = await openCourier();
  for (let round = 0; round < 2; round++) await courier.round(hub, node);
  standIn.people.set(pinOf(3), { 'party.admitted_on': '2001-02-01', 'party.card_no': '11222' });
  expect(await runReference(hub, source)).toMatchObject({ corrections: 1 });
  await courier.round(hub, node);
  const [id = ''] = await idsAt(node);
  await contestOne(node, { id, by, reason: 'Theo quyết định kết nạp' });
  await courier.round(hub, node);
  expect(await countCorrections(hub.database.db, 'H52')).toMatchObject([{ contested: 1n }]);
});

test('a machine that is given another history sends again what it said in its own', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await using standIn = await openStandIn('population');
  const source = await openSource('population', standIn.url);
  standIn.people.set(pinOf(3), { ...same(3), 'identity.sex': '0' });
  const { db } = server.hub.database;
  let id = '';
  {
    await using node = await startNode(server, place);
    await putRecords(node.database, [...tree, person(3, pinOf(3))]);
    await syncPair({ node, server });
    await runReference(server.hub, source);
    await syncPair({ node, server });
    [id = ''] = await idsAt(node);
  }
  await using copy = await openNodePlace('H52', { copyOf: place });
  {
    await using node = await startNode(server, place);
    await contestOne(node, { id, by, reason: 'Theo giấy khai sinh gốc' });
    await sealAll(node);
  }
  {
    await using winner = await startNode(server, copy);
    await expect(ensureHello(winner)).rejects.toMatchObject({ code: 'NODE_CLONED' });
    await releaseUnit(db, 'H52');
    await putRecords(winner.database, [person(4, pinOf(4))]);
    await syncPair({ node: winner, server });
  }
  await using node = await startNode(server, place);
  await expect(ensureHello(node)).rejects.toMatchObject({ name: 'NodeError' });
  await releaseUnit(db, 'H52');
  await expect(ensureHello(node)).rejects.toMatchObject({ code: 'NODE_FORKED' });
  await rejoin(node, { dryRun: false });
  expect(await countCorrections(db, 'H52')).toMatchObject([{ contested: 0n }]);
  await syncPair({ node, server });
  expect(await countCorrections(db, 'H52')).toMatchObject([{ open: 1n, contested: 1n }]);
  expect(await openAt(node, true)).toEqual([[id, 'contested']]);
});

test('a restored hub that lost its comparisons knows what was contested once it has compared again', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  await using standIn = await openStandIn('population');
  const source = await openSource('population', standIn.url);
  standIn.people.set(pinOf(3), { ...same(3), 'identity.sex': '0' });
  const { dataDirectory } = server.hub;
  await startHub(server.hub);
  await using node = await startNode(server, place);
  await putRecords(node.database, [...tree, person(3, pinOf(3))]);
  await syncPair({ node, server });
  await using backup = await backupOf(server.hub.url);
  await runReference(server.hub, source);
  await syncPair({ node, server });
  const [id = ''] = await idsAt(node);
  await contestOne(node, { id, by, reason: 'Theo giấy khai sinh gốc' });
  await syncPair({ node, server });
  await keepWitness(server.hub);
  {
    await using restored = await openHubServer({ url: backup.url, dataDirectory, incarnation: 1n });
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openHubServer({ url: backup.url, dataDirectory, incarnation: 2n });
  await startHub(raised.hub);
  await using again = await startNode(raised, place);
  await syncPair({ node: again, server: raised });
  expect(await statesAt(again)).toEqual([]);
  await runReference(raised.hub, source);
  expect(await countCorrections(raised.hub.database.db, 'H52')).toMatchObject([{ contested: 1n }]);
  await syncPair({ node: again, server: raised });
  expect(await openAt(again, true)).toEqual([[id, 'contested']]);
});
