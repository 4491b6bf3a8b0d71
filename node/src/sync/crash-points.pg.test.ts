import { expect, test } from 'vitest';

import { compareSides } from '../../../test/constellation/compare.ts';
import { breakingDatabase, type BreakPoint } from '../../../test/support/breaking-database.ts';
import { manifestOf, openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type TestNode } from '../../../test/support/test-node.ts';
import { person, pinOf } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';
import { sealBatch } from './seal-batches.ts';

/** All that seal and pull write, as one text. */
async function stateOf({ database }: TestNode): Promise<string> {
  const { rows } = await database.pool.query<{ state: string }>(
    `select jsonb_build_array(
      (select jsonb_agg(to_jsonb(l) - 'n' order by l.record_id, l.section) from sync.change_log l),
      (select jsonb_agg(r order by record_id) from sync.record r),
      (select jsonb_agg(b.header_hash order by seq) from sync.outbox_batch b),
      (select jsonb_agg(c) from sync.chain c),
      (select jsonb_agg(p) from sync.feed_position p),
      (select jsonb_agg(v order by record_id) from sync.verdict v),
      (select jsonb_agg(i order by record_id) from national.identity i),
      (select jsonb_agg(r order by record_id) from national.record r))::text as state`,
  );
  return rows[0]?.state ?? '';
}

/**
 * Runs `work` with the connection broken at its first statement, then `stride` statements later, and
 * so on until it succeeds. Calls `check` after each failure. Returns the number of failures.
 */
async function breakEverywhere(
  node: TestNode,
  { when, stride = 1 }: { readonly when: BreakPoint['when']; readonly stride?: number },
  work: (broken: TestNode) => Promise<unknown>,
  check: () => Promise<void>,
): Promise<number> {
  for (let failures = 0; ; failures++) {
    const statement = 1 + failures * stride;
    const database = breakingDatabase(node.database, { statement, when });
    const failed = await work({ ...node, database }).then(
      () => false,
      () => true,
    );
    if (!failed) return failures;
    await check();
  }
}

test('I2: a seal that loses its connection before any of its statements has done nothing', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await putRecords(node.database, [...tree, person(16, pinOf(16))]);
  await ensureHello(node);
  const before = await stateOf(node);
  // some 50 statements; each of them fails in test/nth, in other ways
  const stride = { when: 'before', stride: 3 } as const;
  const failures = await breakEverywhere(node, stride, sealBatch, async () =>
    expect(await stateOf(node)).toBe(before),
  );
  expect(failures).toBeGreaterThan(10);
  expect(await openBatches(node.database)).toHaveLength(1);
  expect(await syncPair(pair)).toBe(0);
  const sides = await compareSides({ agency: 'H52', hub: pair.hub.url, node: pair.place.url });
  expect(sides.differing).toEqual([]);
});

test('I2: a seal whose outcome is unknown has happened whole or not at all, and nothing is sealed twice', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await putRecords(node.database, [...tree, person(16, pinOf(16))]);
  await ensureHello(node);
  const before = await stateOf(node);
  let outcomes = 0;
  await breakEverywhere(node, { when: 'after' }, sealBatch, async () => {
    const batches = await openBatches(node.database);
    if ((await stateOf(node)) !== before) outcomes += 1;
    expect(batches.flatMap((batch) => manifestOf(batch))).toHaveLength(batches.length * 3);
  });
  expect(outcomes).toBeLessThanOrEqual(1);
  await sealAll(node);
  expect(await openBatches(node.database)).toHaveLength(1);
  await syncPair(pair);
  const sides = await compareSides({ agency: 'H52', hub: pair.hub.url, node: pair.place.url });
  expect(sides.differing).toEqual([]);
});

test('a pull that loses its connection before any of its statements has done nothing', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const bad = person(17, pinOf(17), { fields: { sex: '7' } });
  await putRecords(node.database, [...tree, person(16, pinOf(16)), bad]);
  await sealAll(node, 'a marker');
  await pushBatches(node);
  await pair.server.settled();
  const before = await stateOf(node);
  // a page takes some 80 statements
  const stride = { when: 'before', stride: 5 } as const;
  const failures = await breakEverywhere(node, stride, pullFeed, async () =>
    expect(await stateOf(node)).toBe(before),
  );
  expect(failures).toBeGreaterThan(10);
  const { rows } = await node.database.pool.query(
    `select cursor, proof_marker, (select count(*) from national.identity) as people,
      (select count(*) from sync.verdict) as verdicts from sync.feed_position`,
  );
  expect(rows).toEqual([{ cursor: 5n, proof_marker: 'a marker', people: 1n, verdicts: 1n }]);
});
