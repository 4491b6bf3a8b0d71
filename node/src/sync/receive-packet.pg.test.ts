/** Packets on the tables of a node: what they write, what they refuse, and nothing lost or hidden. */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { codesOf, openPacketNode, type TestPacketNode } from '../../../test/support/packet-node.ts';
import {
  packetBody,
  packetPart,
  payProfile,
  profileOf,
  staffOf,
  treeBody,
  unitsOf,
} from '../../../test/support/packet-of.ts';
import { storeMappedCodes, unmappedValues } from '../db/sources.ts';
import { readStoredSections } from '../db/stored-sections.ts';
import type { PacketReply } from '../packet/reply.ts';

let place: TestPacketNode;
const drafts = Array.from(population({ seed: 7, agency: 'H52', size: 12, today: '2026-11-21' }));
const people = drafts.filter(
  ({ kind, sections }) => kind === 'person' && sections['employment']?.[0]?.['status'] === '1',
);
const nth = (n: number): RecordDraft => {
  const draft = people[n];
  if (draft === undefined) throw new RangeError(`the population has no person ${n}`);
  return draft;
};

beforeAll(async () => {
  place = await openPacketNode();
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

const employments = 'select xmin::text, t.* from profile.employment t order by record_id';

test('a tree and a population come in by packets as they are, and again without effect', async () => {
  const body = treeBody(unitsOf(drafts));
  const tree = await place.sendTree(body);
  expect(tree).toMatchObject({ err_code: 0, state: 'published', errors: [], warnings: [] });
  expect(await place.sendTree(body)).toEqual(tree);
  // what a program brings has the due day of the unit's own systems
  expect(await place.rowsOf('select distinct origin from sync.change_log')).toEqual([
    { origin: 's' },
  ]);
  expect(await place.rowsOf('select count(*)::integer from profile.org_unit')).toEqual([
    { count: unitsOf(drafts).length },
  ]);
  const orphan = await place.sendTree(
    treeBody([
      { MaDonVi: 'H52.XX', TenDonVi: '', MaDonViCapTren: 'H52.YY' },
      { MaDonVi: 'H53' },
      1,
    ]),
  );
  expect(orphan.errors.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'DS_DONVI[0].TenDonVi required',
    'DS_DONVI[0].MaDonViCapTren parent_unknown',
    'DS_DONVI[1].TenDonVi required',
    'DS_DONVI[1].MaDonVi unit_outside_agency',
    'DS_DONVI[2] packet_shape',
  ]);

  for (const draft of people) {
    const add = packetBody('ADD', profileOf(draft));
    const reply = await place.send('M0001', add);
    expect([reply.errors, reply.state]).toEqual([[], 'published']);
    const id = await place.recordOf(staffOf(draft));
    const stored = await readStoredSections(place.node.database.db, [id]);
    expect(stored.get(id)).toEqual(packetPart(draft));
    const before = await place.rowsOf(employments);
    const same = await place.send(
      'M0001',
      packetBody('EDIT', profileOf(draft), { Transaction_ID: `e-${id}` }),
    );
    expect(same).toMatchObject({ state: 'unchanged', etag: reply.etag, transaction_id: `e-${id}` });
    expect(await place.rowsOf(employments)).toEqual(before);
  }
  expect(place.logged()).not.toMatch(/[0-9]{12}/u);
});

test('a value without a mapping is refused, listed, and comes through once it is mapped', async () => {
  const staff = staffOf(nth(4));
  const body = packetBody('EDIT', {
    SoHieuCBCCVC_BNDP: staff,
    DS_KETQUA_DANHGIA_PHANLOAI: [{ Nam: '2025', KetQuaDanhGia: 'A+' }],
  });
  const refused = await place.send('M0006', body);
  expect(refused.errors).toMatchObject([
    { field: 'DS_KETQUA_DANHGIA_PHANLOAI[0].KetQuaDanhGia', code: 'code_unknown' },
  ]);
  expect(await unmappedValues(place.node.database.db, 'hr')).toContainEqual({
    source: 'hr',
    list: 'KET_QUA_DANH_GIA',
    value: 'A+',
    rows: 1,
    fields: ['grade'],
  });
  await storeMappedCodes(place.node.database.db, 'hr', [
    { list: 'KET_QUA_DANH_GIA', value: 'A+', code: '1' },
  ]);
  expect(await place.send('M0006', body)).toMatchObject({ err_code: 0, state: 'published' });
});

test('one person has one record: numbers that another record has, and records that are closed', async () => {
  const held = profileOf(nth(5));
  const told = { ...Object(held['THONGTINCHUNG']), SoHieuCBCCVC: 'H52-NEW' };
  const other = { ...held, SoHieuCBCCVC_BNDP: 'H52-NEW', THONGTINCHUNG: told };
  const add = (): Promise<PacketReply> => place.send('M0001', packetBody('ADD', other));
  expect((await add()).errors).toMatchObject([
    { field: 'THONGTINCHUNG.SoDinhDanhCaNhan', code: 'pin_held_elsewhere' },
  ]);
  const id = await place.recordOf(staffOf(nth(5)));
  const set = (values: string) =>
    place.node.database.pool.query(`update profile.employment set ${values} where record_id = $1`, [
      id,
    ]);
  await set(`status = '3', status_date = '2026-01'`);
  expect(codesOf(await add())).toContain('record_closed');
  // a closed record is changed by a person only
  const edit = packetBody('EDIT', payProfile(staffOf(nth(5)), { TuNgayHuongBac: '2018' }));
  expect(await place.send('M0003', edit)).toMatchObject({ err_code: 0, state: 'waiting' });
  await set(`status = '1', status_date = null, staff_number = null`);
  const linked = await add();
  expect([linked.state, codesOf(linked)]).toEqual([
    'published',
    expect.arrayContaining(['packet_linked']),
  ]);
  expect(await place.recordOf('H52-NEW')).toBe(id);
});

test('a staff number that two active records have names nobody', async () => {
  const [one, other] = [staffOf(nth(7)), staffOf(nth(6))];
  const rename = (from: string, to: string) =>
    place.node.database.pool.query(
      `update profile.employment set staff_number = $2 where record_id = $1`,
      [from, to],
    );
  const id = await place.recordOf(other);
  await rename(id, one);
  const reply = await place.send('M0003', packetBody('EDIT', payProfile(one, { BacLuong: '2' })));
  expect(reply.errors).toMatchObject([
    { field: 'SoHieuCBCCVC_BNDP', code: 'packet_key_ambiguous' },
  ]);
  await rename(id, other);
});

test('DEL of a block clears it, and what no packet holds stays', async () => {
  const staff = staffOf(nth(6));
  const id = await place.recordOf(staff);
  const del = packetBody('DEL', { SoHieuCBCCVC_BNDP: staff });
  expect(await place.send('M0003', del)).toMatchObject({ err_code: 0, state: 'published' });
  const stored = (await readStoredSections(place.node.database.db, [id])).get(id) ?? {};
  for (const name of ['salary', 'salary_history', 'allowance_history']) {
    expect([name, stored[sectionNamed(name).name]]).toEqual([name, undefined]);
  }
  expect(stored['position']?.[0]).toEqual({
    job_position: packetPart(nth(6))['position']?.[0]?.['job_position'],
  });
  expect(stored['education']).toEqual(packetPart(nth(6))['education']);
});

test('what cannot be read is answered and kept as it came', async () => {
  const broken = await place.send('M0001', Buffer.from('{"org_Code":"H52","jsonContent":"%%%"}'));
  expect(broken.errors).toMatchObject([{ field: 'jsonContent', code: 'packet_unreadable' }]);
  const foreign = await place.send(
    'M0001',
    Buffer.from(String(packetBody('ADD', {})).replace('"H52"', '"G09"')),
  );
  expect(foreign.errors.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'org_Code unit_outside_agency',
    'SoHieuCBCCVC_BNDP packet_member_missing',
    'THONGTINCHUNG packet_member_missing',
  ]);
  const kept = await place.rowsOf(
    `select source ->> 'received' as received from intake.row where source ? 'received'`,
  );
  expect(kept).toEqual([{ received: '{"org_Code":"H52","jsonContent":"%%%"}' }]);
});

test('of a packet full of faults the first thousand are told and kept, errors first', async () => {
  const members = Array.from({ length: 2000 }, (_, i) => [`x${i}`, '']);
  const faulty = { ...Object.fromEntries(members), SoTheDang: ['1'] };
  const body = packetBody('EDIT', { SoHieuCBCCVC_BNDP: 'nobody', THONGTIN_KHAC: faulty });
  const reply = await place.send('M0005', body);
  expect(reply.errors.map((one) => one.code)).toEqual(['packet_shape', 'packet_key_unknown']);
  expect(reply.warnings).toHaveLength(998);
  const [kept] = await place.rowsOf(
    `select jsonb_array_length(findings) as told from intake.row order by import_id desc limit 1`,
  );
  expect(kept).toEqual({ told: 1000 });
  // a tree of more units than any agency has is not taken apart
  const tree = await place.sendTree(treeBody(Array.from({ length: 20_001 }, () => 1)));
  expect(tree.errors).toMatchObject([{ field: 'Data.Body.DS_DONVI', code: 'packet_shape' }]);
});

test('an id that is too long is told of, wherever it stands', async () => {
  const long = 'x'.repeat(101);
  const profile = { SoHieuCBCCVC_BNDP: staffOf(nth(3)), THONGTIN_KHAC: {} };
  const own = await place.send('M0005', packetBody('EDIT', profile, { Transaction_ID: long }));
  expect(own.errors.map((one) => one.field)).toEqual(['Data.Header.Transaction_ID']);
  const key = { idempotencyKey: long };
  const ofCall = await place.send('M0005', packetBody('EDIT', profile), key);
  expect(ofCall.errors.map((one) => one.field)).toEqual(['Idempotency-Key']);
});
