/**
 * Nine packets of an HR program in order, as their notes describe them, and each again. What counts is
 * what lies in the tables afterwards.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { putRecords, tree } from '../../../../test/support/node-records.ts';
import { openPacketNode, type TestPacketNode } from '../../../../test/support/packet-node.ts';
import { packetSample } from '../../../../test/support/packet-of.ts';
import type { PacketReply } from '../../packet/reply.ts';
import { buildApp } from '../app.ts';

let place: TestPacketNode;
let app: ReturnType<typeof buildApp>;

beforeAll(async () => {
  place = await openPacketNode();
  await putRecords(place.node.database, tree);
  app = buildApp(place.node);
});

afterAll(async () => {
  await app.close();
  await place[Symbol.asyncDispose]();
});

const rowsOf = async (text: string, ...values: readonly unknown[]) =>
  await place.rowsOf(text, ...values);

async function sendSample(number: number): Promise<PacketReply> {
  const { path, request } = await packetSample(number);
  const answer = await app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${place.hrKey}` },
    payload: request,
  });
  expect(answer.statusCode).toBe(200);
  return answer.json<PacketReply>();
}

const person = 'H52-09001';
const ofPerson = `record_id in (select record_id from profile.employment where staff_number = '${person}')`;

/** Everything that the node holds of the person, and how often anything was written. */
async function everything(): Promise<unknown> {
  const names = ['identity', 'employment', 'insurance', 'recruitment', 'position', 'salary']
    .concat(['education', 'party', 'work_history', 'salary_history', 'allowance_history'])
    .concat(['training', 'it_training', 'language_training', 'evaluation']);
  const tables = await Promise.all(
    names.map((name) => rowsOf(`select t.*, t.xmin::text from profile.${name} t order by t::text`)),
  );
  return [tables, await rowsOf('select count(*) from intake.row')];
}

/** Sends the packet again and expects that nothing at all is written for it. */
async function sendAgain(number: number, first: PacketReply): Promise<void> {
  const before = await everything();
  expect(await sendSample(number)).toEqual(first);
  expect(await everything()).toEqual(before);
}

test('the nine packets in order come out as their notes say, and each again has no effect', async () => {
  const added = await sendSample(1);
  expect(added).toMatchObject({ err_code: 0, state: 'published', errors: [] });
  expect(
    await rowsOf(`select pin, full_name, birth_date, sex, ethnic_group, religion
    from profile.identity where ${ofPerson}`),
  ).toEqual([
    {
      pin: '014186004521',
      full_name: 'Quàng Thị Thuý',
      birth_date: '1986-03-12',
      sex: '0',
      ethnic_group: '03',
      religion: '00',
    },
  ]);
  expect(
    await rowsOf(`select object_class, employing_unit, managing_unit, status
    from profile.employment where ${ofPerson}`),
  ).toEqual([{ object_class: '2', employing_unit: 'H52.01', managing_unit: 'H52', status: '1' }]);
  expect(
    await rowsOf(`select general_education, highest_level, political_theory, state_management,
    defence_security, minority_language from profile.education where ${ofPerson}`),
  ).toEqual([
    {
      general_education: '12/12',
      highest_level: '4',
      political_theory: '2',
      state_management: '3',
      defence_security: '1',
      minority_language: '03',
    },
  ]);
  expect(
    await rowsOf(`select title, title_code, appointed_on, reappointed_on, job_position
    from profile.position where ${ofPerson}`),
  ).toEqual([
    {
      title: 'Phó Trưởng phòng',
      title_code: '16',
      appointed_on: '2020-05-15',
      reappointed_on: '2025-05-15',
      job_position: 'Chuyên viên',
    },
  ]);
  expect(
    await rowsOf(`select rank_code, step, coefficient, step_since, percent_paid
    from profile.salary where ${ofPerson}`),
  ).toEqual([
    {
      rank_code: '01.002',
      step: 2,
      coefficient: '4.74',
      step_since: '2024-07-01',
      percent_paid: '100.00',
    },
  ]);
  expect(
    await rowsOf(`select from_date, to_date, unit_code, unit_name, position
    from profile.work_history where ${ofPerson} order by ordinal`),
  ).toEqual([
    {
      from_date: '2009-09-01',
      to_date: '2014-12-31',
      unit_code: 'H52.02',
      unit_name: 'Sở Tài chính',
      position: 'Chuyên viên',
    },
    {
      from_date: '2015-01-01',
      to_date: null,
      unit_code: 'H52.01',
      unit_name: 'Sở Nội vụ',
      position: 'Chuyên viên chính',
    },
  ]);
  expect(
    await rowsOf(`select allowance_kind, coefficient, payment_form
    from profile.allowance_history where ${ofPerson}`),
  ).toEqual([{ allowance_kind: '1', coefficient: '0.35', payment_form: '1' }]);
  expect(
    await rowsOf(`select language, level from profile.language_training where ${ofPerson}`),
  ).toEqual([{ language: 'en', level: 'B1' }]);
  expect(await rowsOf(`select certificate from profile.it_training where ${ofPerson}`)).toEqual([
    { certificate: '1' },
  ]);
  expect(
    await rowsOf(`select field_of_study, level, grade, country
    from profile.training where ${ofPerson}`),
  ).toEqual([{ field_of_study: 'Luật', level: '4', grade: '3', country: 'VN' }]);
  expect(
    await rowsOf(`select year, grade, authority from profile.evaluation where ${ofPerson}
    order by ordinal`),
  ).toEqual([
    { year: 2024, grade: '2', authority: 'Giám đốc Sở' },
    { year: 2025, grade: '1', authority: 'Giám đốc Sở' },
  ]);
  // it is noted for the next batch like any other change
  expect(
    await rowsOf(`select distinct section from sync.change_log where ${ofPerson} order by 1`),
  ).toContainEqual({
    section: 10,
  });

  // the same key again: refused, nothing changed
  const before = (await everything()) as [unknown, unknown];
  const again = await sendSample(2);
  expect(again).toMatchObject({ err_code: 1, state: 'refused', etag: null });
  expect(again.errors).toMatchObject([{ field: 'SoHieuCBCCVC_BNDP', code: 'packet_key_taken' }]);
  expect(((await everything()) as [unknown, unknown])[0]).toEqual(before[0]);
  await sendAgain(2, again);

  // allowance list absent: untouched; salary list present: replaced whole
  const salary = await sendSample(3);
  expect(salary).toMatchObject({ err_code: 0, state: 'published' });
  expect(salary.etag).not.toBe(added.etag);
  expect(
    await rowsOf(`select step, coefficient, step_since from profile.salary where ${ofPerson}`),
  ).toEqual([{ step: 3, coefficient: '5.08', step_since: '2027-07-01' }]);
  expect(await rowsOf(`select 1 from profile.salary_history where ${ofPerson}`)).toHaveLength(2);
  expect(await rowsOf(`select 1 from profile.allowance_history where ${ofPerson}`)).toHaveLength(1);
  expect(await rowsOf(`select job_position from profile.position where ${ofPerson}`)).toEqual([
    { job_position: 'Chuyên viên' },
  ]);
  await sendAgain(3, salary);

  // list present and empty: emptied; scalar fields absent: untouched
  const emptied = await sendSample(4);
  expect(emptied).toMatchObject({ err_code: 0, state: 'published' });
  expect(await rowsOf(`select 1 from profile.work_history where ${ofPerson}`)).toEqual([]);
  expect(
    await rowsOf(`select first_recruited_on, recruiting_agency from profile.recruitment
    where ${ofPerson}`),
  ).toEqual([{ first_recruited_on: '2009-09-01', recruiting_agency: 'Sở Nội vụ' }]);
  await sendAgain(4, emptied);

  const evaluated = await sendSample(5);
  expect(evaluated).toMatchObject({ err_code: 0, state: 'published' });
  expect(await rowsOf(`select year, grade from profile.evaluation where ${ofPerson}`)).toEqual([
    { year: 2026, grade: '3' },
  ]);
  await sendAgain(5, evaluated);

  const unknown = await sendSample(6);
  expect(unknown).toMatchObject({ err_code: 1, state: 'refused' });
  expect(unknown.errors).toMatchObject([
    { field: 'SoHieuCBCCVC_BNDP', code: 'packet_key_unknown' },
  ]);
  await sendAgain(6, unknown);

  // all four faults, not the first only
  const faulty = await sendSample(7);
  expect(faulty.errors.map(({ field, code }) => [field, code])).toEqual(
    expect.arrayContaining([
      ['THONGTINCHUNG.SoDinhDanhCaNhan', 'pin_format'],
      ['THONGTINCHUNG.HoVaTen', 'required'],
      ['THONGTINCHUNG.DanToc', 'code_unknown'],
      ['THONGTINCHUNG.MaDonviSuDung', 'unit_unknown'],
    ]),
  );
  expect(faulty.errors).toHaveLength(4);
  expect(await rowsOf(`select 1 from profile.employment where staff_number = 'H52-09002'`)).toEqual(
    [],
  );
  await sendAgain(7, faulty);

  // 1 is not 01.001
  const contained = await sendSample(8);
  expect(contained.errors).toMatchObject([
    { field: 'LUONG_PHUCAP_CHUCVU.MaNgachChucDanh', code: 'code_unknown' },
  ]);
  expect(await rowsOf(`select rank_code, step from profile.salary where ${ofPerson}`)).toEqual([
    { rank_code: '01.002', step: 3 },
  ]);
  await sendAgain(8, contained);

  const [{ record_id: recordId }] = (await rowsOf(
    `select record_id from profile.employment where staff_number = $1`,
    person,
  )) as [{ record_id: string }];
  const removed = await sendSample(9);
  expect(removed).toMatchObject({ err_code: 0, state: 'published' });
  expect(await rowsOf('select 1 from profile.record where record_id = $1', recordId)).toEqual([]);
  expect(
    await rowsOf(
      `select source, sections -> 'salary' -> 0 ->> 'rank_code' as rank
    from profile.removed_record where record_id = $1`,
      recordId,
    ),
  ).toEqual([{ source: 'hr', rank: '01.002' }]);
  expect(
    await rowsOf('select 1 from sync.change_log where record_id = $1 and section = 0', recordId),
  ).not.toEqual([]);
  await sendAgain(9, removed);

  // refused ones lie in the intake with their packet and reasons, until a newer one takes their place
  expect(
    await rowsOf(`select r.state, count(*)::integer from intake.row r group by 1 order by 1`),
  ).toEqual([
    { state: 'published', count: 5 },
    { state: 'refused', count: 2 },
    // the second ADD and the wrong rank: their person has been taken out since
    { state: 'withdrawn', count: 2 },
  ]);
  expect(
    await rowsOf(`select source #>> '{packet,Data,Header,Action_Type}' as action from intake.row
    where state = 'refused' and sheet = 'M0003' order by 1`),
  ).toEqual([{ action: 'EDIT' }]);
  expect(
    await rowsOf(`select f ->> 'path' as path, f -> 'unmapped' as unmapped from intake.row r,
    jsonb_array_elements(r.findings) f where f ? 'unmapped' order by 1`),
  ).toEqual([
    {
      path: 'LUONG_PHUCAP_CHUCVU.MaNgachChucDanh',
      unmapped: { list: 'NGACH', value: '1' },
    },
    { path: 'THONGTINCHUNG.DanToc', unmapped: { list: 'DAN_TOC', value: '77' } },
  ]);
});
