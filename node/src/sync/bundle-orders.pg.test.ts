/** Bundles that are lost, come twice, late or in any order, and bundles of machines with a past. */
import { createPublicKey } from 'node:crypto';

import { publicKeyToPem } from '@lienthong/shared-schema/runtime/signature.ts';
import { expect, test } from 'vitest';

import { releaseUnit } from '../../../hub/src/db/units.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { sayHello } from '../../../hub/src/sync/say-hello.ts';
import { backupOf } from '../../../test/support/backup.ts';
import { type Courier, expectEqual, openCourier } from '../../../test/support/bundle-courier.ts';
import { type HubServer, openHubServer } from '../../../test/support/hub-server.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import {
  type NodePlace,
  openNodePlace,
  openPair,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { person, pinOf } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { exportBundle } from './export-bundle.ts';
import { composeHello, ensureHello } from './say-hello.ts';

const status = 'select status, frozen_reason from registry.unit';

/** Every order of the steps. */
function ordersOf<T>(steps: readonly T[]): readonly (readonly T[])[] {
  if (steps.length < 2) return [steps];
  return steps.flatMap((step, i) => ordersOf(steps.toSpliced(i, 1)).map((rest) => [step, ...rest]));
}

type World = { readonly hub: TestHub; readonly node: TestNode; readonly courier: Courier };

type Places = AsyncDisposable &
  Omit<World, 'node'> & { readonly server: HubServer; readonly place: NodePlace };

/** A hub, a courier, and the place of a node that has the tree and has been on `rounds` of bundles. */
async function openPlaces(rounds: number): Promise<Places> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await openHubServer());
  const place = stack.use(await openNodePlace('H52'));
  const courier = stack.use(await openCourier());
  const { hub } = server;
  await using node = await startNode(server, place);
  await putRecords(node.database, tree);
  for (let round = 0; round < rounds; round++) await courier.round(hub, node);
  const open = stack.move();
  return { hub, server, place, courier, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Whatever came before, good rounds bring all sides together. */
async function expectRecovery({ hub, node, courier }: World): Promise<void> {
  expect(await rowsOf(hub, status)).toEqual([['active', null]]);
  for (let round = 0; round < 2; round++) await courier.round(hub, node);
  await expectEqual(hub, node);
}

let people = 15;
/** One more person is entered at the node. */
async function enter(node: TestNode): Promise<void> {
  people += 1;
  await putRecords(node.database, [person(people, pinOf(people))]);
}

test('I3: bundles that reach the hub in every order, twice, late or never freeze and lose nothing', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  const world = { hub, node, courier };
  await putRecords(node.database, tree);
  await courier.round(hub, node);
  const drawer: string[] = [];
  for (const [cycle, order] of ordersOf([0, 1, 2]).entries()) {
    // two with one hello; the node gets the answer to either; a third with the next hello
    await enter(node);
    const first = await courier.fromNode(node);
    await enter(node);
    const second = await courier.fromNode(node);
    await courier.toHub(hub, cycle % 2 === 0 ? first : second);
    await courier.toNode(node, await courier.fromHub(hub));
    await enter(node);
    const made = [first, second, await courier.fromNode(node)];
    for (const n of order) {
      await courier.toHub(hub, made[n] ?? '');
      await courier.toHub(hub, made[n] ?? '');
    }
    await expectRecovery(world);
    // one that never arrived, and one that did, are found in a drawer
    drawer.push(await courier.fromNode(node), made[cycle % 3] ?? '');
    await courier.toNode(node, await courier.fromHub(hub));
    await syncPair(pair);
    for (const path of drawer) await courier.toHub(hub, path);
    await expectRecovery(world);
  }
}, 300_000);

test('I3: answers that reach the node in every order, twice, late or never stop and lose nothing', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  const world = { hub, node, courier };
  await putRecords(node.database, tree);
  await courier.round(hub, node);
  const drawer: string[] = [];
  for (const [cycle, order] of ordersOf([0, 1, 2]).entries()) {
    await enter(node);
    await courier.toHub(hub, await courier.fromNode(node));
    const made = [await courier.fromHub(hub)];
    // the feed grows, and the same bundle is answered again; then there is another bundle
    await makeCheckpoint(hub, `2026-11-0${cycle + 1}`);
    made.push(await courier.fromHub(hub));
    await enter(node);
    await courier.toHub(hub, await courier.fromNode(node));
    made.push(await courier.fromHub(hub));
    for (const n of order) {
      await courier.toNode(node, made[n] ?? '');
      await courier.toNode(node, made[n] ?? '');
    }
    await expectRecovery(world);
    drawer.push(made[cycle % 3] ?? '');
    for (const path of drawer) await courier.toNode(node, path);
    await expectRecovery(world);
  }
}, 300_000);

test('I3: a run on the line at every point of a round is as if there had been no bundle', async () => {
  await using places = await openPlaces(0);
  const { hub, server, place, courier } = places;
  /** Another process of the same machine finds a line. */
  const online = async (): Promise<void> => {
    await using process = await startNode(server, place);
    await syncPair({ node: process, server });
    await enter(process);
  };
  await using node = await startNode(server, place);
  // a node that was on the line goes on without, and back
  await online();
  for (const point of [0, 1, 2, 3, 4]) {
    await enter(node);
    if (point === 0) await online();
    const bundle = await courier.fromNode(node);
    if (point === 1) await online();
    await courier.toHub(hub, bundle);
    if (point === 2) await online();
    const answer = await courier.fromHub(hub);
    if (point === 3) await online();
    await courier.toNode(node, answer);
    if (point === 4) await online();
    expect(await rowsOf(hub, status)).toEqual([['active', null]]);
    await online();
    await courier.toHub(hub, bundle);
    await courier.toNode(node, answer);
    await expectRecovery({ hub, node, courier });
  }
  expect(server.faults).toEqual([]);
}, 300_000);

test('a refusal of where the node was when it said hello is none of where it is', async () => {
  await using places = await openPlaces(1);
  const { hub, server, place, courier } = places;
  await using node = await startNode(server, place);
  // a process that has greeted the hub goes on while the bundle is on its way
  await using process = await startNode(server, place);
  await ensureHello(process);
  const bundle = await courier.fromNode(node);
  await enter(process);
  await syncPair({ node: process, server });
  expect(await courier.toHub(hub, bundle)).toMatchObject({ relation: 'NODE_BEHIND' });
  expect(await courier.toNode(node, await courier.fromHub(hub))).toMatchObject({ welcomed: false });
  await expectRecovery({ hub, node, courier });
}, 120_000);

test('I3, I7: of a machine that was restored nothing is taken, and it is told by its bundle', async () => {
  await using places = await openPlaces(0);
  const { hub, server, place, courier } = places;
  const rounds = async (): Promise<void> => {
    await using node = await startNode(server, place);
    await enter(node);
    for (let round = 0; round < 2; round++) await courier.round(hub, node);
  };
  await rounds();
  await using backup = await openNodePlace('H52', { copyOf: place });
  await using pending = await openNodePlace('H52', { copyOf: place });
  await rounds();
  const heads = await rowsOf(hub, 'select head_seq, head_hash, epoch from registry.unit');

  // it has numbered batches over those that it forgot: they are fenced, and its hello shows the fork
  await using restored = await startNode(server, backup);
  await enter(restored);
  expect(await courier.toHub(hub, await courier.fromNode(restored))).toMatchObject({
    batches: 1,
    receipted: 0,
    relation: expect.stringMatching(/^(?:NODE_BEHIND|FORKED)$/u),
  });
  expect(await rowsOf(hub, 'select head_seq, head_hash, epoch from registry.unit')).toEqual(heads);
  expect(await rowsOf(hub, status)).toEqual([['frozen', 'FORKED']]);
  // the answer says so to the machine itself
  await expect(courier.toNode(restored, await courier.fromHub(hub))).rejects.toMatchObject({
    code: 'NODE_FORKED',
  });
  expect(await releaseUnit(hub.database.db, 'H52')).toBe('frozen');

  // one that had no welcome to seal under is behind, and freezes nothing
  await using waiting = await startNode(server, pending);
  await waiting.database.pool.query(
    `update sync.link set hello_nonce = substr(sha256('lost'), 1, 16)`,
  );
  const said = await courier.toHub(hub, await courier.fromNode(waiting));
  expect(said).toMatchObject({ batches: 0, relation: 'NODE_BEHIND' });
  await expect(courier.toNode(waiting, await courier.fromHub(hub))).rejects.toMatchObject({
    code: 'NODE_BEHIND',
  });

  // the right machine goes on
  await using right = await startNode(server, place);
  await enter(right);
  await expectRecovery({ hub, node: right, courier });
}, 120_000);

test('I3, I7: of two machines with one past the second to bring a bundle is found', async () => {
  await using places = await openPlaces(2);
  const { hub, server, place, courier } = places;
  await using copy = await openNodePlace('H52', { copyOf: place });
  await using original = await startNode(server, place);
  await using clone = await startNode(server, copy);
  await enter(original);
  await enter(clone);
  const mine = await courier.fromNode(original);
  const theirs = await courier.fromNode(clone);
  expect(await courier.toHub(hub, mine)).toMatchObject({ receipted: 1, relation: 'EQUAL' });
  const before = await rowsOf(hub, 'select head_seq, head_hash, epoch from registry.unit');
  const answer = await courier.fromHub(hub);
  expect(await courier.toHub(hub, theirs)).toMatchObject({ batches: 1, receipted: 0 });
  expect(await rowsOf(hub, 'select head_seq, head_hash, epoch from registry.unit')).toEqual(before);
  expect(await rowsOf(hub, 'select status from registry.unit')).toEqual([['frozen']]);
  // the clone has no use for the answer to the original
  expect(await courier.toNode(clone, answer)).toMatchObject({ welcomed: false, receipts: 0 });
  await courier.toNode(original, answer);
  expect(await releaseUnit(hub.database.db, 'H52')).toBe('frozen');
  await expectRecovery({ hub, node: original, courier });
}, 120_000);

test('I6: a hub that was restored and raised gets back by bundles what it lost', async () => {
  await using places = await openPlaces(2);
  const { hub, server, place, courier } = places;
  await using node = await startNode(server, place);
  await enter(node);
  await courier.round(hub, node);
  await using backup = await backupOf(hub.url);
  await enter(node);
  // an answer of the hub before its restore, which arrives after it
  await courier.toHub(hub, await courier.fromNode(node));
  const early = await courier.fromHub(hub);
  const { dataDirectory } = hub;
  {
    await using restored = await openHubServer({ url: backup.url, dataDirectory });
    await raiseIncarnation(restored.hub);
  }
  await using raised = await openHubServer({ url: backup.url, dataDirectory, incarnation: 2n });
  {
    // greeted on the line, and nothing sent yet: the receipts of before are void
    await using process = await startNode(raised, place);
    await ensureHello(process);
  }
  expect(await courier.toNode(node, early)).toMatchObject({ receipts: 0, unreceipted: 1n });
  for (let round = 0; round < 2; round++) await courier.round(raised.hub, node);
  await courier.toNode(node, early);
  await expectRecovery({ hub: raised.hub, node, courier });
}, 120_000);

test('a unit that was released before its answer came goes on with it, and a drawer changes nothing', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  await putRecords(node.database, tree);
  const early = await courier.fromNode(node);
  await syncPair(pair);
  await courier.round(hub, node);
  await enter(node);
  await courier.toHub(hub, await courier.fromNode(node));
  expect(await releaseUnit(hub.database.db, 'H52')).toBe('active');
  expect(await courier.toHub(hub, early)).toMatchObject({ late: true, relation: 'NODE_BEHIND' });
  await courier.toHub(hub, await courier.fromNode(node));
  expect(await courier.toNode(node, await courier.fromHub(hub))).toMatchObject({ receipts: 1 });
  await expectRecovery({ hub, node, courier });
}, 120_000);

test('a hello that is spent without a bundle is told so, and the next one is another', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  await putRecords(node.database, tree);
  await courier.round(hub, node);
  const { bytes } = await composeHello(node);
  const signingKeyPem = publicKeyToPem(createPublicKey(node.signingKey));
  // on the line, and the answer was lost; then the operator releases the unit
  await sayHello(hub, { agency: 'H52', signingKeyPem }, bytes);
  await releaseUnit(hub.database.db, 'H52');
  await enter(node);
  const bundle = await courier.fromNode(node);
  expect(await courier.toHub(hub, bundle)).toMatchObject({ late: true, relation: 'CLONED' });
  const taken = await courier.toNode(node, await courier.fromHub(hub));
  expect(taken).toMatchObject({ welcomed: false });
  await expectRecovery({ hub, node, courier });
}, 120_000);

test('a node that was told to stop seals nothing over it', async () => {
  await using places = await openPlaces(2);
  const { hub, server, place, courier } = places;
  await using copy = await openNodePlace('H52', { copyOf: place });
  await using original = await startNode(server, place);
  await courier.round(hub, original);
  await using clone = await startNode(server, copy);
  await clone.database.pool.query(
    `update sync.link set hello_nonce = decode(repeat('5a', 16), 'hex')`,
  );
  await courier.toHub(hub, await courier.fromNode(clone));
  await expect(courier.toNode(clone, await courier.fromHub(hub))).rejects.toMatchObject({
    code: expect.stringMatching(/^NODE_(?:BEHIND|CLONED|FORKED)$/u),
  });
  await enter(clone);
  const path = `${courier.folder}/stopped`;
  expect(await exportBundle(clone, { path, force: false })).toMatchObject({
    sealed: false,
    recordsSealed: 0,
  });
}, 120_000);
