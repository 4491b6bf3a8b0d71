/**
 * The API against its own contract: every route is in the OpenAPI document, every answer fits its
 * schema, whatever is sent, and nothing of a person is logged.
 */

import fc from 'fast-check';
import { Check } from 'typebox/schema';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  leaveChange,
  leaveCorrection,
  leaveOverdue,
  type Operation,
  operationsOf,
  readDocument,
} from '../../../test/support/api-operations.ts';
import {
  arbitraryOf,
  resolved,
  type Schema,
  schemaOf,
} from '../../../test/support/json-arbitrary.ts';
import {
  type Answered,
  type Call,
  openTestApi,
  type TestApi,
} from '../../../test/support/test-api.ts';
import { recordId as madeUp } from '../../../test/support/test-records.ts';
import { errorKinds } from '../errors.ts';
import { keyScopes } from '../protocol/access-key.ts';
import { buildApp } from './app.ts';

let api: TestApi;
let document: Schema;
let operations: readonly Operation[];

const part = 'H52.10';
const all = keyScopes.filter((scope) => scope !== 'packets');

beforeAll(async () => {
  api = await openTestApi(
    [
      { name: 'all', scopes: all },
      { name: 'part', scopes: all, unit: part },
      { name: 'none', scopes: ['packets'] },
      { name: 'waits', scopes: all, review: true },
    ],
    { size: 60 },
  );
  document = await readDocument(api);
  operations = operationsOf(document);
  const people = await rowsOf(
    `select record_id from profile.employment where status = '1' order by 1 limit 4`,
  );
  const ids = people.map((row) => row['record_id'] ?? '');
  await leaveChange(api, { as: 'waits', recordId: ids[0] ?? '' });
  for (const [i, recordId] of ids.entries()) {
    const differs = { field: 'birth_date', sourceValue: '1980-05-12' };
    await leaveCorrection(api, { id: `${i}`.padStart(16, '0'), recordId, ...differs });
    await leaveOverdue(api, { recordId });
  }
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const rowsOf = async (
  text: string,
  ...values: readonly unknown[]
): Promise<readonly Record<string, string>[]> =>
  (await api.node.database.pool.query<Record<string, string>>(text, [...values])).rows;

test('every route is in the document, and says what it refuses', async () => {
  const listed = operations.map(({ path, method }) => `${method} ${path}`);
  expect(listed.toSorted()).toEqual([
    'DELETE /api/v1/records/{recordId}',
    'GET /api/v1/catalogue',
    'GET /api/v1/code-lists',
    'GET /api/v1/code-lists/{name}',
    'GET /api/v1/corrections',
    'GET /api/v1/corrections/{correctionId}',
    'GET /api/v1/intake',
    'GET /api/v1/intake/{importId}/rows',
    'GET /api/v1/intake/{importId}/rows/{sheet}/{row}',
    'GET /api/v1/overdue',
    'GET /api/v1/overdue/changes',
    'GET /api/v1/quality',
    'GET /api/v1/quality/faults',
    'GET /api/v1/quality/nights',
    'GET /api/v1/records',
    'GET /api/v1/records/{recordId}',
    'GET /api/v1/records/{recordId}/sections/{section}',
    'GET /api/v1/rules',
    'GET /api/v1/status',
    'GET /api/v1/tasks',
    'GET /api/v1/units',
    'PATCH /api/v1/records/{recordId}/sections/{section}',
    'POST /api/v1/corrections/{correctionId}/accept',
    'POST /api/v1/corrections/{correctionId}/contest',
    'POST /api/v1/intake/{importId}/publish',
    'POST /api/v1/intake/{importId}/recheck',
    'POST /api/v1/intake/{importId}/reject',
    'POST /api/v1/intake/{importId}/take-up',
    'POST /api/v1/records',
    'POST /api/v1/records/{recordId}/close',
    'POST /api/v1/records/{recordId}/reopen',
    'PUT /api/v1/records/{recordId}/sections/{section}',
  ]);
  const tree = api.app.printRoutes({ commonPrefix: false, includeHooks: false });
  // HEAD comes with GET; two addresses say nothing that needs a contract
  const routes = Array.from(tree.matchAll(/\((?<methods>[A-Z, ]+)\)/gu), ({ groups }) =>
    (groups?.['methods'] ?? '').split(', ').filter((method) => method !== 'HEAD'),
  ).flat();
  const inDocument = Object.values(schemaOf(document['paths'])).flatMap((methods) =>
    Object.keys(schemaOf(methods)),
  );
  const olderCasing = 7;
  expect(routes).toHaveLength(inDocument.length + olderCasing + ['/openapi.json'].length);
  for (const { contract, path } of operations) {
    const answers = Object.keys(schemaOf(contract['responses']));
    expect(answers, path).toEqual(expect.arrayContaining(['400', '401', '403', '429']));
    expect(contract, path).toMatchObject({ security: [{ key: [] }], tags: [expect.any(String)] });
    expect(contract['summary'], path).toMatch(/./u);
  }
});

test('the document is one of OpenAPI 3.1: parameters of its paths, and references that lead somewhere', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: expect.any(String) } });
  for (const { path, contract } of operations) {
    const parameters = (contract['parameters'] ?? []) as { in: string; name: string }[];
    const named = Array.from(
      path.matchAll(/\{(?<name>\w+)\}/gu),
      (found) => found.groups?.['name'],
    );
    const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    expect(inPath.toSorted(), path).toEqual(named.map(String).toSorted());
    expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
  }
  const schemas = schemaOf(schemaOf(document['components'])['schemas']);
  expect(schemas['identity']).toMatchObject({
    title: 'Nhân thân',
    properties: {
      religion: { title: 'Tôn giáo', description: expect.stringContaining('TON_GIAO') },
    },
  });
});

const contentOf = (contract: Schema, status: number): Schema => {
  const said = schemaOf(schemaOf(contract['responses'])[String(status)]);
  const [content] = Object.values(schemaOf(said['content']));
  return schemaOf(schemaOf(content)['schema']);
};

/** An answer below 500 that the contract has, in the form that it gives. */
function mustFit({ contract, path, method }: Operation, answered: Answered): void {
  const what = `${method} ${path} ${answered.status} ${answered.text.slice(0, 300)}`;
  // an address that nobody can read is no route's
  const isNoRoute = answered.status === 404 && answered.json['code'] === 'NODE_UNREADABLE';
  const schema = contentOf(
    isNoRoute ? (operations[0]?.contract ?? {}) : contract,
    isNoRoute ? 400 : answered.status,
  );
  expect(answered.status, what).toBeLessThan(500);
  expect(schema, what).not.toEqual({});
  expect(Check(schema, answered.json), what).toBe(true);
  const type = answered.status < 400 ? 'application/json' : 'application/problem+json';
  expect(answered.headers['content-type'], what).toContain(type);
  const isNamed = answered.status < 400 || String(answered.json['code']) in errorKinds;
  expect(isNamed, what).toBe(true);
}

test.each<[string, Partial<Call>, number, string]>([
  ['no key', { as: null }, 401, 'NODE_UNAUTHORISED'],
  ['a key without the scope', { as: 'none' }, 403, 'NODE_SCOPE_MISSING'],
  ['a cursor of nobody', { url: '/api/v1/records?cursor=bm8' }, 400, 'NODE_CURSOR_INVALID'],
  ['a parameter that is none', { url: '/api/v1/records?page=2' }, 400, 'NODE_REQUEST_INVALID'],
  ['an unknown address', { url: '/api/v1/people' }, 404, 'NODE_UNREADABLE'],
  ['a record that is none', { url: `/api/v1/records/${madeUp(1)}` }, 404, 'NODE_RECORD_UNKNOWN'],
  [
    'a row of a sheet with a long name',
    { url: `/api/v1/intake/${madeUp(1)}/rows/${encodeURIComponent('ộ'.repeat(200))}/1` },
    404,
    'NODE_ROW_UNKNOWN',
  ],
  [
    'XML',
    { method: 'POST', headers: { 'content-type': 'text/xml' }, body: {} },
    415,
    'NODE_MEDIA_TYPE',
  ],
  [
    'a plain text',
    { method: 'POST', headers: { 'content-type': 'text/plain' }, body: {} },
    415,
    'NODE_MEDIA_TYPE',
  ],
  ['a broken JSON', { method: 'POST', raw: '{"sections":' }, 400, 'NODE_UNREADABLE'],
  ['a body of 3 MB', { method: 'POST', body: 'x'.repeat(3_000_000) }, 413, 'NODE_TOO_LARGE'],
])('%s is refused by name', async (_, call, status, code) => {
  const answered = await api.call({ as: 'all', url: '/api/v1/records', ...call });
  expect(answered).toMatchObject({ status, json: { code, status } });
  expect(answered.headers['content-type']).toContain('application/problem+json');
});

test('a key that asks too often is told when to go on, over all addresses together', async () => {
  const app = buildApp(api.node, { limits: { requestsPerMinute: 2 } });
  const ask = (name: string, url: string) =>
    app.inject({ url, headers: { authorization: `Bearer ${api.keyOf(name)}` } });
  const hasty = [
    await ask('all', '/api/v1/units'),
    await ask('all', '/api/v1/tasks'),
    await ask('all', '/api/v1/code-lists'),
  ];
  expect(hasty.map((answer) => answer.statusCode)).toEqual([200, 200, 429]);
  expect(hasty[2]?.json()).toMatchObject({ code: 'NODE_TOO_MANY' });
  expect(hasty[2]?.headers).toHaveProperty('retry-after');
  expect(await ask('waits', '/api/v1/units')).toMatchObject({ statusCode: 200 });
  await app.close();
});

const cursors = ['', 'bm8', 'WyIxIl0', 'WyJhIiwiMSJd', 'WyJcdTAwMDAiLCIxIl0'];

/** Things that are there, by the name of a parameter; the records and imports are put in when it is sent. */
const known: Readonly<Record<string, readonly string[]>> = {
  recordId: ['RECORD'],
  importId: ['IMPORT'],
  correctionId: ['0000000000000000', '0000000000000001', '0000000000000002'],
  name: ['DAN_TOC', 'DVHC'],
  sheet: ['api'],
  row: ['1'],
  cursor: cursors,
  unit: ['H52', part],
  parent: ['H52', part],
  q: ['an', 'Nguyễn Văn', '014090000777', 'H52-000002'],
};

type Request = Pick<Call, 'url' | 'body'>;
type Parameter = { readonly in: string; readonly name: string; readonly schema: Schema };

/** A request that mostly fits: real things where their names are asked for. */
function requestFor(operation: Operation): fc.Arbitrary<Request> {
  if (!operation.path.includes('{section}')) return requestWith(operation, bodyOf(operation));
  const schemas = schemaOf(schemaOf(document['components'])['schemas']);
  const names = Object.keys(schemaOf(newSections()['properties']));
  return fc.constantFrom(...names).chain((section) => {
    const schema = schemaOf(resolved(schemas[section], document));
    const placed = { ...operation, path: operation.path.replace('{section}', section) };
    return requestWith(placed, operation.method === 'GET' ? undefined : schema);
  });
}

/** The sections of a new record. */
function newSections(): Schema {
  const create = operations.find((one) => one.method === 'POST' && one.path === '/api/v1/records');
  const members = schemaOf((create === undefined ? {} : (bodyOf(create) ?? {}))['properties']);
  return schemaOf(members['sections']);
}

function bodyOf({ contract }: Operation): Schema | undefined {
  const content = schemaOf(schemaOf(contract['requestBody'])['content']);
  const { schema } = schemaOf(content['application/json']);
  return schema === undefined ? undefined : schemaOf(schema);
}

function requestWith(
  { path, contract }: Operation,
  body: Schema | undefined,
): fc.Arbitrary<Request> {
  const parameters = (contract['parameters'] ?? []) as readonly Parameter[];
  const of = (place: string): Record<string, fc.Arbitrary<unknown>> =>
    Object.fromEntries(
      parameters
        .filter((one) => one.in === place)
        .map(({ name, schema }) => {
          const real = fc.constantFrom(...(known[name] ?? ['']));
          const other = { weight: 1, arbitrary: arbitraryOf(schema) };
          return [
            name,
            fc.oneof({ weight: known[name] === undefined ? 0 : 12, arbitrary: real }, other),
          ];
        }),
    );
  const text = (value: unknown): string => String(value).toWellFormed();
  return fc
    .record({
      path: fc.record(of('path')),
      query: fc.record(of('query')),
      // each is there now and then, a cursor seldom
      there: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 10 }),
      body: body === undefined ? fc.constant(undefined) : arbitraryOf(body),
    })
    .map((drawn): Request => {
      const members = Object.entries(drawn.query).filter(
        ([name], i) => (drawn.there[i] ?? 0) < (name === 'cursor' ? 1 : 3),
      );
      const query = new URLSearchParams(
        members.map(([name, value]): [string, string] => [name, text(value)]),
      );
      const inPath = new Map(Object.entries(drawn.path));
      const placed = path.replaceAll(
        /\{(\w+)\}/gu,
        (_, name: string) => encodeURIComponent(text(inPath.get(name))) || '%00',
      );
      return { url: `${placed}?${query.toString()}`, body: drawn.body };
    });
}

/**
 * The request with a record, and an import with a row that waits, as they are just now: some requests take
 * them away.
 */
async function aimed({ url, body }: Request): Promise<Pick<Call, 'url' | 'body' | 'headers'>> {
  if (!/RECORD|IMPORT/u.test(url)) return { url, body };
  const [found] = await rowsOf(
    `select (select record_id from profile.employment order by md5(record_id::text) limit 1) as record,
            (select import_id from intake.row order by state = 'waiting' desc limit 1) as import`,
  );
  const { record = '', import: importId = '' } = found ?? {};
  const real = url.replace('RECORD', record).replace('IMPORT', importId);
  if (!url.includes('RECORD')) return { url: real, body };
  const whole = await api.call({ as: 'all', url: `/api/v1/records/${record}` });
  return { url: real, body, headers: { 'if-match': String(whole.headers['etag']) } };
}

test('whatever is sent, the answer is one of the contract, and no fault of the node', async () => {
  for (const operation of operations) {
    const { method } = operation;
    await fc.assert(
      fc.asyncProperty(
        requestFor(operation),
        fc.constantFrom('all', 'part', 'waits'),
        async (request, as) =>
          mustFit(operation, await api.call({ as, method, ...(await aimed(request)) })),
      ),
      { numRuns: bodyOf(operation) === undefined ? 6 : 12, seed: 5 },
    );
  }
  const logged = api.logged();
  expect(logged).not.toContain('request failed');
  for (const { pin, full_name: name } of await rowsOf(
    'select pin, full_name from profile.identity',
  )) {
    expect(logged).not.toContain(pin);
    expect(logged).not.toContain(name);
  }
});
