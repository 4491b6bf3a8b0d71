/** Corrections, due days and quality by the API: who sees what, what a decision does, and how pages go on. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { leaveCorrection, leaveOverdue } from '../../../test/support/api-operations.ts';
import { type Answered, openTestApi, type TestApi } from '../../../test/support/test-api.ts';

let api: TestApi;
/** Active people of H52.10 and below, in order of their ids. */
let ids: readonly string[];

const part = 'H52.10';
const scopes = ['records:read', 'intake:review', 'status:read', 'records:read-secret'];

beforeAll(async () => {
  api = await openTestApi(
    [
      { name: 'desk', scopes: [...scopes, 'records:read-sensitive'] },
      { name: 'plain', scopes },
      { name: 'part', scopes, unit: part },
      { name: 'looker', scopes: ['records:read'] },
    ],
    { size: 60 },
  );
  const found = await api.rowsOf(
    `select record_id from profile.employment
     where status = '1' and employing_unit ~ '^H52[.]10([.]|$)' order by 1`,
  );
  ids = found.map((row) => String(row['record_id']));
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const idOf = (n: number): string => ids[n] ?? '';
const correctionId = (n: number): string => n.toString(16).padStart(16, '0');
const get = (path: string, as = 'desk'): Promise<Answered> =>
  api.call({ as, url: `/api/v1${path}` });
const post = (
  path: string,
  body: unknown,
  { as = 'desk', once }: { readonly as?: string; readonly once?: string } = {},
): Promise<Answered> => {
  const headers = once === undefined ? {} : { 'idempotency-key': once };
  return api.call({ as, method: 'POST', url: `/api/v1${path}`, body, headers });
};

const birthDateOf = async (recordId: string): Promise<unknown> =>
  (
    await api.rowsOf(
      'select birth_date::text as d from profile.identity where record_id = $1',
      recordId,
    )
  )[0]?.['d'];

/** All pages of a list, `limit` a page; 50 pages at most. */
async function pagesOf(path: string, limit: number): Promise<readonly Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  let cursor = '';
  for (let pages = 0; pages < 50; pages += 1) {
    const { status, json } = await get(`${path}&limit=${limit}${cursor}`);
    expect(status).toBe(200);
    all.push(...(json['items'] as Record<string, unknown>[]));
    if (json['next'] === null) return all;
    cursor = `&cursor=${json['next'] as string}`;
  }
  throw new Error(`${path} has no end`);
}

const differs = { field: 'birth_date', sourceValue: '1980-05-12' };

test('a correction is accepted once under its key, by somebody who is named', async () => {
  const recordId = idOf(0);
  const id = correctionId(1);
  await leaveCorrection(api, { id, recordId, ...differs });
  const had = await birthDateOf(recordId);
  const path = `/corrections/${id}`;
  expect((await get(path)).json).toMatchObject({
    recordId,
    standing: 'open',
    version: '1',
    unitValue: had,
    currentValue: had,
    sourceValue: '1980-05-12',
  });
  const order = { by: ' Hạnh'.normalize('NFD') };
  const blank = await post(`${path}/accept`, { by: ' ' });
  expect(blank).toMatchObject({ status: 400, json: { code: 'NODE_REQUEST_INVALID' } });
  expect(await post(`${path}/accept`, order, { as: 'looker' })).toMatchObject({ status: 403 });
  const accepted = await post(`${path}/accept`, order, { once: 'c1' });
  const standing = { id, recordId, standing: 'accepted', changed: true };
  expect([accepted.status, accepted.json]).toEqual([200, standing]);
  expect(await birthDateOf(recordId)).toBe('1980-05-12');
  const again = await post(`${path}/accept`, order, { once: 'c1' });
  expect(again.json).toEqual(standing);
  const other = await post(`${path}/accept`, { by: 'An' }, { once: 'c1' });
  expect(other).toMatchObject({ status: 422, json: { code: 'NODE_REQUEST_REUSED' } });
  const journal = await api.rowsOf(
    `select action, decided_by from intake.decision where record_id = $1`,
    recordId,
  );
  expect(journal).toEqual([{ action: 'accept-correction', decided_by: 'source:desk (Hạnh)' }]);
  expect((await get(path)).json).toMatchObject({
    standing: 'accepted',
    currentValue: '1980-05-12',
  });
});

test('a correction is contested once under its key, with a reason that can be told', async () => {
  const recordId = idOf(1);
  const id = correctionId(2);
  await leaveCorrection(api, { id, recordId, ...differs });
  const had = await birthDateOf(recordId);
  const path = `/corrections/${id}/contest`;
  for (const reason of [' ', 'hai\ndòng']) {
    const refused = await post(path, { reason });
    expect(refused).toMatchObject({ status: 422, json: { code: 'NODE_CORRECTION_REASON' } });
  }
  const contested = [
    await post(path, { reason: 'theo giấy khai sinh' }, { once: 'c2' }),
    await post(path, { reason: 'theo giấy khai sinh' }, { once: 'c2' }),
  ];
  for (const { status, json } of contested) {
    expect([status, json]).toEqual([200, { id, recordId, standing: 'contested', changed: false }]);
  }
  const told = await api.rowsOf(
    'select contested, reason from sync.answer where correction = $1',
    id,
  );
  expect(told).toEqual([{ contested: true, reason: 'theo giấy khai sinh' }]);
  expect(await birthDateOf(recordId)).toBe(had);
});

test('what was overtaken, would break a rule or is not there is refused, and nothing is written', async () => {
  const recordId = idOf(2);
  const overtaken = correctionId(3);
  const faulty = correctionId(4);
  const had = await birthDateOf(recordId);
  await leaveCorrection(api, { id: overtaken, recordId, unitValue: '1950-01-01', ...differs });
  await leaveCorrection(api, {
    id: faulty,
    recordId,
    field: 'birth_date',
    sourceValue: '2030-01-01',
  });
  expect(await post(`/corrections/${overtaken}/accept`, {})).toMatchObject({
    status: 409,
    json: { code: 'NODE_CORRECTION_OVERTAKEN' },
  });
  expect(await post(`/corrections/${faulty}/accept`, {})).toMatchObject({
    status: 422,
    json: { code: 'NODE_CORRECTION_FAULTY', detail: expect.stringContaining('date_future') },
  });
  expect(await post(`/corrections/${correctionId(99)}/accept`, {})).toMatchObject({
    status: 404,
    json: { code: 'NODE_CORRECTION_UNKNOWN' },
  });
  expect(await birthDateOf(recordId)).toBe(had);
});

test('corrections come by pages, and that a field differs is told to who may see the field', async () => {
  const expected: string[] = [];
  for (let n = 16; n < 23; n += 1) {
    await leaveCorrection(api, { id: correctionId(n), recordId: idOf(n % 3), ...differs });
    expected.push(correctionId(n));
  }
  const hidden = correctionId(23);
  await leaveCorrection(api, {
    id: hidden,
    recordId: idOf(3),
    field: 'religion',
    sourceValue: '02',
  });
  const open = await pagesOf('/corrections?all=false', 2);
  expect(open.map(({ id }) => id).filter((id) => expected.includes(String(id)))).toEqual(expected);
  expect(open.map(({ id }) => id)).toContain(hidden);
  expect(open.map(({ id }) => id)).not.toContain(correctionId(1));
  const all = await pagesOf('/corrections?all=true', 200);
  expect(all.map(({ id }) => id)).toContain(correctionId(1));
  expect(JSON.stringify(all)).not.toContain('1980-05-12');
  const plain = await get('/corrections?limit=200', 'plain');
  expect(plain.text).toContain(expected[0]);
  expect(plain.text).not.toContain(hidden);
  expect(await get(`/corrections/${hidden}`, 'plain')).toMatchObject({ status: 404 });
  const accepted = await post(`/corrections/${hidden}/accept`, {}, { as: 'plain' });
  expect(accepted).toMatchObject({ status: 404 });
});

test('what is overdue adds up along the tree, and comes by pages without loss', async () => {
  await leaveOverdue(api, { recordId: idOf(4), versions: 3 });
  await leaveOverdue(api, { recordId: idOf(5) });
  const [outside] = await api.rowsOf(
    `select record_id from profile.employment where employing_unit ~ '^H52[.]03([.]|$)' limit 1`,
  );
  await leaveOverdue(api, { recordId: String(outside?.['record_id']) });
  const whole = await get('/overdue');
  expect(whole.json).toMatchObject({
    unit: 'H52',
    totals: { overdue: 5, late: 0 },
    kinds: [{ kind: 'elsewhere', section: 'employment', overdue: 5 }],
    below: [
      { unit: 'H52.03', overdue: 1 },
      { unit: part, overdue: 4 },
    ],
  });
  const within = await get(`/overdue?unit=${part}`);
  expect(within.json).toMatchObject({ unit: part, totals: { overdue: 4 } });
  expect((await get('/overdue', 'part')).json).toEqual(within.json);
  expect(await get('/overdue?unit=H52', 'part')).toMatchObject({
    status: 403,
    json: { code: 'NODE_UNIT_OUTSIDE' },
  });
  const listed = await pagesOf(`/overdue/changes?state=overdue&unit=${part}`, 1);
  expect(listed.map(({ recordId }) => recordId)).toEqual(
    [idOf(4), idOf(4), idOf(4), idOf(5)].toSorted((a, b) => (a < b ? -1 : 1)),
  );
  expect(listed[0]).toMatchObject({
    section: 'employment',
    notedOn: '2026-10-01',
    arrivedOn: null,
  });
  expect(await pagesOf('/overdue/changes?state=late', 10)).toEqual([]);
});

type Shares = Readonly<Record<string, { readonly good: number; readonly of: number }>>;

test('quality is the same added up, by night, and down to the records', async () => {
  await api.rowsOf(
    'delete from profile.work_history where record_id = any($1::uuid[])',
    ids.slice(0, 3),
  );
  const whole = await get('/quality');
  const { shares, below } = whole.json as {
    readonly shares: Shares;
    readonly below: readonly { readonly unit: string; readonly shares: Shares }[];
  };
  const { good = 0, of = 0 } = shares['sufficient'] ?? {};
  expect(of).toBeGreaterThan(30);
  const own = below.reduce((sum, one) => sum + (one.shares['sufficient']?.of ?? 0), 0);
  const [atTop] = await api.rowsOf(
    `select count(*)::integer as n from profile.employment where employing_unit = 'H52' and status = '1'`,
  );
  expect(own + Number(atTop?.['n'])).toBe(of);
  const faulty = await pagesOf('/quality/faults?measure=sufficient', 5);
  expect(new Set(faulty.map(({ recordId }) => recordId)).size).toBe(faulty.length);
  expect(faulty).toHaveLength(of - good);
  const named = faulty.filter(({ recordId }) => ids.slice(0, 3).includes(String(recordId)));
  expect(named.length).toBeGreaterThan(0);
  for (const { faults } of named) {
    expect(faults).toContainEqual(expect.objectContaining({ section: 'work_history', field: '' }));
  }
  const ofPart = await get('/quality', 'part');
  expect(ofPart.json['shares']).toEqual(below.find(({ unit }) => unit === part)?.shares);
  const seen = await get('/quality/faults?measure=sufficient&limit=1000', 'part');
  const records = (seen.json['items'] as readonly { recordId: string }[]).map(
    (one) => one.recordId,
  );
  expect(ids).toEqual(expect.arrayContaining(records));
  for (const path of ['/quality', '/quality/nights', '/quality/faults']) {
    const query = path.endsWith('faults') ? '?unit=H52.03&measure=clean' : '?unit=H52.03';
    const refused = await get(`${path}${query}`, 'part');
    expect(refused, path).toMatchObject({ status: 403, json: { code: 'NODE_UNIT_OUTSIDE' } });
  }
});

test('the nights are added up by unit, the newest first', async () => {
  const figures = [
    ['2026-11-20', 'H52.10', 5, 6],
    ['2026-11-21', 'H52.10', 7, 8],
    ['2026-11-21', 'H52.10.01', 1, 2],
    ['2026-11-21', 'H52.1', 100, 100],
  ] as const;
  for (const figure of figures) {
    await api.rowsOf(
      `insert into sync.quality_day (as_of, unit, measure, good, total)
       values ($1, $2, 'clean', $3, $4)`,
      ...figure,
    );
  }
  const night = (asOf: string, good: number, of: number) =>
    ({ asOf, shares: expect.objectContaining({ clean: { good, of } }) }) as unknown;
  const nights = async (query: string, as = 'desk'): Promise<unknown> =>
    (await get(`/quality/nights${query}`, as)).json['nights'];
  expect(await nights('?unit=H52.10')).toEqual([
    night('2026-11-21', 8, 10),
    night('2026-11-20', 5, 6),
  ]);
  expect(await nights('', 'part')).toEqual(await nights('?unit=H52.10'));
  expect(await nights('?nights=1')).toEqual([night('2026-11-21', 108, 110)]);
});
