/**
 * The packet gateway as the HR program of a unit sees it: nine packets in order, each again, and what a
 * program or a line does wrong. What counts is what lies in the tables afterwards.
 */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { putRecords, tree } from '../../../../test/support/node-records.ts';
import { packetBody } from '../../../../test/support/packet-of.ts';
import { openPair, type Pair } from '../../../../test/support/test-node.ts';
import { allKeys } from '../../db/keys.ts';
import type { PacketReply } from '../../packet/reply.ts';
import { issueKey, revokeKey } from '../../sync/keys.ts';
import { buildApp } from '../app.ts';

const samples = new URL('../../../../test/fixtures/packets/', import.meta.url);

type Sample = {
  readonly path: string;
  readonly decoded: unknown;
  readonly request: { readonly org_Code: string; readonly jsonContent: string };
};

let pair: Pair;
let app: ReturnType<typeof buildApp>;
let key: string;

beforeAll(async () => {
  pair = await openPair();
  await putRecords(pair.node.database, tree);
  app = buildApp(pair.node);
  key = await keyOf('hr');
});

afterAll(async () => {
  await app.close();
  await pair[Symbol.asyncDispose]();
});

const keyOf = async (name: string, review = false): Promise<string> =>
  (await issueKey(pair.node, { name, scopes: ['packets'], review })).key;

type Sent = Omit<PacketReply, 'state'> & { readonly state: string };

async function post(
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const answer = await app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${key}`, ...headers },
    payload: body,
  });
  expect(answer.statusCode).toBe(200);
  return answer.json<Sent>();
}

async function sample(number: number): Promise<Sample> {
  const names = (await readdir(samples)).toSorted();
  const text = await readFile(new URL(names[number - 1] ?? '', samples), 'utf8');
  return JSON.parse(text) as Sample;
}

const sendSample = async (number: number): Promise<Sent> => {
  const { path, request } = await sample(number);
  return await post(path, request);
};

const rowsOf = async (text: string, ...values: readonly unknown[]): Promise<unknown[]> => {
  const { rows } = await pair.node.database.pool.query(text, [...values]);
  return rows;
};

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
async function sendAgain(number: number, first: Sent): Promise<void> {
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
    { state: 'refused', count: 3 },
    // the second ADD: its person has been taken out since
    { state: 'withdrawn', count: 1 },
  ]);
  expect(
    await rowsOf(`select source #>> '{packet,Data,Header,Action_Type}' as action from intake.row
    where state = 'refused' and sheet = 'M0003' order by 1`),
  ).toEqual([{ action: 'EDIT' }, { action: 'EDIT' }]);
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

const paths = ['/apisyncmsg/syncmsg/servicem0006', '/ApiSyncMsg/SyncMsg/ServiceM0006'];

test('a call without the right key, body or pace gets a real status, in the form of RFC 9457', async () => {
  const [path = '', older = ''] = paths;
  const call = async (headers: Record<string, string>, payload: string | object = {}, url = path) =>
    await app.inject({ method: 'POST', url, headers, payload });
  const scoped = await issueKey(pair.node, {
    name: 'reader',
    scopes: ['status:read'],
    review: false,
  });
  const gone = await keyOf('gone');
  await revokeKey(pair.node, 'gone');
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const json = { 'content-type': 'application/json' };
  const answers = [
    await call({}),
    await call(bearer(`${key.slice(0, -1)}!`)),
    await call(bearer(gone)),
    await call(bearer(scoped.key)),
    await call({ ...bearer(key), 'content-type': 'text/xml' }, '<x/>'),
    await call({ ...bearer(key), ...json }, ' '.repeat(3_000_000)),
    await call(bearer(key), {}, `${path}/`),
  ];
  expect(
    answers.map((answer) => [answer.statusCode, answer.json<{ code: string }>().code]),
  ).toEqual([
    [401, 'NODE_UNAUTHORISED'],
    [401, 'NODE_UNAUTHORISED'],
    [401, 'NODE_UNAUTHORISED'],
    [403, 'NODE_SCOPE_MISSING'],
    [415, 'NODE_MEDIA_TYPE'],
    [413, 'NODE_TOO_LARGE'],
    [404, 'NODE_UNREADABLE'],
  ]);
  for (const answer of answers) {
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/u);
  }
  expect(answers[0]?.headers['www-authenticate']).toContain('Bearer');
  // the older casing is the same service, and what is no packet gets a reply that programs know
  const strange = await call({ ...bearer(key), ...json }, '[]', older);
  expect([strange.statusCode, strange.json()]).toMatchObject([
    200,
    { err_code: 1, errors: [{ code: 'packet_unreadable' }] },
  ]);
  const used = await rowsOf(
    `select k.name, u.route, u.outcome, u.requests::integer from access.key_use u
     join access.key k on k.id = u.key_id where k.name <> 'hr' order by 1`,
  );
  expect(used).toEqual([
    { name: 'gone', route: `POST ${path}`, outcome: '401', requests: 1 },
    { name: 'reader', route: `POST ${path}`, outcome: '403', requests: 1 },
  ]);
  const keys = await allKeys(pair.node.database.db);
  const hr = keys.find((one) => one.name === 'hr');
  expect(hr?.requests).toMatchObject({ published: 9, '413': 1, '415': 1 });
  expect(hr?.usedAt).not.toBeNull();
});

test('a key that asks too often is told when to go on, and others are not', async () => {
  await using stack = new AsyncDisposableStack();
  const tight = buildApp(pair.node, { limits: { packetsPerMinute: 2 } });
  stack.defer(() => tight.close());
  const other = await keyOf('calm');
  const ask = async (secret: string) =>
    await tight.inject({
      method: 'POST',
      url: paths[0] ?? '',
      headers: { authorization: `Bearer ${secret}` },
      payload: {},
    });
  const hasty = [await ask(key), await ask(key), await ask(key)];
  expect(hasty.map((answer) => answer.statusCode)).toEqual([200, 200, 429]);
  expect(hasty[2]?.json()).toMatchObject({ code: 'NODE_TOO_MANY', status: 429 });
  expect(Number(hasty[2]?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await ask(other)).statusCode).toBe(200);
});

test('a program that ends the connection has sent nothing, or has its effect once', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the node has no port');
  const { port } = address;
  const { path, request } = await sample(1);
  /** Sends so many bytes less than the body has, and goes away without reading the answer. */
  const hangUp = async (body: string, url: string, missing: number): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    const head =
      `POST ${url} HTTP/1.1\r\nhost: node\r\nauthorization: Bearer ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    socket.write(`${head}${body.slice(0, body.length - missing)}`);
    socket.end();
    await once(socket.resume(), 'close');
  };
  const countRows = async () => (await rowsOf('select import_id from intake.row')).length;
  const before = await countRows();
  await hangUp(JSON.stringify(request), path, 1);
  expect(await countRows()).toBe(before);
  expect(await post(path, request)).toMatchObject({ err_code: 0, state: 'published' });
  const profile = { SoHieuCBCCVC_BNDP: person, THONGTIN_KHAC: { SoTheDang: '52.999999' } };
  const body = packetBody('EDIT', profile, { Transaction_ID: 'cut-1' }).toString();
  const service = '/apisyncmsg/syncmsg/servicem0005';
  await hangUp(body, service, 0);
  const reply = await post(service, JSON.parse(body) as object);
  expect(reply).toMatchObject({ err_code: 0, transaction_id: 'cut-1', state: 'published' });
  expect(await countRows()).toBe(before + 2);
});

test('the contract is served as an OpenAPI document', async () => {
  const document = (await app.inject('/openapi.json')).json<{
    openapi: string;
    paths: Record<string, { post?: { security: unknown; responses: object } }>;
  }>();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).toSorted()).toEqual(
    expect.arrayContaining([
      '/api/v1/status',
      ...['m0001', 'm0002', 'm0003', 'm0004', 'm0005', 'm0006', 't0001'].map(
        (name) => `/apisyncmsg/syncmsg/service${name}`,
      ),
    ]),
  );
  const service = document.paths['/apisyncmsg/syncmsg/servicem0001']?.post;
  expect(service?.security).toEqual([{ key: [] }]);
  // with every member of the packet, inside its base64
  expect(JSON.stringify(service)).toMatch(/"HeSoLuong":\{[^}]*"Hệ số lương"/u);
  expect(Object.keys(service?.responses ?? {})).toEqual([
    '200',
    '401',
    '403',
    '413',
    '415',
    '429',
    '503',
  ]);
});

test('nothing of a person is in the log', async () => {
  await pair.node.database.pool.query('alter table intake.packet rename to packet_away');
  const { path, request } = await sample(5);
  const broken = await app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${key}` },
    payload: request,
  });
  await pair.node.database.pool.query('alter table intake.packet_away rename to packet');
  expect(broken.statusCode).toBe(500);
  const logged = pair.node.logged();
  expect(logged).toContain('request failed');
  expect(logged).not.toMatch(
    /014186004521|Quàng|H52-09001|1412003456|jsonContent|ltk_[0-9a-f]{16}_/u,
  );
});
