/** Packets on the tables of a node: one effect each, whoever else writes, and nothing lost or hidden. */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';
import {
  type Database,
  openDatabase,
  transaction,
} from '@lienthong/shared-schema/runtime/database.ts';
import { keptCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { logTo } from '@lienthong/shared-schema/runtime/log.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { packetBody, packetPart, profileOf } from '../../../test/support/packet-of.ts';
import { type NodePlace, openNodePlace } from '../../../test/support/test-node.ts';
import { publishRows } from '../db/publish-intake.ts';
import { storeMappedCodes, unmappedValues } from '../db/sources.ts';
import { readStoredSections } from '../db/stored-sections.ts';
import type { PacketReply } from '../packet/reply.ts';
import type { Service } from '../packet/structure.ts';
import { issueKey } from './keys.ts';
import { type PacketNode, receivePacket } from './receive-packet.ts';
import { receiveTree } from './receive-tree.ts';

let place: NodePlace;
let database: Database;
let node: PacketNode;
const logged: string[] = [];
const drafts = Array.from(population({ seed: 7, agency: 'H52', size: 12, today: '2026-11-21' }));
const people = drafts.filter(
  ({ kind, sections }) => kind === 'person' && sections['employment']?.[0]?.['status'] === '1',
);

beforeAll(async () => {
  place = await openNodePlace('H52');
  database = openDatabase(place.url, { max: 10, applicationName: 'packets' });
  node = {
    database,
    agency: 'H52',
    now: () => new Date(),
    log: logTo({ write: (line) => void logged.push(line) }, 'node', 'debug'),
    codeBook: keptCodeBook(),
  };
  for (const [name, review] of [
    ['hr', false],
    ['pay', false],
    ['new', true],
  ] as const) {
    await issueKey(node, { name, scopes: ['packets'], review });
  }
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

type Options = { readonly source?: string; readonly idempotencyKey?: string };

const send = (service: Service, body: Buffer, options: Options = {}): Promise<PacketReply> =>
  receivePacket(node, { source: 'hr', idempotencyKey: null, service, body, ...options });

const rowsOf = async (
  text: string,
  ...values: readonly unknown[]
): Promise<Record<string, unknown>[]> =>
  (await database.pool.query<Record<string, unknown>>(text, [...values])).rows;

const staffOf = ({ sections }: RecordDraft): string =>
  sections['employment']?.[0]?.['staff_number'] ?? '';
const nth = (n: number): RecordDraft => {
  const draft = people[n];
  if (draft === undefined) throw new RangeError(`the population has no person ${n}`);
  return draft;
};

async function recordOf(staff: string): Promise<string> {
  const [row] = await rowsOf(
    'select record_id from profile.employment where staff_number = $1',
    staff,
  );
  return String(row?.['record_id']);
}

const state = async (): Promise<readonly unknown[]> => [
  await rowsOf('select count(*) from intake.row'),
  await rowsOf('select count(*) from intake.packet'),
  await rowsOf(`select xmin::text, t.* from profile.employment t order by record_id`),
  await rowsOf(`select xmin::text, t.* from profile.salary t order by record_id`),
];

const pay = (staff: string, members: object): object => ({
  SoHieuCBCCVC_BNDP: staff,
  LUONG_PHUCAP_CHUCVU: members,
});

const codesOf = (reply: PacketReply): readonly string[] =>
  [...reply.errors, ...reply.warnings].map((one) => one.code);

test('a tree and a population come in by packets as they are, and again without effect', async () => {
  const units = drafts.flatMap(({ kind, sections }) =>
    kind === 'org_unit' ? (sections['org_unit'] ?? []) : [],
  );
  const treePacket = (list: readonly unknown[]): Buffer => {
    const content = { Data: { Header: { Action_Type: 'EDIT' }, Body: { DS_DONVI: list } } };
    const jsonContent = Buffer.from(JSON.stringify(content)).toString('base64');
    return Buffer.from(JSON.stringify({ org_Code: '000.00.00.H52', jsonContent }));
  };
  const written = units.map((unit) => ({
    MaDonVi: unit['code'],
    TenDonVi: unit['name'],
    MaDonViCapTren: unit['parent_code'] ?? '',
    LoaiHinh: unit['unit_type'] ?? '',
  }));
  const body = treePacket(written);
  const sendTree = (packet: Buffer) =>
    receiveTree(node, { source: 'hr', idempotencyKey: null, body: packet });
  const tree = await sendTree(body);
  expect(tree).toMatchObject({ err_code: 0, state: 'published', errors: [], warnings: [] });
  expect(await sendTree(body)).toEqual(tree);
  // what a program brings has the due day of the unit's own systems
  expect(await rowsOf('select distinct origin from sync.change_log')).toEqual([{ origin: 's' }]);
  expect(await rowsOf('select count(*)::integer from profile.org_unit')).toEqual([
    { count: units.length },
  ]);
  const orphan = await sendTree(
    treePacket([
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
    const reply = await send('M0001', add);
    expect([reply.errors, reply.state]).toEqual([[], 'published']);
    const id = await recordOf(staffOf(draft));
    const stored = await readStoredSections(database.db, [id]);
    expect(stored.get(id)).toEqual(packetPart(draft));
    const before = await state();
    const same = await send(
      'M0001',
      packetBody('EDIT', profileOf(draft), { Transaction_ID: `e-${id}` }),
    );
    expect(same).toMatchObject({ state: 'unchanged', etag: reply.etag, transaction_id: `e-${id}` });
    expect((await state())[2]).toEqual(before[2]);
  }
  expect(logged.join('')).not.toMatch(/[0-9]{12}/u);
});

test('an id has one effect and one answer, and another content under it is refused', async () => {
  const staff = staffOf(nth(0));
  const body = (step: string) =>
    packetBody('EDIT', pay(staff, { TuNgayHuongBac: step }), {
      Transaction_ID: 't-1',
      Created_At: '2099-01-01T00:00:00Z',
    });
  const first = await send('M0003', body('01/07/2021'));
  expect(first).toMatchObject({ err_code: 0, state: 'published', transaction_id: 't-1' });
  // a clerk's change is not undone by a repetition
  await database.pool.query(`update profile.salary set step_since = '2022' where record_id = $1`, [
    await recordOf(staff),
  ]);
  const before = await state();
  expect(JSON.stringify(await send('M0003', body('01/07/2021')))).toBe(JSON.stringify(first));
  const again = packetBody('EDIT', pay(staff, { TuNgayHuongBac: '01/07/2021' }));
  expect(await send('M0003', again, { idempotencyKey: 't-1' })).toEqual(first);
  expect(await send('M0003', again)).toEqual(first);
  expect(codesOf(await send('M0003', body('01/08/2021')))).toEqual(['packet_transaction_reused']);
  expect(await state()).toEqual(before);
  // of another source it is another packet
  expect(await send('M0003', body('01/07/2021'), { source: 'pay' })).toMatchObject({
    state: 'published',
  });
});

test('a late packet is refused with who wrote since and when, and a blind one says what it overwrote', async () => {
  const staff = staffOf(nth(1));
  const edit = (step: string, header: Record<string, string> = {}, source = 'hr') =>
    send('M0003', packetBody('EDIT', pay(staff, { TuNgayHuongBac: step }), header), { source });
  const seen = await edit('2020');
  const other = await edit('2021', { Version_Seen: seen.etag ?? '' }, 'pay');
  expect(other).toMatchObject({ err_code: 0, state: 'published', warnings: [] });
  const late = await edit('2022', { Version_Seen: seen.etag ?? '' });
  expect(late.errors).toMatchObject([
    { field: 'Data.Header.Version_Seen', code: 'NODE_PACKET_STALE' },
  ]);
  expect(late.errors[0]?.en).toMatch(/"pay" \(20\d\d-\d\d-\d\dT.+Z\)/u);
  const older = await edit('2022', { Created_At: '01/01/2026 08:00:00' });
  expect(codesOf(older)).toEqual(['NODE_PACKET_STALE']);
  const since = async () =>
    (
      await rowsOf(
        'select step_since from profile.salary where record_id = $1',
        await recordOf(staff),
      )
    )[0]?.['step_since'];
  expect(await since()).toBe('2021');
  const blind = await edit('2023');
  expect(blind).toMatchObject({ err_code: 0, state: 'published' });
  expect(blind.warnings).toMatchObject([{ code: 'packet_overwrites' }]);
  expect(blind.warnings[0]?.vi).toContain('«pay»');
  const kept = await rowsOf(
    `select source #>> '{before,salary,0,step_since}' as was from intake.row
     where source ? 'before' and record_id = $1`,
    await recordOf(staff),
  );
  expect(kept).toEqual([{ was: '2021' }]);
  // plain SQL is seen too
  await database.pool.query(`update profile.salary set step_since = '2024' where record_id = $1`, [
    await recordOf(staff),
  ]);
  const behind = await edit('2025', { Version_Seen: blind.etag ?? '' });
  expect(behind.errors[0]?.en).toContain('"database"');
  expect(await since()).toBe('2024');
});

test('a packet that was held up on its way does not undo a later one of its own program', async () => {
  const staff = staffOf(nth(7));
  const edit = (step: string, madeAt: string) =>
    send('M0003', packetBody('EDIT', pay(staff, { TuNgayHuongBac: step }), { Created_At: madeAt }));
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
    send('M0003', packetBody('EDIT', pay(staff, { TuNgayHuongBac: '2020' }))),
    send(
      'M0005',
      packetBody('EDIT', { SoHieuCBCCVC_BNDP: staff, THONGTIN_KHAC: { SoTheDang: '77' } }),
    ),
  ]);
  expect([one.state, two.state]).toEqual(['published', 'published']);
  expect(one.etag).not.toBe(two.etag);
  const remove = packetBody('DEL', { SoHieuCBCCVC_BNDP: staff });
  expect(await send('M0001', remove)).toMatchObject({ state: 'published' });
  const add = packetBody('ADD', profileOf(nth(2)));
  const replies = await Promise.all([1, 2, 3].map(() => send('M0001', add)));
  expect(replies.map((reply) => reply.state).toSorted()).toEqual([
    'published',
    'refused',
    'refused',
  ]);
  expect(
    await rowsOf('select 1 as n from profile.employment where staff_number = $1', staff),
  ).toEqual([{ n: 1 }]);
});

test('what a source under review sends waits, once, and after a rejection may come again', async () => {
  const staff = staffOf(nth(3));
  const body = packetBody('EDIT', pay(staff, { TuNgayHuongBac: '2019' }));
  const waiting = await send('M0003', body, { source: 'new' });
  expect(waiting).toMatchObject({ err_code: 0, state: 'waiting', etag: null });
  expect(await send('M0003', body, { source: 'new' })).toEqual(waiting);
  const openRows = () =>
    rowsOf(`select r.import_id, r.state from intake.row r join intake.import i on i.id = r.import_id
            where i.source = 'new' order by i.started_at`);
  const [row] = await openRows();
  await database.pool.query(`update intake.row set state = 'rejected' where import_id = $1`, [
    row?.['import_id'],
  ]);
  expect(await send('M0003', body, { source: 'new' })).toMatchObject({ state: 'waiting' });
  const [, second] = await openRows();
  await transaction(database, ({ db }) =>
    publishRows(db, { importId: String(second?.['import_id']), decidedBy: 'a reviewer' }),
  );
  expect((await openRows()).map((one) => one['state'])).toEqual(['rejected', 'published']);
  expect(
    await rowsOf(
      'select step_since from profile.salary where record_id = $1',
      await recordOf(staff),
    ),
  ).toEqual([{ step_since: '2019' }]);
});

test('an ADD that waits for review is there once', async () => {
  const draft = nth(8);
  await send('M0001', packetBody('DEL', { SoHieuCBCCVC_BNDP: staffOf(draft) }));
  const add = packetBody('ADD', profileOf(draft));
  const first = await send('M0001', add, { source: 'new' });
  expect(first.state).toBe('waiting');
  expect(await send('M0001', add, { source: 'new' })).toEqual(first);
});

test('a value without a mapping is refused, listed, and comes through once it is mapped', async () => {
  const staff = staffOf(nth(4));
  const body = packetBody('EDIT', {
    SoHieuCBCCVC_BNDP: staff,
    DS_KETQUA_DANHGIA_PHANLOAI: [{ Nam: '2025', KetQuaDanhGia: 'A+' }],
  });
  const refused = await send('M0006', body);
  expect(refused.errors).toMatchObject([
    { field: 'DS_KETQUA_DANHGIA_PHANLOAI[0].KetQuaDanhGia', code: 'code_unknown' },
  ]);
  expect(await unmappedValues(database.db, 'hr')).toContainEqual({
    source: 'hr',
    list: 'KET_QUA_DANH_GIA',
    value: 'A+',
    rows: 1,
    fields: ['grade'],
  });
  await storeMappedCodes(database.db, 'hr', [{ list: 'KET_QUA_DANH_GIA', value: 'A+', code: '1' }]);
  expect(await send('M0006', body)).toMatchObject({ err_code: 0, state: 'published' });
});

test('one person has one record: numbers that another record has, and records that are closed', async () => {
  const held = profileOf(nth(5));
  const told = { ...Object(held['THONGTINCHUNG']), SoHieuCBCCVC: 'H52-NEW' };
  const other = { ...held, SoHieuCBCCVC_BNDP: 'H52-NEW', THONGTINCHUNG: told };
  const add = (): Promise<PacketReply> => send('M0001', packetBody('ADD', other));
  expect((await add()).errors).toMatchObject([
    { field: 'THONGTINCHUNG.SoDinhDanhCaNhan', code: 'pin_held_elsewhere' },
  ]);
  const id = await recordOf(staffOf(nth(5)));
  const set = (values: string) =>
    database.pool.query(`update profile.employment set ${values} where record_id = $1`, [id]);
  await set(`status = '3', status_date = '2026-01'`);
  expect(codesOf(await add())).toContain('record_closed');
  // a closed record is changed by a person only
  const edit = packetBody('EDIT', pay(staffOf(nth(5)), { TuNgayHuongBac: '2018' }));
  expect(await send('M0003', edit)).toMatchObject({ err_code: 0, state: 'waiting' });
  await set(`status = '1', status_date = null, staff_number = null`);
  const linked = await add();
  expect([linked.state, codesOf(linked)]).toEqual([
    'published',
    expect.arrayContaining(['packet_linked']),
  ]);
  expect(await recordOf('H52-NEW')).toBe(id);
  // two at work with one staff number: which is meant, nobody can tell
  const number = (staff: string, record: string) =>
    database.pool.query(`update profile.employment set staff_number = $1 where record_id = $2`, [
      staff,
      record,
    ]);
  const second = await recordOf(staffOf(nth(7)));
  await number('H52-NEW', second);
  const either = packetBody('EDIT', pay('H52-NEW', { TuNgayHuongBac: '2018' }));
  expect(codesOf(await send('M0003', either))).toEqual(['packet_key_ambiguous']);
  await number(staffOf(nth(7)), second);
});

test('a staff number that two active records have names nobody', async () => {
  const [one, other] = [staffOf(nth(7)), staffOf(nth(6))];
  const rename = (from: string, to: string) =>
    database.pool.query(`update profile.employment set staff_number = $2 where record_id = $1`, [
      from,
      to,
    ]);
  const id = await recordOf(other);
  await rename(id, one);
  const reply = await send('M0003', packetBody('EDIT', pay(one, { BacLuong: '2' })));
  expect(reply.errors).toMatchObject([
    { field: 'SoHieuCBCCVC_BNDP', code: 'packet_key_ambiguous' },
  ]);
  await rename(id, other);
});

test('DEL of a block clears it, and what no packet holds stays', async () => {
  const staff = staffOf(nth(6));
  const id = await recordOf(staff);
  const del = packetBody('DEL', { SoHieuCBCCVC_BNDP: staff });
  expect(await send('M0003', del)).toMatchObject({ err_code: 0, state: 'published' });
  const stored = (await readStoredSections(database.db, [id])).get(id) ?? {};
  for (const name of ['salary', 'salary_history', 'allowance_history']) {
    expect([name, stored[sectionNamed(name).name]]).toEqual([name, undefined]);
  }
  expect(stored['position']?.[0]).toEqual({
    job_position: packetPart(nth(6))['position']?.[0]?.['job_position'],
  });
  expect(stored['education']).toEqual(packetPart(nth(6))['education']);
});

test('what cannot be read is answered and kept as it came', async () => {
  const broken = await send('M0001', Buffer.from('{"org_Code":"H52","jsonContent":"%%%"}'));
  expect(broken.errors).toMatchObject([{ field: 'jsonContent', code: 'packet_unreadable' }]);
  const foreign = await send(
    'M0001',
    Buffer.from(String(packetBody('ADD', {})).replace('"H52"', '"G09"')),
  );
  expect(foreign.errors.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'org_Code unit_outside_agency',
    'SoHieuCBCCVC_BNDP packet_member_missing',
    'THONGTINCHUNG packet_member_missing',
  ]);
  const kept = await rowsOf(
    `select source ->> 'received' as received from intake.row where source ? 'received'`,
  );
  expect(kept).toEqual([{ received: '{"org_Code":"H52","jsonContent":"%%%"}' }]);
});
