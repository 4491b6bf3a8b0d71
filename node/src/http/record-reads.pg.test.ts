/**
 * Reading by the API: who sees what, and how one gets through lists. Every address of the OpenAPI
 * document is tried by a key for another part of the agency, and by one that may see no secrets.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  leaveChange,
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
  outside = await subjectWhere('^H52[.]03([.]|$)');
  secret = await subjectWhere('^H52[.]10([.]|$)');
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

/** A person with a change that waits for a reviewer. */
async function subjectWhere(units: string): Promise<Subject> {
  const [found] = await rowsOf(
    `select i.record_id, i.pin, i.full_name from profile.identity i
     join profile.employment e using (record_id)
     where e.status = '1' and e.employing_unit ~ $1 order by i.record_id limit 1`,
    units,
  );
  const { record_id: recordId = '', pin = '', full_name: name = '' } = found ?? {};
  const importId = await leaveChange(api, { as: 'waits', recordId });
  return { recordId, importId, pin, name };
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
};

/** Other addresses at which the record might be found. */
const searches = ({ pin, name }: Subject): Readonly<Record<string, readonly string[]>> => ({
  '/api/v1/records': [`?q=${pin}`, `?q=${encodeURIComponent(name)}`, '?unit=H52.03&limit=200'],
  '/api/v1/units': ['?parent=H52', '?parent=H52.03'],
});

const addressOf = ({ path }: Operation, subject: Subject): string =>
  path
    .replace('{recordId}', subject.recordId)
    .replace('{importId}', subject.importId)
    .replace('{sheet}/{row}', 'api/1')
    .replace('{section}', 'identity')
    .replace('{name}', 'DAN_TOC');

test.each([
  ['a key for another part of the agency', 'part', () => outside],
  ['a key that may see no secrets', 'open', () => secret],
])('%s finds nothing of a record under any address', async (_, as, subjectOf) => {
  const subject = subjectOf();
  const tagOf = async (): Promise<unknown> =>
    (await api.call({ as: 'all', url: `/api/v1/records/${subject.recordId}` })).headers['etag'];
  const before = await tagOf();
  expect(before).toBeDefined();
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
      const isNamed = path.includes('{recordId}') || path.includes('{importId}');
      const refusal = isListing ? 200 : 404;
      expect(answered.status, key).toBe(isNamed ? refusal : answered.status);
      expect(isListing ? answered.json['items'] : []).toEqual([]);
      for (const trace of [subject.recordId, subject.importId, subject.pin]) {
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
