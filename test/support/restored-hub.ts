/**
 * A hub of two units that is restored from a backup: its programs run over the backup, with the files
 * that outlived the database, and the nodes have gone on since.
 */
import { expect } from 'vitest';

import { keepWitness, startHub } from '../../hub/src/sync/hub-start.ts';
import { makeCheckpoint } from '../../hub/src/sync/make-checkpoint.ts';
import { raiseIncarnation } from '../../hub/src/sync/raise-incarnation.ts';
import { verifyState } from '../../node/src/sync/verify.ts';
import { backupOf } from './backup.ts';
import type { TestDatabase } from './database.ts';
import { type HubServer, openHubServer } from './hub-server.ts';
import { putRecords, tree } from './node-records.ts';
import { type NodePlace, openNodePlace, startNode, type TestNode } from './test-node.ts';
import { orgUnit, person, pinOf, recordId } from './test-records.ts';
import { syncPair } from './whole-sync.ts';

/** The rows of a query at a node. */
export const queryNode = async (node: TestNode, text: string): Promise<readonly unknown[]> =>
  (await node.database.pool.query(text)).rows;

/** One life of a machine: work, and everything sent. */
export async function live(
  server: HubServer,
  place: NodePlace,
  act: (node: TestNode) => Promise<void>,
): Promise<void> {
  await using node = await startNode(server, place);
  await act(node);
  await syncPair({ node, server });
}

/** After everything is sent and has come back. */
export async function expectEqual(server: HubServer, node: TestNode): Promise<void> {
  await syncPair({ node, server });
  expect(await verifyState(node)).toMatchObject({
    comparable: true,
    hubEqualsNode: true,
    mirrorEqualsHub: true,
  });
  expect(server.faults).toEqual([]);
}

export type RestoredWorld = AsyncDisposable & {
  readonly server: HubServer;
  readonly h52: NodePlace;
  readonly g09: NodePlace;
  readonly backup: TestDatabase;
};

/** Two units with a batch each; a backup of the hub; then three more batches of one, one of the other. */
export async function openWorld(): Promise<RestoredWorld> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await openHubServer());
  const h52 = stack.use(await openNodePlace('H52'));
  const g09 = stack.use(await openNodePlace('G09'));
  await startHub(server.hub);
  await live(server, h52, (node) =>
    putRecords(node.database, [...tree, person(16, pinOf(16)), person(17, pinOf(17))]),
  );
  await live(server, g09, (node) => putRecords(node.database, [orgUnit(101, 'G09')]));
  await makeCheckpoint(server.hub, '2026-11-01');
  for (const place of [h52, g09]) await live(server, place, async () => undefined);
  const backup = stack.use(await backupOf(server.hub.url));
  await live(server, h52, (node) => putRecords(node.database, [person(18, pinOf(18))]));
  await live(server, h52, async (node) => {
    await node.database.pool.query(`delete from profile.record where record_id = $1`, [
      recordId(17),
    ]);
  });
  await makeCheckpoint(server.hub, '2026-11-02');
  await live(server, h52, (node) => putRecords(node.database, [person(19, pinOf(19))]));
  await live(server, g09, (node) =>
    putRecords(node.database, [orgUnit(102, 'G09.01', { parent: 'G09' })]),
  );
  await keepWitness(server.hub);
  const open = stack.move();
  return { server, h52, g09, backup, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** The hub's programs over the backup, with the files that outlived the database. */
export function openRestored(world: RestoredWorld, incarnation = 1n): Promise<HubServer> {
  const { dataDirectory } = world.server.hub;
  return openHubServer({ url: world.backup.url, dataDirectory, incarnation });
}

/** The same once its operator has raised the incarnation. */
export async function openRaised(world: RestoredWorld): Promise<HubServer> {
  {
    await using restored = await openRestored(world);
    await raiseIncarnation(restored.hub);
  }
  return await openRestored(world, 2n);
}
