/** Who looked at whom: written down before the answer goes out, without a word that was searched. */
import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { leaveChange, leaveCorrection } from '../../../test/support/api-operations.ts';
import { type Answered, openTestApi, type TestApi } from '../../../test/support/test-api.ts';
import { recordId as madeUp } from '../../../test/support/test-records.ts';
import { makeReport } from '../sync/report-totals.ts';

let api: TestApi;
let someone: { readonly recordId: string; readonly pin: string; readonly name: string };

beforeAll(async () => {
  const scopes = ['records:read', 'records:read-secret', 'records:write', 'intake:read'];
  api = await openTestApi([{ name: 'desk', scopes, review: true }], { size: 20 });
  const [found] = await api.rowsOf(
    `select i.record_id, i.pin, i.full_name from profile.identity i
     join profile.employment e using (record_id) where e.status = '1' limit 1`,
  );
  const { record_id: recordId, pin, full_name: name } = found ?? {};
  someone = { recordId: String(recordId), pin: String(pin), name: String(name) };
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const get = (path: string): Promise<Answered> => api.call({ as: 'desk', url: `/api/v1${path}` });

/** What the calls left in the log. */
async function leftBy(calls: () => Promise<void>): Promise<readonly Record<string, unknown>[]> {
  await api.rowsOf('delete from access.read_log');
  await calls();
  return await api.rowsOf(
    `select k.name as key, l.at, l.route, l.outcome, l.record_id, l.asked
     from access.read_log l join access.key k on k.id = l.key_id order by l.ctid`,
  );
}

const entry = (route: string, outcome: string, recordId: string | null, asked: object) => ({
  key: 'desk',
  at: api.node.now(),
  route: `GET /api/v1${route}`,
  outcome,
  record_id: recordId,
  asked,
});

test('each look at data of people leaves who, when and what was asked for, and no other word', async () => {
  const { recordId, pin, name } = someone;
  const importId = await leaveChange(api, { as: 'desk', recordId });
  const correctionId = '00000000000000cc';
  await leaveCorrection(api, { id: correctionId, recordId, field: 'sex', sourceValue: '0' });
  const log = await leftBy(async () => {
    await get(`/records?q=${pin}&unit=H52&limit=5`);
    await get(`/records?q=${encodeURIComponent(name)}&status=1`);
    await get('/records?q=NV-1&objectClass=2');
    await get('/records');
    await get(`/records/${recordId}`);
    await get(`/records/${madeUp(1)}`);
    await get(`/records/${recordId}/sections/identity`);
    await get(`/records/${recordId}/sections/contact`);
    await get(`/intake/${importId}/rows`);
    await get(`/intake/${importId}/rows/api/1`);
    await get(`/corrections/${correctionId}`);
    // these hold no data of people
    await get('/units');
    await get('/rules');
  });
  expect(log).toEqual([
    entry('/records', 'ok', null, { q: 'pin', unit: 'H52' }),
    entry('/records', 'ok', null, { q: 'name', status: '1' }),
    entry('/records', 'ok', null, { q: 'staff-number', objectClass: '2' }),
    entry('/records', 'ok', null, {}),
    entry('/records/:recordId', 'ok', recordId, {}),
    entry('/records/:recordId', '404', madeUp(1), {}),
    entry('/records/:recordId/sections/:section', 'ok', recordId, { section: 'identity' }),
    entry('/records/:recordId/sections/:section', '403', recordId, { section: 'contact' }),
    entry('/intake/:importId/rows', 'ok', null, { importId }),
    entry('/intake/:importId/rows/:sheet/:row', 'ok', recordId, {
      importId,
      sheet: 'api',
      row: '1',
    }),
    entry('/corrections/:correctionId', 'ok', recordId, { correctionId }),
  ]);
});

test('what cannot be written down is not answered', async () => {
  const { recordId, name } = someone;
  await api.rowsOf('alter table access.read_log rename to read_log_away');
  const [record, search, units] = await Promise.all([
    get(`/records/${recordId}`),
    get('/records?limit=200'),
    get('/units'),
  ]).finally(() => api.rowsOf('alter table access.read_log_away rename to read_log'));
  for (const refused of [record, search]) {
    expect(refused).toMatchObject({ status: 503, json: { code: 'NODE_BUSY' } });
    expect(refused.headers).not.toHaveProperty('etag');
    expect(refused.text).not.toContain(name);
  }
  expect(units.status).toBe(200);
  expect(await get(`/records/${recordId}`)).toMatchObject({ status: 200 });
});

test('what is older than 400 days goes with the report of the night', async () => {
  const log = await leftBy(async () => {
    await get('/records');
    await api.rowsOf(
      `insert into access.read_log
       select at - i * interval '1 day', key_id, route, outcome, record_id, asked
       from access.read_log, unnest(array[399, 402]) as i`,
    );
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    await makeReport({
      ...api.node,
      signingKey: privateKey,
      sealingKey: privateKey,
      hubSigningKey: publicKey,
      audience: new Uint8Array(32),
    });
  });
  expect(log).toHaveLength(2);
});
