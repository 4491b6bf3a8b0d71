/** Checkpoints of a hub that went back without anybody noticing, and gave a number twice. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { startHub } from '../../../hub/src/sync/hub-start.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { backupOf } from '../../../test/support/backup.ts';
import { type HubServer, openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openNodePlace, startNode, type TestNode } from '../../../test/support/test-node.ts';
import { orgUnit } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { pullFeed } from './pull-feed.ts';

type Numbered = { readonly incarnation: bigint; readonly number: bigint };

async function numbersIn(
  { database }: TestNode,
  table: 'checkpoint' | 'checkpoint_conflict',
): Promise<readonly string[]> {
  const { rows } = await database.pool.query<Numbered>(
    `select hub_incarnation as incarnation, number from sync.${table} order by 1, 2`,
  );
  return rows.map(({ incarnation, number }) => `${incarnation}/${number}`);
}

const checkpointTwo = async (hub: HubServer['hub']): Promise<Buffer | undefined> => {
  const text = 'select body_hash from sync.checkpoint where number = 2';
  return (await hub.database.pool.query<{ body_hash: Buffer }>(text)).rows[0]?.body_hash;
};

test('I11: numbers that an unnoticed restore gave twice are kept as evidence once the incarnation is raised', async () => {
  await using server = await openHubServer();
  await using place = await openNodePlace('H52');
  const { dataDirectory } = server.hub;
  await startHub(server.hub);
  // one process of the node, so that the backup has the token of its last hello
  await using backup = await (async () => {
    await using node = await startNode(server, place);
    await putRecords(node.database, tree);
    await syncPair({ node, server });
    await makeCheckpoint(server.hub, '2026-11-01');
    const made = await backupOf(server.hub.url);
    await makeCheckpoint(server.hub, '2026-11-02');
    await pullFeed(node);
    expect(await numbersIn(node, 'checkpoint')).toEqual(['1/1', '1/2']);
    return made;
  })();
  // nothing is left that could show the restore: the files are gone, and no batch was lost
  await rm(join(dataDirectory, 'witness.json'), { force: true });
  const first = await checkpointTwo(server.hub);
  const openRestored = (incarnation: bigint): Promise<HubServer> =>
    openHubServer({ url: backup.url, dataDirectory, incarnation });
  {
    await using restored = await openRestored(1n);
    expect(await startHub(restored.hub)).toBeUndefined();
    await makeCheckpoint(restored.hub, '2026-11-03');
    await makeCheckpoint(restored.hub, '2026-11-04');
    expect(await checkpointTwo(restored.hub)).not.toEqual(first);
    await using node = await startNode(restored, place);
    await expect(pullFeed(node)).rejects.toMatchObject({
      code: 'NODE_HUB_UNTRUSTED',
      message: expect.stringContaining('checkpoint 3'),
    });
    expect(await numbersIn(node, 'checkpoint_conflict')).toEqual([]);
    await raiseIncarnation(restored.hub);
  }
  for (const incarnation of [2n, 3n]) {
    await using raised = await openRestored(incarnation);
    await startHub(raised.hub);
    await makeCheckpoint(raised.hub, `2026-11-0${3n + incarnation}`);
    await using node = await startNode(raised, place);
    await putRecords(node.database, [orgUnit(200 + Number(incarnation), `H52.0${incarnation}`)]);
    await syncPair({ node, server: raised });
    // what it saw first stays what it witnessed; what came in its place is beside it, once
    const goesOn = ['2/4', '3/5'].slice(0, Number(incarnation) - 1);
    expect(await numbersIn(node, 'checkpoint')).toEqual(['1/1', '1/2', ...goesOn]);
    expect(await numbersIn(node, 'checkpoint_conflict')).toEqual(['1/2', '1/3']);
    const warned = node.logged().includes('does not fit what was kept');
    expect(warned).toBe(incarnation === 2n);
    await raiseIncarnation(raised.hub);
  }
});
