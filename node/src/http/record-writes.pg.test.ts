/** Writing records by the API on a real database: judged, once, and never over what the writer has not seen. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Answered, openTestApi, type TestApi } from '../../../test/support/test-api.ts';

let api: TestApi;
/** Records of people at work, one for each test. */
let ids: string[];

beforeAll(async () => {
  const scopes = ['records:read', 'records:write', 'intake:read', 'intake:review'];
  api = await openTestApi(
    [
      { name: 'hr', scopes },
      { name: 'whole', scopes: [...scopes, 'records:read-sensitive', 'records:read-secret'] },
      { name: 'new', scopes, review: true },
    ],
    { size: 40 },
  );
  ids = (
    await api.rowsOf(`select record_id from profile.employment where status = '1' order by 1`)
  ).map((row) => String(row['record_id']));
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const idOf = (n: number): string => ids[n] ?? '';
const get = (url: string, as = 'hr'): Promise<Answered> => api.call({ as, url: `/api/v1${url}` });
const etagOf = async (id: string): Promise<string> =>
  String((await get(`/records/${id}`)).headers['etag']);

type Write = { readonly as?: string; readonly etag?: string; readonly once?: string };

async function write(
  method: 'PUT' | 'PATCH' | 'POST' | 'DELETE',
  path: string,
  body: unknown,
  { as = 'hr', etag, once }: Write = {},
): Promise<Answered> {
  const headers = {
    ...(etag === undefined ? {} : { 'if-match': etag }),
    ...(once === undefined ? {} : { 'idempotency-key': once }),
  };
  return await api.call({ as, method, url: `/api/v1${path}`, body, headers });
}

const otherNamesOf = async (id: string): Promise<unknown> =>
  (await api.rowsOf('select other_names from profile.identity where record_id = $1', id))[0]?.[
    'other_names'
  ];

test('what was read can be sent back unchanged, and a merge changes what it names', async () => {
  const id = idOf(0);
  const path = `/records/${id}/sections/identity`;
  const section = await get(path);
  const etag = await etagOf(id);
  expect(section.headers['etag']).toBe(etag);
  expect(section.json).not.toHaveProperty('religion');
  const same = await write('PUT', path, section.json, { etag });
  expect(same).toMatchObject({ status: 200, json: { state: 'unchanged' } });
  expect(same.headers['etag']).toBe(etag);
  const merged = await write('PATCH', path, { other_names: 'Bé' }, { etag });
  expect(merged).toMatchObject({ status: 200, json: { state: 'published', recordId: id } });
  expect(merged.headers['etag']).toBe(await etagOf(id));
  expect((await get(path)).json).toEqual({ ...section.json, other_names: 'Bé' });
  const taken = await write('PATCH', path, { other_names: null }, { etag: await etagOf(id) });
  expect(taken.status).toBe(200);
  expect((await get(path)).json).toEqual(section.json);
});

test('a replacement leaves alone what the key may not see, and may not name it', async () => {
  const id = idOf(1);
  const path = `/records/${id}/sections/identity`;
  await api.rowsOf(`update profile.identity set religion = '02' where record_id = $1`, id);
  const section = await get(path);
  const put = await write('PUT', path, section.json, { etag: await etagOf(id) });
  expect(put).toMatchObject({ status: 200, json: { state: 'unchanged' } });
  const named = await write('PATCH', path, { religion: null }, { etag: await etagOf(id) });
  expect(named).toMatchObject({ status: 403, json: { code: 'NODE_SCOPE_MISSING' } });
  expect((await get(path, 'whole')).json).toMatchObject({ religion: '02' });
  expect(await get(`/records/${id}/sections/contact`)).toMatchObject({ status: 403 });
  expect(await get(`/records/${id}/sections/contact`, 'whole')).toMatchObject({ status: 200 });
});

test('a change says which state it is made on', async () => {
  const path = `/records/${idOf(2)}/sections/identity`;
  const body = { other_names: 'Tí' };
  expect(await write('PATCH', path, body)).toMatchObject({ status: 428 });
  expect(await write('PATCH', path, body, { etag: '*' })).toMatchObject({ status: 428 });
  const etag = await etagOf(idOf(2));
  const weak = await write('PATCH', path, body, { etag: `W/${etag}` });
  expect(weak).toMatchObject({ status: 412, json: { code: 'NODE_RECORD_CHANGED' } });
  expect(weak.headers['etag']).toBe(etag);
});

test('of writers who have seen the same state one wins and all others are told', async () => {
  const id = idOf(3);
  const path = `/records/${id}/sections/identity`;
  const etag = await etagOf(id);
  const names = ['Một', 'Hai', 'Ba', 'Bốn', 'Năm'];
  const answers = await Promise.all(
    names.map((other_names) => write('PATCH', path, { other_names }, { etag })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412, 412]);
  expect(await otherNamesOf(id)).toBe(names[statuses.indexOf(200)]);
});

test('a change by plain SQL since the record was read is not written over', async () => {
  const id = idOf(4);
  const etag = await etagOf(id);
  await api.rowsOf(`update profile.identity set other_names = 'DBA' where record_id = $1`, id);
  const put = await write(
    'PATCH',
    `/records/${id}/sections/identity`,
    { other_names: 'X' },
    { etag },
  );
  expect(put).toMatchObject({ status: 412 });
  expect(await otherNamesOf(id)).toBe('DBA');
});

test.each([
  ['an update', `update profile.identity set other_names = 'DBA' where record_id = $1`],
  [
    'an insert of a row',
    `insert into profile.reward (record_id, ordinal, year) values ($1, 99, 2020)`,
  ],
  ['a delete', `delete from profile.insurance where record_id = $1`],
])('a write waits for %s by SQL that is under way, and then sees it', async (_, statement) => {
  const id = idOf(5);
  const etag = await etagOf(id);
  const client = await api.node.database.pool.connect();
  await client.query('begin');
  await client.query(statement, [id]);
  const writing = write(
    'PATCH',
    `/records/${id}/sections/identity`,
    { other_names: 'X' },
    { etag },
  );
  const isWaiting = async (): Promise<boolean> =>
    (
      await api.rowsOf(
        `select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).length > 0;
  while (!(await isWaiting())) await new Promise((resolve) => void setImmediate(resolve));
  await client.query('commit');
  client.release();
  expect(await writing).toMatchObject({ status: 412 });
  expect(await otherNamesOf(id)).not.toBe('X');
});

test('all that is wrong is told at once, each at its place, and nothing is written', async () => {
  const id = idOf(6);
  const etag = await etagOf(id);
  const body = { other_names: 5, sex: '9', 'no/pe': 1, birth_date: '2030', full_name: null };
  const put = await write('PATCH', `/records/${id}/sections/identity`, body, { etag });
  expect(put).toMatchObject({ status: 422, json: { code: 'NODE_RECORD_FAULTY' } });
  const errors = put.json['errors'] as { field: string; code: string }[];
  const found = Object.fromEntries(errors.map(({ field, code }) => [field, code]));
  expect(found).toMatchObject({
    '/other_names': 'json_shape',
    '/no~1pe': 'json_member_unknown',
    '/sex': 'code_unknown',
    '/full_name': 'required',
    '/birth_date': 'date_future',
  });
  const list = [{ year: 2020, grading: '1' }, { grading: '77' }, 'x'];
  const rows = await write('PUT', `/records/${id}/sections/reward`, list, { etag });
  const places = (rows.json['errors'] as { field: string }[]).map(({ field }) => field);
  expect(places).toEqual(expect.arrayContaining(['/1/year', '/1/grading', '/2']));
  expect(await etagOf(id)).toBe(etag);
  expect(await api.rowsOf(`select from intake.row where record_id = $1`, id)).toEqual([]);
});

test('a list is replaced whole, also by an empty one', async () => {
  const id = idOf(7);
  const path = `/records/${id}/sections/reward`;
  // more than the few bytes that other addresses of the node take
  const list = Array.from({ length: 60 }, (_, i) => ({ year: 2010 + (i % 15), grading: '1' }));
  const put = await write('PUT', path, list, { etag: await etagOf(id) });
  expect(put).toMatchObject({ status: 200, json: { state: 'published' } });
  expect((await get(path)).json).toEqual(list);
  expect(await write('PUT', path, [], { etag: await etagOf(id) })).toMatchObject({ status: 200 });
  expect((await get(path)).json).toEqual([]);
});

test('what a key without trust writes waits for a reviewer, who is told of changes since', async () => {
  const id = idOf(8);
  const path = `/records/${id}/sections/identity`;
  const etag = await etagOf(id);
  const put = await write('PATCH', path, { other_names: 'Chờ' }, { as: 'new', etag });
  expect(put).toMatchObject({ status: 202, json: { state: 'waiting', recordId: id, etag: null } });
  const location = String(put.headers['location']);
  await api.rowsOf(`update profile.identity set other_names = 'DBA' where record_id = $1`, id);
  const row = await api.call({ as: 'hr', url: location });
  expect(row).toMatchObject({
    status: 200,
    json: {
      state: 'waiting',
      changedSince: true,
      changes: { fields: [{ field: 'other_names', old: 'DBA', new: 'Chờ' }] },
    },
  });
  const { importId } = put.json['row'] as { importId: string };
  const order = { all: true, ifUnchanged: true, by: 'Reviewer' };
  const held = await write('POST', `/intake/${importId}/publish`, order);
  expect(held).toMatchObject({ status: 200, json: { published: 0, held: { changed: 1 } } });
  const forced = await write('POST', `/intake/${importId}/publish`, { all: true, by: 'Reviewer' });
  expect(forced).toMatchObject({ status: 200, json: { published: 1, changedSince: 1 } });
  expect(await otherNamesOf(id)).toBe('Chờ');
  const decided = await api.rowsOf(
    'select decided_by from intake.row where import_id = $1',
    importId,
  );
  expect(decided).toEqual([{ decided_by: 'source:hr (Reviewer)' }]);
});

const newcomer = async (pin: string): Promise<object> => {
  const [employment] = await api.rowsOf(
    'select employing_unit, managing_unit from profile.employment where record_id = $1',
    idOf(0),
  );
  const identity = {
    pin,
    full_name: 'Lường Văn Mới',
    birth_date: '1990-05-01',
    sex: '1',
    ethnic_group: '03',
  };
  const placed = { ...employment, object_class: '4', status: '1', staff_number: `N${pin}` };
  return { sections: { identity, employment: placed } };
};

test('a new person is made once, however often the request comes', async () => {
  const body = await newcomer('014090000777');
  const made = await write('POST', '/records', body, { once: 'order-1' });
  expect(made).toMatchObject({ status: 201, json: { state: 'published' } });
  const again = await write('POST', '/records', body, { once: 'order-1' });
  expect([again.status, again.json]).toEqual([201, made.json]);
  const other = await write('POST', '/records', await newcomer('014090000778'), {
    once: 'order-1',
  });
  expect(other).toMatchObject({ status: 422, json: { code: 'NODE_REQUEST_REUSED' } });
  const twice = await write('POST', '/records', body, { once: 'order-2' });
  expect(twice).toMatchObject({
    status: 422,
    json: { errors: [{ field: '/sections/identity/pin', code: 'pin_held_elsewhere' }] },
  });
  const location = String(made.headers['location']);
  expect(await api.call({ as: 'hr', url: location })).toMatchObject({
    status: 200,
    json: { sections: { identity: { full_name: 'Lường Văn Mới' } } },
  });
  const people = await api.rowsOf(`select from profile.identity where pin = '014090000777'`);
  expect(people).toHaveLength(1);
});

test('who may not see the record of a number is not told that there is one', async () => {
  const [secret] = await api.rowsOf(
    `update profile.record set state_secret = true where record_id = $1 returning record_id`,
    idOf(9),
  );
  expect(secret).toEqual({ record_id: idOf(9) });
  const [held] = await api.rowsOf('select pin from profile.identity where record_id = $1', idOf(9));
  const made = await write('POST', '/records', await newcomer(String(held?.['pin'])));
  expect(made).toMatchObject({ status: 202, json: { state: 'waiting', recordId: null } });
  expect(made.text).not.toContain(idOf(9));
  const [row] = await api.rowsOf(
    `select state, findings::text from intake.row where import_id = $1`,
    (made.json['row'] as { importId: string }).importId,
  );
  expect(row).toMatchObject({ state: 'refused' });
  expect(row?.['findings']).toContain('pin_held_elsewhere');
  expect(await get(`/records/${idOf(9)}`)).toMatchObject({ status: 404 });
  expect(await get(`/records/${idOf(9)}`, 'whole')).toMatchObject({
    status: 200,
    json: { stateSecret: true },
  });
});

test('a person leaves, what is closed stays as it is, comes back, and is taken out', async () => {
  const id = idOf(10);
  const path = `/records/${id}`;
  const closing = { status: '3', date: '2026-10', decision: '12/QĐ' };
  const far = { ...closing, date: '2027' };
  const future = await write('POST', `${path}/close`, far, { etag: await etagOf(id) });
  expect(future).toMatchObject({ status: 422, json: { code: 'NODE_STATUS_DATE_INVALID' } });
  const before = await etagOf(id);
  const closed = await write('POST', `${path}/close`, closing, { etag: before, once: 'leave' });
  expect(closed).toMatchObject({ status: 200, json: { state: 'published' } });
  const repeated = await write('POST', `${path}/close`, closing, { etag: before, once: 'leave' });
  expect([repeated.status, repeated.json]).toEqual([200, closed.json]);
  const patch = { other_names: 'Sau' };
  const late = await write('PATCH', `${path}/sections/identity`, patch, { etag: await etagOf(id) });
  expect(late).toMatchObject({ status: 409, json: { code: 'NODE_RECORD_CLOSED' } });
  const corrected = await write('PATCH', `${path}/sections/identity?correction=true`, patch, {
    etag: await etagOf(id),
  });
  expect(corrected).toMatchObject({ status: 200, json: { state: 'published' } });
  const untrusted = await write(
    'POST',
    `${path}/reopen`,
    {},
    { as: 'new', etag: await etagOf(id) },
  );
  expect(untrusted).toMatchObject({ status: 403, json: { code: 'NODE_REVIEW_NEEDED' } });
  const back = await write('POST', `${path}/reopen`, {}, { etag: await etagOf(id) });
  expect(back).toMatchObject({ status: 200, json: { state: 'published', row: null } });
  expect((await get(`${path}/sections/employment`)).json).toMatchObject({ status: '1' });
  const gone = await write('DELETE', path, { reason: 'entered twice' }, { etag: await etagOf(id) });
  expect(gone).toMatchObject({ status: 200, json: { state: 'published', etag: null } });
  expect(await get(path)).toMatchObject({ status: 404 });
  const archived = await api.rowsOf(
    'select reason, removed_by from profile.removed_record where record_id = $1',
    id,
  );
  expect(archived).toEqual([{ reason: 'entered twice', removed_by: 'source:hr' }]);
});
