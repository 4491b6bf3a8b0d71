/** A unit without a network: everything it does with the hub goes by files, in good and bad order. */
import { readFile, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { revokeUnit } from '../../../hub/src/sync/enrol-node.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { expectEqual, openCourier } from '../../../test/support/bundle-courier.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { openVerdicts } from '../db/mirror.ts';
import { exportBundle } from './export-bundle.ts';

/** A node whose tree is at the hub, and a courier between them. */
async function openMet() {
  await using stack = new AsyncDisposableStack();
  const { hub, node } = stack.use(await openPair());
  const courier = stack.use(await openCourier());
  await putRecords(node.database, tree);
  await courier.round(hub, node);
  const opened = stack.move();
  return { hub, node, courier, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('a unit lives on bundles alone: edits, verdicts, totals, checkpoints and the proof go by file', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  await putRecords(node.database, [...tree, person(16, pinOf(16))]);

  // the first bundle has the hello alone, since nobody has told a key
  const first = await courier.fromNode(node);
  expect((await readFile(first)).includes('001080')).toBe(false);
  expect(await courier.toHub(hub, first)).toMatchObject({ batches: 0, relation: 'EQUAL' });
  const welcome = await courier.toNode(node, await courier.fromHub(hub));
  expect(welcome).toMatchObject({ welcomed: true, receipts: 0 });

  const second = await courier.fromNode(node);
  expect(await courier.toHub(hub, second)).toMatchObject({
    batches: 1,
    receipted: 1,
    relation: 'EQUAL',
    applied: 1,
  });
  const answer = await courier.fromHub(hub);
  const taken = await courier.toNode(node, answer);
  expect(taken).toMatchObject({ welcomed: true, receipts: 1, unreceipted: 0n });
  expect(taken.proofAt).toBeInstanceOf(Date);
  expect(Number(taken.feedEntries)).toBeGreaterThan(3);
  await expectEqual(hub, node);
  // nothing of a person can be read on the medium
  for (const path of [second, answer]) {
    const bytes = await readFile(path);
    for (const text of [pinOf(16), 'H52.01', 'Người']) expect(bytes.includes(text)).toBe(false);
  }

  // an edit, a deletion, and a PIN that the hub refuses: the verdict comes back
  await node.database.pool.query(
    `update profile.identity set full_name = 'Người Đổi Tên' where record_id = $1`,
    [recordId(16)],
  );
  await putRecords(node.database, [person(17, pinOf(17), { fields: { sex: '7' } })]);
  await courier.round(hub, node);
  expect((await openVerdicts(node.database.db)).map((one) => one.recordId)).toEqual([recordId(17)]);
  await node.database.pool.query('delete from profile.record where record_id = $1', [recordId(17)]);
  await makeCheckpoint(hub, '2026-11-01');
  await hub.database.pool.query('update registry.unit set safe_seq = 1');
  await courier.round(hub, node);
  expect(await openVerdicts(node.database.db)).toEqual([]);
  await expectEqual(hub, node);
  const { rows } = await node.database.pool.query(
    `select (select count(*) from sync.totals_report where receipt is not null) as reports,
      (select count(*) from sync.checkpoint) as checkpoints,
      (select json_agg(seq) from sync.outbox_batch where content is null) as dropped`,
  );
  expect(rows).toEqual([{ reports: 1n, checkpoints: 1n, dropped: [1] }]);
  expect(
    await rowsOf(hub, 'select epoch, status, head_seq, applied_seq from registry.unit'),
  ).toEqual([[4n, 'active', 3n, 3n]]);
});

test('a bundle imported twice is answered with the same bytes, and changes nothing', async () => {
  await using met = await openMet();
  const { hub, node, courier } = met;
  const path = await courier.fromNode(node);
  await courier.toHub(hub, path);
  const state = 'select to_jsonb(u) - $$created_at$$ from registry.unit u';
  const replies = 'select bundle, item, part, subject, settled, body from sync.bundle_reply';
  const before = [await rowsOf(hub, state), await rowsOf(hub, replies)];
  expect(await courier.toHub(hub, path)).toMatchObject({ again: true });
  expect([await rowsOf(hub, state), await rowsOf(hub, replies)]).toEqual(before);
  // the answer is made again, and taken again
  for (const answer of [await courier.fromHub(hub), await courier.fromHub(hub)]) {
    await courier.toNode(node, answer);
    await courier.toNode(node, answer);
    await expectEqual(hub, node);
  }
  expect(await rowsOf(hub, 'select epoch, status from registry.unit')).toEqual([[2n, 'active']]);
});

test('two bundles without an answer between: the second repeats the first, and seals nothing more', async () => {
  await using met = await openMet();
  const { hub, node, courier } = met;
  const first = await courier.fromNode(node);
  await putRecords(node.database, [person(16, pinOf(16))]);
  const path = `${courier.folder}/second`;
  expect(await exportBundle(node, { path, force: false })).toMatchObject({
    sealed: false,
    recordsSealed: 0,
    batches: 1,
  });
  // the second arrives alone: it does for both
  expect(await courier.toHub(hub, path)).toMatchObject({ receipted: 1, relation: 'EQUAL' });
  expect(await courier.toHub(hub, first)).toMatchObject({ receipted: 0, relation: 'EQUAL' });
  const taken = await courier.toNode(node, await courier.fromHub(hub));
  expect(taken).toMatchObject({ welcomed: true, receipts: 1, unreceipted: 0n });
  await courier.round(hub, node);
  await expectEqual(hub, node);
});

/** Has the machine go down in the middle of it, before the first such change of a row. */
async function interrupt(
  hub: TestHub,
  change: string,
  when: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const { pool } = hub.database;
  await pool.query(
    `create function sync.stop_here() returns trigger language plpgsql as $$
     begin raise exception 'the machine goes down' using errcode = '57P01'; end $$;
     create trigger stop_here before ${change} for each row when (${when}) execute function sync.stop_here()`,
  );
  await expect(act()).rejects.toMatchObject({ code: '57P01' });
  await pool.query('drop function sync.stop_here() cascade');
}

test('an interrupted import goes on where it was', async () => {
  await using met = await openMet();
  const { hub, node, courier } = met;
  const path = await courier.fromNode(node);
  const part = await rowsOf(hub, `select max(id) from sync.bundle`);
  await interrupt(hub, 'insert on sync.bundle_reply', `new.part = 'HELLO_REPLY'`, () =>
    courier.toHub(hub, path),
  );
  await expect(courier.fromHub(hub)).resolves.toBeDefined();
  expect(await courier.toHub(hub, path)).toMatchObject({ again: false, relation: 'EQUAL' });
  expect(await rowsOf(hub, 'select max(id) from sync.bundle')).not.toEqual(part);
  await courier.toNode(node, await courier.fromHub(hub));
  await expectEqual(hub, node);
  // the hello was said twice under one nonce: it has two epochs, and the answer the second
  expect(await rowsOf(hub, 'select epoch, status from registry.unit')).toEqual([[3n, 'active']]);
});

test('an import that was interrupted at its end says in full what was answered', async () => {
  await using met = await openMet();
  const { hub, node, courier } = met;
  const path = await courier.fromNode(node);
  await interrupt(hub, 'update on sync.bundle', 'new.imported_at is not null', () =>
    courier.toHub(hub, path),
  );
  expect(await courier.toHub(hub, path)).toMatchObject({
    again: false,
    batches: 1,
    receipted: 1,
    relation: 'EQUAL',
    applied: 1,
  });
  await courier.toNode(node, await courier.fromHub(hub));
  await expectEqual(hub, node);
});

test('a unit of the tree that comes after its people, and a record too many, are nothing special', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  await courier.round(hub, node);
  await node.database.pool.query('update sync.link set batch_records_max = 2');
  await putRecords(node.database, [
    ...tree,
    orgUnit(3, 'H52.02', { parent: 'H52' }),
    ...[16, 17, 18, 19].map((n) => person(n, pinOf(n))),
  ]);
  const taken = await courier.round(hub, node);
  expect(taken.receipts).toBeGreaterThan(2);
  await expectEqual(hub, node);
});

test('what is no bundle of this unit for this hub is refused, and nothing of it is taken', async () => {
  await using pair = await openPair();
  await using other = await openPair({ agency: 'G09' });
  await using courier = await openCourier();
  const { hub, node } = pair;
  await putRecords(node.database, tree);
  await courier.round(hub, node);
  await courier.round(other.hub, other.node);
  const good = await courier.fromNode(node);
  const refused = async (path: string, code: string, detail = ''): Promise<void> => {
    const before = await rowsOf(hub, 'select to_jsonb(u) from registry.unit u');
    await expect(courier.toHub(hub, path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(detail),
    });
    expect(await rowsOf(hub, 'select to_jsonb(u) from registry.unit u')).toEqual(before);
  };
  const foreign = { ...node, audience: Buffer.alloc(32) };
  await refused(await courier.fromNode(foreign), 'HUB_AUDIENCE_MISMATCH');
  await refused(await courier.fromNode(other.node), 'HUB_CERTIFICATE_UNKNOWN', 'G09');
  await refused(await courier.fromNode({ ...node, agency: 'G09' }), 'HUB_CERTIFICATE_UNKNOWN');
  const stranger = { ...node, signingKey: other.node.signingKey };
  await refused(await courier.fromNode(stranger), 'HUB_BUNDLE_INVALID', 'not signed');
  const bytes = await readFile(good);
  const damaged = `${courier.folder}/damaged`;
  for (const length of [0, 10, 100, bytes.length >> 1, bytes.length - 1]) {
    await writeFile(damaged, bytes.subarray(0, length));
    await refused(damaged, 'HUB_BUNDLE_INVALID');
  }
  const answer = await courier.fromHub(hub);
  await refused(answer, 'HUB_BUNDLE_INVALID', 'it is for a node');

  // and at the node
  await expect(courier.toNode(node, good)).rejects.toMatchObject({ code: 'NODE_BUNDLE_INVALID' });
  await expect(courier.toNode(other.node, answer)).rejects.toThrow('it is for another unit');
  await writeFile(damaged, (await readFile(answer)).subarray(0, 500));
  await expect(courier.toNode(node, damaged)).rejects.toThrow('it is cut off');

  // what is refused on the line is refused on a medium: an expired certificate, a frozen unit, a revoked one
  await hub.database.pool.query(`update registry.certificate set not_after = now()`);
  await refused(good, 'HUB_CERTIFICATE_UNKNOWN');
  await hub.database.pool.query(`update registry.certificate set not_after = now() + '1 day'`);
  await hub.database.pool.query(`update registry.unit set status = 'frozen'`);
  await refused(good, 'HUB_UNIT_FROZEN');
  await revokeUnit(hub, 'H52');
  await refused(good, 'HUB_CERTIFICATE_UNKNOWN');
  await expect(courier.fromHub(hub)).rejects.toMatchObject({ code: 'HUB_CERTIFICATE_UNKNOWN' });
});

test('nothing to answer, a file that is there, and a folder that is not are told by name', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  await courier.toHub(hub, await courier.fromNode(node)).catch(() => undefined);
  await hub.database.pool.query('delete from sync.bundle_reply; delete from sync.bundle');
  await expect(courier.fromHub(hub)).rejects.toMatchObject({ code: 'HUB_BUNDLE_UNANSWERABLE' });
  const path = await courier.fromNode(node);
  const before = await readFile(path);
  await expect(exportBundle(node, { path, force: false })).rejects.toMatchObject({
    code: 'NODE_BUNDLE_EXISTS',
  });
  expect(await readFile(path)).toEqual(before);
  await exportBundle(node, { path, force: true });
  expect(await readFile(path)).not.toEqual(before);
  const nowhere = `${courier.folder}/none/a.bundle`;
  await expect(exportBundle(node, { path: nowhere, force: false })).rejects.toMatchObject({
    code: 'NODE_BUNDLE_UNWRITTEN',
  });
});

test('an item that the line would refuse is refused alone', async () => {
  await using met = await openMet();
  const { hub, node, courier } = met;
  // the clock of the node is ahead, and with it the day of its report
  const right = node.clock.now;
  node.clock.now = new Date(right.getTime() + 5 * 86_400_000);
  expect(await courier.toHub(hub, await courier.fromNode(node))).toMatchObject({
    receipted: 1,
    relation: 'EQUAL',
    refused: ['TOTALS: HUB_UNREADABLE'],
  });
  expect(await courier.toNode(node, await courier.fromHub(hub))).toMatchObject({ welcomed: true });
  await expectEqual(hub, node);
  node.clock.now = right;
  await courier.round(hub, node);
  expect(await rowsOf(hub, 'select count(*) from sync.totals_report')).toEqual([[1n]]);
});
