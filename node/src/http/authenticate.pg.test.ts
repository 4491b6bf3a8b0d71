/** Keys of programs: issued, used, counted, revoked; and what the node says without one. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { allKeys } from '../db/keys.ts';
import { issueKey, recogniseCaller, revokeKey } from '../sync/keys.ts';

let pair: Pair;

beforeAll(async () => {
  pair = await openPair();
});

afterAll(async () => {
  await pair[Symbol.asyncDispose]();
});

const order = (name: string) => ({ name, scopes: ['packets'], review: false });

test('a key is shown once and kept as a hash; another one of its name needs a revocation', async () => {
  const { node } = pair;
  const { db, pool } = node.database;
  const first = await issueKey(node, { ...order('hr'), scopes: ['status:read', 'packets'] });
  expect(first.key).toMatch(/^ltk_[0-9a-f]{16}_[\w-]{43}$/u);
  expect(first.scopes).toEqual(['packets', 'status:read']);
  const kept = await pool.query('select k::text from access.key k');
  expect(JSON.stringify(kept.rows)).not.toContain(first.key.slice(-43));
  await expect(issueKey(node, order('hr'))).rejects.toMatchObject({ code: 'NODE_KEY_EXISTS' });
  await revokeKey(node, 'hr');
  await expect(revokeKey(node, 'hr')).rejects.toMatchObject({ code: 'NODE_KEY_NONE' });
  const second = await issueKey(node, { ...order('hr'), review: true });
  const recognised = (key: string) => recogniseCaller(node, `Bearer ${key}`);
  expect(await recognised(first.key)).toEqual({ kind: 'revoked', keyId: first.id });
  expect(await recognised(second.key)).toMatchObject({
    kind: 'recognised',
    caller: { source: 'hr', agency: 'H52', scopes: ['packets'] },
  });
  const mixed = `ltk_${second.id}_${first.key.slice(-43)}`;
  expect(await recognised(mixed)).toEqual({ kind: 'unknown' });
  expect(await recogniseCaller({ ...node, agency: 'H01' }, `Bearer ${second.key}`)).toEqual({
    kind: 'unknown',
  });
  expect((await allKeys(db)).map(({ id, trusted }) => [id, trusted])).toEqual([
    [second.id, false],
    [first.id, false],
  ]);
});

test.each([
  ['a name with a space', order('h r')],
  ['a scope that is none', { ...order('x'), scopes: ['everything'] }],
  ['no scope', { ...order('x'), scopes: [] }],
  ['a unit of another agency', { ...order('x'), scopes: ['records:read'], unit: 'H01.02' }],
  ['a unit of no form', { ...order('x'), scopes: ['records:read'], unit: "H52.'" }],
  ['packets of a part of the agency', { ...order('x'), unit: 'H52.03' }],
])('%s makes no key', async (_, wrong) => {
  await expect(issueKey(pair.node, wrong)).rejects.toMatchObject({ code: 'NODE_KEY_INVALID' });
});

test('no key may write for the source of the workbooks', async () => {
  const made = issueKey(pair.node, order('workbook'));
  await expect(made).rejects.toMatchObject({ code: 'NODE_KEY_EXISTS' });
});
