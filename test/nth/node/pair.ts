/** The node and hub of these tests, and the node as a process that has the faulty database. */
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';

import { ensureHello } from '../../../node/src/sync/say-hello.ts';
import { putRecords, tree } from '../../support/node-records.ts';
import { openPair, type Pair, type TestNode } from '../../support/test-node.ts';
import { person, pinOf } from '../../support/test-records.ts';
import { syncPair } from '../../support/whole-sync.ts';

const family = { full_name: 'Người Nhà Thử', relationship: '01' };

/** The tree and two people are in sync, one with a sealed section; nothing is applied but when told. */
export async function openSynced(): Promise<Pair> {
  const pair = await openPair();
  await putRecords(pair.node.database, [
    ...tree,
    person(16, pinOf(16), {
      more: { family_own: [family], training: [{ institution: 'Trường một' }] },
    }),
    person(17, pinOf(17)),
  ]);
  await ensureHello(pair.node);
  await syncPair(pair);
  pair.server.applies = false;
  return pair;
}

/** One person new, one changed, one with a value that the hub refuses. */
export async function change({ database }: TestNode): Promise<void> {
  await putRecords(database, [
    person(18, pinOf(18), { more: { family_own: [family] } }),
    person(19, pinOf(19), { fields: { sex: '7' } }),
  ]);
  await database.pool.query(`update profile.identity set full_name = 'Tên Mới' where pin = $1`, [
    pinOf(16),
  ]);
}

/** `greeted`: it has said hello before. */
export const processOf = (node: TestNode, database: Database, greeted = true): TestNode => ({
  ...node,
  database,
  session: { ready: greeted },
});
