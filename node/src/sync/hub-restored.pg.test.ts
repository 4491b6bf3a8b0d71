/** A hub that is restored from a backup, as its nodes meet it. */
import { expect, test } from 'vitest';

import { revokeUnit } from '../../../hub/src/sync/enrol-node.ts';
import { keepWitness, startHub } from '../../../hub/src/sync/hub-start.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { verifyArchive } from '../../../hub/src/sync/verify-archive.ts';
import { openBatches, putRecords } from '../../../test/support/node-records.ts';
import {
  expectEqual,
  live,
  openRaised,
  openRestored,
  openWorld,
  queryNode,
} from '../../../test/support/restored-hub.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import { openNodePlace, startNode } from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { sealAll } from '../../../test/support/whole-sync.ts';
import { readLink } from '../db/link.ts';
import { dropSafeContent } from '../db/reingest.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { ensureHello } from './say-hello.ts';

test('I3, I6: after the raise every node sends what the restored hub lost, the same bytes, and all sides are equal', async () => {
  await using world = await openWorld();
  const { server, h52, g09 } = world;
  const lost = await rowsOf(
    server.hub,
    'select agency, seq, header_hash from sync.inbox order by agency, seq',
  );
  {
    await using restored = await openRestored(world);
    expect(await startHub(restored.hub)).toContain('checkpoint 2 is not there');
    const raise = await raiseIncarnation(restored.hub);
    expect([raise.from, raise.to]).toEqual([1n, 2n]);
    expect(raise.units.map(({ agency, missing }) => [agency, missing])).toEqual([
      ['G09', 1n],
      ['H52', 3n],
    ]);
  }
  await using raised = await openRestored(world, 2n);
  expect(await startHub(raised.hub)).toBeUndefined();
  await makeCheckpoint(raised.hub, '2026-11-03');
  for (const place of [h52, g09]) {
    await using node = await startNode(raised, place);
    const bytes = await openBatches(node.database);
    await putRecords(
      node.database,
      place === h52 ? [person(20, pinOf(20))] : [orgUnit(103, 'G09.02', { parent: 'G09' })],
    );
    await expectEqual(raised, node);
    expect((await openBatches(node.database)).slice(0, bytes.length)).toEqual(bytes);
    expect((await readLink(node.database.db))?.hubIncarnation).toBe(2n);
    expect(node.logged()).toContain('the hub was restored');
    expect(await verifyArchive(raised.hub, place.agency)).toMatchObject({ faults: [] });
    // the lost branch of checkpoints stays as evidence, and the new one goes on from what was kept
    expect(
      await queryNode(node, 'select hub_incarnation, number from sync.checkpoint order by 1, 2'),
    ).toEqual([
      { hub_incarnation: 1n, number: 1n },
      { hub_incarnation: 1n, number: 2n },
      { hub_incarnation: 2n, number: 2n },
    ]);
  }
  const again = await rowsOf(
    raised.hub,
    `select agency, seq, header_hash from sync.inbox
     where (agency, seq) not in (('H52', 5), ('G09', 3)) order by agency, seq`,
  );
  expect(again).toEqual(lost);
  await using node = await startNode(raised, h52);
  expect(await queryNode(node, 'select seq from sync.void_receipt order by seq')).toEqual([
    { seq: 2n },
    { seq: 3n },
    { seq: 4n },
  ]);
});

test('I6: a restored hub whose raise was forgotten is found by its files, and by every node', async () => {
  await using world = await openWorld();
  await using restored = await openRestored(world);
  expect(await startHub(restored.hub)).toBeDefined();
  await expect(keepWitness(restored.hub)).rejects.toMatchObject({ code: 'HUB_RESTORED' });
  // served all the same, as by files that were lost as well
  await using node = await startNode(restored, world.h52);
  await putRecords(node.database, [person(20, pinOf(20))]);
  await expect(sealAll(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
  await expect(pushBatches(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
  expect(restored.hub.logged()).toContain('run hub incarnation raise');
  expect(
    await rowsOf(restored.hub, `select status, head_seq from registry.unit where agency = 'H52'`),
  ).toEqual([['active', 1n]]);
});

test('what was revoked after the backup stays revoked, and what was enrolled after it must enrol again', async () => {
  await using world = await openWorld();
  const { server, g09, h52 } = world;
  expect(await revokeUnit(server.hub, 'G09')).toBe(1);
  await using restored = await openRestored(world);
  await startHub(restored.hub);
  const status = `select u.status, c.status from registry.unit u
    join registry.certificate c using (agency) where agency = 'G09'`;
  expect(await rowsOf(restored.hub, status)).toEqual([['revoked', 'revoked']]);
  await raiseIncarnation(restored.hub);
  await using raised = await openRestored(world, 2n);
  await startHub(raised.hub);
  await using node = await startNode(raised, g09);
  await expect(ensureHello(node)).rejects.toMatchObject({
    message: expect.stringContaining('HUB_CERTIFICATE_UNKNOWN'),
  });
  await using other = await startNode(raised, h52);
  await raised.hub.database.pool.query(`delete from registry.certificate where agency = 'H52'`);
  await expect(ensureHello(other)).rejects.toMatchObject({
    message: expect.stringContaining('new invitation'),
  });
});

test('I6: a node and the hub both restored: what was safe is there, and what was not comes from who has it', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  // everything up to the backup was found in it: that is safe, and the node drops its copy
  await server.hub.database.pool.query(`update registry.unit set safe_seq = 1`);
  await live(server, h52, async (node) => {
    await putRecords(node.database, [person(21, pinOf(21))]);
  });
  {
    await using node = await startNode(server, h52);
    await pullFeed(node);
    expect(await dropSafeContent(node.database.db)).toBe(1);
  }
  await using nodeBackup = await openNodePlace('H52', { copyOf: h52 });
  await live(server, h52, (node) => putRecords(node.database, [person(22, pinOf(22))]));
  await using raised = await openRaised(world);
  await using node = await startNode(raised, nodeBackup);
  await expectEqual(raised, node);
  expect(
    await rowsOf(
      raised.hub,
      `select record_id from national.record where agency = 'H52' and kind = 2 order by 1`,
    ),
  ).toEqual([16, 18, 19, 21].map((n) => [recordId(n)]));
});

test('a hub restored to before what it had called safe is told which batch it must have', async () => {
  await using world = await openWorld();
  const { server, h52 } = world;
  await server.hub.database.pool.query(
    `update registry.unit set safe_seq = 3 where agency = 'H52'`,
  );
  {
    await using node = await startNode(server, h52);
    await pullFeed(node);
    expect(await dropSafeContent(node.database.db)).toBe(3);
  }
  await using raised = await openRaised(world);
  await using node = await startNode(raised, h52);
  await expect(ensureHello(node)).rejects.toMatchObject({
    code: 'NODE_HUB_LOST_SAFE',
    message: expect.stringContaining('batch 3'),
  });
  await expect(
    node.database.pool.query('update sync.outbox_batch set receipted_at = null where seq = 2'),
  ).rejects.toMatchObject({ constraint: 'outbox_batch_content_check' });
});
