/** Packets that come again, late, or at the same moment: each has one effect, and none undoes a newer one. */
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { codesOf, openPacketNode, type TestPacketNode } from '../../../test/support/packet-node.ts';
import {
  packetBody,
  payProfile,
  profileOf,
  staffOf,
  treeBody,
  unitsOf,
} from '../../../test/support/packet-of.ts';
import { publishRows } from '../db/publish-intake.ts';

let place: TestPacketNode;
const drafts = Array.from(population({ seed: 7, agency: 'H52', size: 12, today: '2026-11-21' }));
const people = drafts
  .filter(({ sections }) => sections['employment']?.[0]?.['status'] === '1')
  .slice(0, 8);
/** Each test has a person of its own. */
const nth = (n: number): RecordDraft => {
  const draft = people[n];
  if (draft === undefined) throw new RangeError(`the population has no person ${n}`);
  return draft;
};

beforeAll(async () => {
  place = await openPacketNode();
  await place.sendTree(treeBody(unitsOf(drafts)));
  for (const draft of people) await place.send('M0001', packetBody('ADD', profileOf(draft)));
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

const state = async (): Promise<readonly unknown[]> => [
  await place.rowsOf('select count(*) from intake.row'),
  await place.rowsOf('select count(*) from intake.packet'),
  await place.rowsOf('select xmin::text, t.* from profile.salary t order by record_id'),
];

test('an id has one effect and one answer, and another content under it is refused', async () => {
  const staff = staffOf(nth(0));
  const body = (step: string) =>
    packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: step }), {
      Transaction_ID: 't-1',
      Created_At: '2099-01-01T00:00:00Z',
    });
  const first = await place.send('M0003', body('01/07/2021'));
  expect(first).toMatchObject({ err_code: 0, state: 'published', transaction_id: 't-1' });
  // a clerk's change is not undone by a repetition
  await place.node.database.pool.query(
    `update profile.salary set step_since = '2022' where record_id = $1`,
    [await place.recordOf(staff)],
  );
  const before = await state();
  expect(JSON.stringify(await place.send('M0003', body('01/07/2021')))).toBe(JSON.stringify(first));
  const again = packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: '01/07/2021' }));
  expect(await place.send('M0003', again, { idempotencyKey: 't-1' })).toEqual(first);
  expect(await place.send('M0003', again)).toEqual(first);
  expect(codesOf(await place.send('M0003', body('01/08/2021')))).toEqual([
    'packet_transaction_reused',
  ]);
  expect(await state()).toEqual(before);
  // of another source it is another packet
  expect(await place.send('M0003', body('01/07/2021'), { source: 'pay' })).toMatchObject({
    state: 'published',
  });
});

test('a late packet is refused with who wrote since and when, and a blind one says what it overwrote', async () => {
  const staff = staffOf(nth(1));
  const edit = (step: string, header: Record<string, string> = {}, source = 'hr') =>
    place.send('M0003', packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: step }), header), {
      source,
    });
  const seen = await edit('2020');
  const other = await edit('2021', { Version_Seen: seen.etag ?? '' }, 'pay');
  expect(other).toMatchObject({ err_code: 0, state: 'published', warnings: [] });
  const late = await edit('2022', { Version_Seen: seen.etag ?? '' });
  expect(late.errors).toMatchObject([
    { field: 'Data.Header.Version_Seen', code: 'NODE_PACKET_STALE' },
  ]);
  expect(late.errors[0]?.en).toMatch(/"pay" \(20\d\d-\d\d-\d\dT.+Z\)/u);
  const older = await edit('2022', { Created_At: '01/01/2026 08:00:00' });
  expect(older.errors).toMatchObject([
    { field: 'Data.Header.Created_At', code: 'NODE_PACKET_STALE' },
  ]);
  const since = async () =>
    (
      await place.rowsOf(
        'select step_since from profile.salary where record_id = $1',
        await place.recordOf(staff),
      )
    )[0]?.['step_since'];
  expect(await since()).toBe('2021');
  const blind = await edit('2023');
  expect(blind).toMatchObject({ err_code: 0, state: 'published' });
  expect(blind.warnings).toMatchObject([{ code: 'packet_overwrites' }]);
  expect(blind.warnings[0]?.vi).toContain('«pay»');
  const kept = await place.rowsOf(
    `select source #>> '{before,salary,0,step_since}' as was from intake.row
     where source ? 'before' and record_id = $1`,
    await place.recordOf(staff),
  );
  expect(kept).toEqual([{ was: '2021' }]);
  // plain SQL is seen too
  await place.node.database.pool.query(
    `update profile.salary set step_since = '2024' where record_id = $1`,
    [await place.recordOf(staff)],
  );
  const behind = await edit('2025', { Version_Seen: blind.etag ?? '' });
  expect(behind.errors[0]?.en).toContain('"database"');
  expect(await since()).toBe('2024');
});

test('a packet that was held up on its way does not undo a later one of its own program', async () => {
  const staff = staffOf(nth(4));
  const edit = (step: string, madeAt: string) =>
    place.send(
      'M0003',
      packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: step }), { Created_At: madeAt }),
    );
  // a clock that goes ahead counts as now
  expect(await edit('2021', '2099-01-01T00:00:00Z')).toMatchObject({ state: 'published' });
  expect(await edit('2022', new Date().toISOString())).toMatchObject({ state: 'published' });
  const late = await edit('2020', '2026-01-01T00:00:00Z');
  expect(late.errors).toMatchObject([{ code: 'NODE_PACKET_STALE' }]);
  expect(late.errors[0]?.en).toContain('"hr"');
});

test('two packets for one person at once are written one after the other, and one ADD of two wins', async () => {
  const staff = staffOf(nth(2));
  const [one, two] = await Promise.all([
    place.send('M0003', packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: '2020' }))),
    place.send(
      'M0005',
      packetBody('EDIT', { SoHieuCBCCVC_BNDP: staff, THONGTIN_KHAC: { SoTheDang: '77' } }),
    ),
  ]);
  expect([one.state, two.state]).toEqual(['published', 'published']);
  expect(one.etag).not.toBe(two.etag);
  const remove = packetBody('DEL', { SoHieuCBCCVC_BNDP: staff });
  expect(await place.send('M0001', remove)).toMatchObject({ state: 'published' });
  const add = packetBody('ADD', profileOf(nth(2)));
  const replies = await Promise.all([1, 2, 3].map(() => place.send('M0001', add)));
  expect(replies.map((reply) => reply.state).toSorted()).toEqual([
    'published',
    'refused',
    'refused',
  ]);
  expect(
    await place.rowsOf('select 1 as n from profile.employment where staff_number = $1', staff),
  ).toEqual([{ n: 1 }]);
});

test('what a source under review sends waits, once, and after a rejection may come again', async () => {
  const staff = staffOf(nth(3));
  const body = packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: '2019' }));
  const waiting = await place.send('M0003', body, { source: 'new' });
  expect(waiting).toMatchObject({ err_code: 0, state: 'waiting', etag: null });
  expect(await place.send('M0003', body, { source: 'new' })).toEqual(waiting);
  const openRows = () =>
    place.rowsOf(`select r.import_id, r.state from intake.row r join intake.import i on i.id = r.import_id
            where i.source = 'new' order by i.started_at`);
  const [row] = await openRows();
  await place.node.database.pool.query(
    `update intake.row set state = 'rejected' where import_id = $1`,
    [row?.['import_id']],
  );
  expect(await place.send('M0003', body, { source: 'new' })).toMatchObject({ state: 'waiting' });
  const [, second] = await openRows();
  await transaction(place.node.database, ({ db }) =>
    publishRows(db, { importId: String(second?.['import_id']), decidedBy: 'a reviewer' }),
  );
  expect((await openRows()).map((one) => one['state'])).toEqual(['rejected', 'published']);
  expect(
    await place.rowsOf(
      'select step_since from profile.salary where record_id = $1',
      await place.recordOf(staff),
    ),
  ).toEqual([{ step_since: '2019' }]);
});

test('an ADD that waits for review is there once', async () => {
  const draft = nth(5);
  await place.send('M0001', packetBody('DEL', { SoHieuCBCCVC_BNDP: staffOf(draft) }));
  const add = packetBody('ADD', profileOf(draft));
  const first = await place.send('M0001', add, { source: 'new' });
  expect(first.state).toBe('waiting');
  expect(await place.send('M0001', add, { source: 'new' })).toEqual(first);
});

test('of two packets that wait for review the one that was made later stays', async () => {
  const staff = staffOf(nth(6));
  const edit = (step: string, madeAt = '') =>
    place.send(
      'M0003',
      packetBody('EDIT', payProfile(staff, { TuNgayHuongBac: step }), { Created_At: madeAt }),
      { source: 'new' },
    );
  // both after the record was written by another
  const [earlier, later] = [5, 0].map((ms) => new Date(Date.now() - ms).toISOString());
  expect(await edit('2021', later)).toMatchObject({ state: 'waiting' });
  const older = await edit('2020', earlier);
  expect(older.errors).toMatchObject([
    { field: 'Data.Header.Created_At', code: 'NODE_PACKET_STALE' },
  ]);
  const waiting = () =>
    place.rowsOf(
      `select sections #>> '{salary,0,step_since}' as since, import_id from intake.row r
       where r.state = 'waiting' and r.record_id = (
         select record_id from profile.employment where staff_number = $1)`,
      staff,
    );
  const [row] = await waiting();
  expect(row).toMatchObject({ since: '2021' });
  // what a reviewer rejected holds nothing back
  await place.node.database.pool.query(
    `update intake.row set state = 'rejected' where import_id = $1`,
    [row?.['import_id']],
  );
  expect(await edit('2020', earlier)).toMatchObject({ state: 'waiting' });
});

test('a packet about a person who has a new record since is a new one', async () => {
  const draft = nth(7);
  const staff = staffOf(draft);
  const remove = packetBody('DEL', { SoHieuCBCCVC_BNDP: staff });
  const removed = await place.send('M0001', remove);
  // the answer was lost, and the person is gone
  expect(await place.send('M0001', remove)).toEqual(removed);
  const add = packetBody('ADD', profileOf(draft));
  expect(await place.send('M0001', add, { source: 'pay' })).toMatchObject({ state: 'published' });
  const again = await place.recordOf(staff);
  expect(await place.send('M0001', remove)).toMatchObject({ state: 'published' });
  expect(await place.rowsOf('select from profile.record where record_id = $1', again)).toEqual([]);
});
