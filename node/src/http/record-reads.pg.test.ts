/**
 * Reading by the API: who sees what, and how one gets through lists. Every address of the OpenAPI
 * document is tried by a key for another part of the agency, and by one that may see no secrets.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  leaveChange,
  leaveCorrection,
  leaveOverdue,
  type Operation,
  operationsOf,
  readDocument,
} from '../../../test/support/api-operations.ts';
import { openTestApi, type TestApi } from '../../../test/support/test-api.ts';
import { keyScopes } from '../protocol/access-key.ts';
import { plainWords } from '../protocol/name-search.ts';

let api: TestApi;
let operations: readonly Operation[];
/** A person of H52.03, a state secret, and a row of the intake of each. */
let outside: Subject;
let secret: Subject;

type Subject = {
  readonly recordId: string;
  readonly importId: string;
  readonly correctionId: string;
  readonly pin: string;
  readonly name: string;
};

const part = 'H52.10';
const all = keyScopes.filter((scope) => scope !== 'packets');
const open = all.filter((scope) => scope !== 'records:read-secret');

beforeAll(async () => {
  api = await openTestApi(
    [
      { name: 'all', scopes: all },
      { name: 'part', scopes: all, unit: part },
      { name: 'open', scopes: open },
      { name: 'waits', scopes: all, review: true },
    ],
    { size: 60 },
  );
  operations = operationsOf(await readDocument(api));
  outside = await subjectWhere('^H52[.]03([.]|$)', '00000000000000aa');
  secret = await subjectWhere('^H52[.]10([.]|$)', '00000000000000bb');
  await rowsOf(
    'update profile.record set state_secret = true where record_id = $1',
    secret.recordId,
  );
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const rowsOf = async (
  text: string,
  ...values: readonly unknown[]
): Promise<readonly Record<string, string>[]> =>
  (await api.node.database.pool.query<Record<string, string>>(text, [...values])).rows;

/** A person with a change that waits for a reviewer, a correction, and a change that is overdue. */
async function subjectWhere(units: string, correctionId: string): Promise<Subject> {
  const [found] = await rowsOf(
    `select i.record_id, i.pin, i.full_name from profile.identity i
     join profile.employment e using (record_id)
     where e.status = '1' and e.employing_unit ~ $1 order by i.record_id limit 1`,
    units,
  );
  const { record_id: recordId = '', pin = '', full_name: name = '' } = found ?? {};
  const importId = await leaveChange(api, { as: 'waits', recordId });
  const differs = { field: 'birth_date', sourceValue: '1980-05-12' };
  await leaveCorrection(api, { id: correctionId, recordId, ...differs });
  await leaveOverdue(api, { recordId });
  return { recordId, importId, correctionId, pin, name };
}

/** What a write of each address holds when it means something. */
const bodies: Readonly<Record<string, unknown>> = {
  'PUT /api/v1/records/{recordId}/sections/{section}': { full_name: 'Ai Đó' },
  'PATCH /api/v1/records/{recordId}/sections/{section}': { other_names: 'Ai Đó' },
  'DELETE /api/v1/records/{recordId}': { reason: 'why' },
  'POST /api/v1/records/{recordId}/close': { status: '2', date: '2026' },
  'POST /api/v1/records/{recordId}/reopen': {},
  'POST /api/v1/intake/{importId}/publish': { all: true },
  'POST /api/v1/intake/{importId}/reject': { all: true, reason: 'why' },
  'POST /api/v1/intake/{importId}/take-up': { all: true },
  'POST /api/v1/intake/{importId}/recheck': {},
  'POST /api/v1/corrections/{correctionId}/accept': {},
  'POST /api/v1/corrections/{correctionId}/contest': { reason: 'why' },
};

/** Other addresses at which the record might be found. */
const searches = ({ pin, name }: Subject): Readonly<Record<string, readonly string[]>> => ({
  '/api/v1/records': [`?q=${pin}`, `?q=${encodeURIComponent(name)}`, '?unit=H52.03&limit=200'],
  '/api/v1/units': ['?parent=H52', '?parent=H52.03'],
  ...lists,
});

/** Lists in which whoever may see the record finds it. */
const lists: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/corrections': ['?limit=200'],
  '/api/v1/overdue/changes': ['?state=overdue&limit=200'],
  '/api/v1/quality/faults': ['?measure=live&limit=200'],
  '/api/v1/tasks': ['?kind=overdue&limit=200', '?kind=correction&limit=200'],
};

const addressOf = ({ path }: Operation, subject: Subject): string =>
  path
    .replace('{recordId}', subject.recordId)
    .replace('{importId}', subject.importId)
    .replace('{correctionId}', subject.correctionId)
    .replace('{sheet}/{row}', 'api/1')
    .replace('{section}', 'identity')
    .replace('{name}', 'DAN_TOC');

test.each([
  ['a key for another part of the agency', 'part', () => outside],
  ['a key that may see no secrets', 'open', () => secret],
])('%s finds nothing of a record under any address', async (_, as, subjectOf) => {
  const subject = subjectOf();
  const { correctionId } = subject;
  const tagOf = async (): Promise<unknown> =>
    (await api.call({ as: 'all', url: `/api/v1/records/${subject.recordId}` })).headers['etag'];
  const before = await tagOf();
  expect(before).toBeDefined();
  for (const [path, queries] of Object.entries(lists)) {
    for (const query of queries) {
      const seen = await api.call({ as: 'all', url: `${path}${query}` });
      expect(seen.text, `${path}${query}`).toContain(subject.recordId);
    }
  }
  for (const operation of operations) {
    const { path, method } = operation;
    const key = `${method} ${path}`;
    if (key === 'POST /api/v1/records') continue;
    const isWrite = method !== 'GET';
    expect(!isWrite || key in bodies, `${key} has no body in this test`).toBe(true);
    for (const query of ['', ...(searches(subject)[path] ?? [])]) {
      const answered = await api.call({
        as,
        method,
        url: `${addressOf(operation, subject)}${query}`,
        headers: { 'if-match': String(before) },
        ...(isWrite ? { body: bodies[key] } : {}),
      });
      const isListing = key === 'GET /api/v1/intake/{importId}/rows';
      const isNamed = /\{(?:record|import|correction)Id\}/u.test(path);
      const refusal = isListing ? 200 : 404;
      expect(answered.status, key).toBe(isNamed ? refusal : answered.status);
      expect(isListing ? answered.json['items'] : []).toEqual([]);
      const named = path.includes('{correctionId}') ? [] : [correctionId];
      for (const trace of [subject.recordId, subject.importId, subject.pin, ...named]) {
        // an address that was asked for is not repeated either
        expect(answered.text, key).not.toContain(trace);
      }
    }
  }
  expect(await tagOf()).toBe(before);
  const rows = await rowsOf('select state from intake.row where import_id = $1', subject.importId);
  expect(rows).toEqual([{ state: 'waiting' }]);
});

type Listed = {
  readonly recordId: string;
  readonly employment: { readonly employing_unit: string };
};

test('a key for a part of the agency sees and writes that part, and moves nobody in or out', async () => {
  const listed = await api.call({ as: 'part', url: '/api/v1/records?limit=200' });
  const people = listed.json['items'] as readonly Listed[];
  const everybody = await rowsOf(
    `select count(*)::integer as n from profile.employment where employing_unit ~ '^H52[.]10([.]|$)'`,
  );
  expect(everybody).toEqual([{ n: people.length }]);
  for (const { employment } of people) {
    expect(employment.employing_unit).toMatch(/^H52\.10(?:\.|$)/u);
  }
  const url = `/api/v1/records/${secret.recordId}`;
  const { headers } = await api.call({ as: 'part', url });
  const moved = await api.call({
    as: 'part',
    method: 'PATCH',
    url: `${url}/sections/employment`,
    body: { employing_unit: 'H52.03' },
    headers: { 'if-match': String(headers['etag']) },
  });
  expect(moved).toMatchObject({ status: 403, json: { code: 'NODE_UNIT_OUTSIDE' } });
  const top = await api.call({ as: 'part', url: '/api/v1/units' });
  expect(top.json['items']).toMatchObject([{ code: part }]);
  const status = await api.call({ as: 'part', url: '/api/v1/status' });
  expect(status).toMatchObject({ status: 403, json: { code: 'NODE_UNIT_OUTSIDE' } });
  const tasks = await api.call({ as: 'part', url: '/api/v1/tasks' });
  const imports = (tasks.json['items'] as readonly { importId: string }[]).map(
    ({ importId }) => importId,
  );
  expect(imports).toContain(secret.importId);
  expect(imports).not.toContain(outside.importId);
});

test('a key for a part of the agency publishes nothing that moves somebody out of it', async () => {
  const url = `/api/v1/records/${secret.recordId}`;
  const { headers } = await api.call({ as: 'waits', url });
  const moved = await api.call({
    as: 'waits',
    method: 'PATCH',
    url: `${url}/sections/employment`,
    body: { employing_unit: 'H52.03' },
    headers: { 'if-match': String(headers['etag']) },
  });
  expect(moved).toMatchObject({ status: 202 });
  const { importId } = moved.json['row'] as { readonly importId: string };
  const publish = (as: string, body: object) =>
    api.call({ as, method: 'POST', url: `/api/v1/intake/${importId}/publish`, body });
  const named = await publish('part', { rows: [{ sheet: 'api', row: 1 }] });
  expect(named).toMatchObject({ status: 403, json: { code: 'NODE_UNIT_OUTSIDE' } });
  expect(await publish('part', { all: true })).toMatchObject({
    status: 200,
    json: { published: 0 },
  });
  const rows = await rowsOf('select state from intake.row where import_id = $1', importId);
  expect(rows).toEqual([{ state: 'waiting' }]);
});

test('what is left of a secret that was removed is still one', async () => {
  const [found] = await rowsOf(
    `update profile.record set state_secret = true
     where record_id = (select record_id from profile.employment where status = '1'
       and record_id <> all($1::uuid[]) order by record_id desc limit 1) returning record_id`,
    [outside.recordId, secret.recordId],
  );
  const recordId = found?.['record_id'] ?? '';
  await leaveOverdue(api, { recordId });
  const url = `/api/v1/records/${recordId}`;
  const { headers } = await api.call({ as: 'all', url });
  const removed = await api.call({
    as: 'all',
    method: 'DELETE',
    url,
    body: { reason: 'entered twice' },
    headers: { 'if-match': String(headers['etag']) },
  });
  expect(removed.status).toBe(200);
  const listed = (as: string) =>
    api.call({ as, url: '/api/v1/overdue/changes?state=overdue&limit=200' });
  expect((await listed('all')).text).toContain(recordId);
  expect((await listed('open')).text).not.toContain(recordId);
});

test('a unit that is a secret is neither shown nor counted to who may see none', async () => {
  const [unit] = await rowsOf(
    `update profile.record set state_secret = true
     where record_id = (select record_id from profile.org_unit where parent_code = 'H52' limit 1)
     returning record_id`,
  );
  const top = async (as: string): Promise<{ readonly children: number } | undefined> => {
    const { json } = await api.call({ as, url: '/api/v1/units' });
    return (json['items'] as readonly { readonly children: number }[])[0];
  };
  const below = async (as: string): Promise<number> => {
    const { json } = await api.call({ as, url: '/api/v1/units?parent=H52&limit=200' });
    return (json['items'] as readonly unknown[]).length;
  };
  const [whole, plain] = [await top('all'), await top('open')];
  const shown = [await below('all'), await below('open')];
  await rowsOf(
    'update profile.record set state_secret = false where record_id = $1',
    unit?.['record_id'],
  );
  expect([whole?.children, plain?.children]).toEqual(shown);
  expect(plain?.children).toBe((whole?.children ?? 0) - 1);
});

test('a name has the same words for the search as for its index', async () => {
  const names = await rowsOf(
    `select full_name as name, profile.name_key(full_name) as key from profile.identity
     union all select n, profile.name_key(n) from unnest($1::text[]) as n`,
    ['Đặng Thị Thuỳ', 'Y Ƀlô', "H'Mai  Êban", 'Nguyê\u0303n ANH', 'Ơ'],
  );
  for (const { name = '', key = '' } of names) {
    const query = plainWords(name).map((word) => `${word}:*`);
    const [found] = await rowsOf(
      `select to_tsvector('simple', $1::text) @@ to_tsquery('simple', $2) as found`,
      key,
      query.join(' & '),
    );
    expect(found, name).toEqual({ found: true });
  }
  const plain = names.filter(({ name = '' }) => /^[\p{L}\p{M} ]+$/u.test(name));
  expect(plain.length).toBeGreaterThan(50);
  for (const { name = '', key = '' } of plain) {
    const words = plainWords(name);
    // the key has the given name first
    expect(plainWords(key), name).toEqual([...words.slice(-1), ...words.slice(0, -1)]);
  }
});

type Named = { readonly recordId: string; readonly identity: { readonly full_name: string } };

test('pages have every person once while names change, and names are found without accents', async () => {
  const seen: string[] = [];
  let cursor = '';
  for (let pages = 0; pages < 100; pages += 1) {
    const { json } = await api.call({ as: 'all', url: `/api/v1/records?limit=7${cursor}` });
    const items = json['items'] as readonly Named[];
    seen.push(...items.map((item) => item.recordId));
    // whoever was seen last goes to the end of the alphabet; a page by numbers would miss the next one
    await rowsOf(
      `update profile.identity set full_name = 'Đặng Ỷ' where record_id = $1`,
      seen.at(-1),
    );
    if (json['next'] === null) break;
    cursor = `&cursor=${json['next'] as string}`;
  }
  const people = await rowsOf('select record_id from profile.employment');
  expect(new Set(seen).size).toBe(people.length);
  const found = await api.call({ as: 'all', url: '/api/v1/records?q=DANG+y&limit=1' });
  expect(found.json['items']).toMatchObject([{ identity: { full_name: 'Đặng Ỷ' } }]);
});
