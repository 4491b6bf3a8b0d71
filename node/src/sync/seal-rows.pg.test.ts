import { expect, test } from 'vitest';

import { openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { verifyState } from './verify.ts';

const relative = 'Người thân giả định';
const sealed = {
  family_own: [
    { relationship: '1', full_name: relative, birth_year: '1950' },
    { relationship: '2', full_name: `${relative} hai` },
  ],
  health: [{ condition: '2', blood_group: 'AB' }],
};

type Pool = { query: (text: string) => Promise<{ rows: { section: number }[] }> };

async function sealedSections(pool: Pool): Promise<readonly number[]> {
  const { rows } = await pool.query('select section from national.sealed order by section');
  return rows.map((row) => row.section);
}

test('sealed sections reach hub and mirror as ciphertext only, and verify opens what came back', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, [...tree, person(3, '001080000003', { more: sealed })]);
  await syncPair(pair);
  expect(await sealedSections(hub.database.pool)).toEqual([24, 60]);
  expect(await sealedSections(node.database.pool)).toEqual([24, 60]);
  for (const batch of await openBatches(node.database)) {
    expect(batch.raw.includes(relative)).toBe(false);
  }
  expect(await verifyState(node)).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true });

  // an emptied list goes, another section stays
  await node.database.pool.query('delete from profile.family_own');
  await syncPair(pair);
  expect(await sealedSections(hub.database.pool)).toEqual([24]);
  expect(await sealedSections(node.database.pool)).toEqual([24]);
  expect(await verifyState(node)).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true });
});

test('a payload that was exchanged or changed at the hub is found by verify', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, [
    ...tree,
    person(3, '001080000003', { more: sealed }),
    person(4, '001080000004', { more: { health: [{ blood_group: 'O' }] } }),
  ]);
  await syncPair(pair);
  const swap = `update national.sealed s set payload = o.payload from national.sealed o
    where s.section = 24 and o.section = 24 and o.record_id <> s.record_id`;
  await hub.database.pool.query(swap);
  await node.database.pool.query(swap);
  expect(await verifyState(node)).toMatchObject({
    hubEqualsNode: false,
    mirrorEqualsHub: true,
    differing: ['node≠hub health'],
  });
  await hub.database.pool.query(swap);
  await node.database.pool.query(swap);
  await node.database.pool.query(
    `delete from national.sealed where record_id = '${recordId(4)}' and section = 24`,
  );
  expect(await verifyState(node)).toMatchObject({ mirrorEqualsHub: false });
});
