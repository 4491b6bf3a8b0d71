/**
 * What is done to machines from outside: started again, backed up, restored, copied, released. Each
 * act of a plan is carried out here; what it cannot mean in this world is left out.
 */
import { integerIn, randomStream } from '@lienthong/shared-schema/population/random.ts';

import { type Machine, once, type Task } from './engine.ts';
import { releaseUnit } from './hub/incarnation.ts';
import { callSafe } from './hub/safe.ts';
import { newHub } from './hub/state.ts';
import { workHub } from './hub/worker.ts';
import type { Sections } from './messages.ts';
import { rejoin } from './node/rejoin.ts';
import { forgetSession, newPlace, type Place } from './node/state.ts';
import { noteStop, ring, workNode } from './node/worker.ts';
import type { Act } from './plan.ts';
import type { Snapshot } from './store.ts';
import type { World } from './world.ts';
import { writeSomething } from './writers.ts';

export type Backup = {
  readonly at: number;
  readonly snapshot: Snapshot;
  /** Of a node: what was committed at it. */
  readonly shadow: ReadonlyMap<string, Sections>;
  /** Of the hub: how many acts it had done. */
  readonly acts: number;
};

export type Operations = {
  readonly backups: Map<string, Backup[]>;
  /** The newest backup of the hub that was read; nothing older is restored. */
  verifiedAt: number;
  /** The hub was restored, and nobody has raised its incarnation. */
  raiseIsDue: boolean;
};

export const newOperations = (): Operations => ({
  backups: new Map(),
  verifiedAt: -1,
  raiseIsDue: false,
});

export function boot(world: World, machine: Machine): void {
  if (machine.up || machine.retired) return;
  machine.up = true;
  start(world, machine);
}

export function start(world: World, machine: Machine): void {
  const place = world.places.find((one) => one.machine === machine);
  if (place === undefined) world.engine.start(machine, 'work', workHub(world));
  else {
    forgetSession(place);
    world.engine.start(machine, 'work', workNode(world, place));
  }
}

/** The machines of a unit that are still in use. */
export const machinesOf = (world: World, agency: string): readonly Place[] =>
  world.places.filter((place) => place.agency === agency && !place.machine.retired);

export function carryOut(world: World, operations: Operations, act: Act): void {
  const place = 'slot' in act && act.unit >= 0 ? placeOf(world, act) : undefined;
  const machine = place?.machine ?? world.hub.machine;
  switch (act.kind) {
    case 'write':
      if (place)
        run(
          world,
          place.machine,
          once(() => writeSomething(world, place, act.draw)),
        );
      return;
    case 'crash':
      world.engine.crash(machine, 'killed');
      return;
    case 'arm':
      machine.armed = act.point;
      return;
    case 'pause':
      world.shape('paused');
      machine.pausedUntil = world.engine.now + act.ms;
      return;
    case 'clock':
      world.shape('clock jumps');
      machine.clockOffsetMs += act.ms;
      return;
    case 'cut':
      world.shape('link cut');
      world.network.linkOf(machine.name).openFrom = world.engine.now + act.ms;
      return;
    case 'partition':
      partition(world, act);
      return;
    case 'line':
      Object.assign(world.network.linkOf(machine.name), {
        dropShare: act.drop,
        duplicateShare: act.double,
        delayMaxMs: act.delayMs,
        staleShare: act.stale,
      });
      return;
    case 'impostor':
      world.network.linkOf(machine.name).impostor = true;
      return;
    case 'backup':
      backUp(world, operations, place);
      return;
    case 'restore':
      if (place) restoreNode(world, operations, place, act.which);
      else restoreHub(world, operations, act);
      return;
    case 'clone':
      clone(world, operations, act);
      return;
    case 'safe':
      readNewestBackup(world, operations);
      return;
    case 'raise':
      raise(world, operations);
      return;
    case 'release':
      if (world.hub.machine.up) releaseUnit(world, agencyOf(act.unit));
      return;
    case 'rejoin':
      if (place) startRejoin(world, place);
      return;
    case 'job':
      if (place?.machine.up === true) ring(world, place, act.job, act.twice);
  }
}

export const agencyOf = (unit: number): string => `U${String(unit).padStart(2, '0')}`;

function placeOf(
  world: World,
  act: { readonly unit: number; readonly slot: number },
): Place | undefined {
  const machines = machinesOf(world, agencyOf(act.unit));
  return machines[act.slot % machines.length];
}

const run = (world: World, machine: Machine, task: Task<void>): void =>
  world.engine.start(machine, 'operator', task);

/** All links down at once; with `swizzle` they come back one by one in another order. */
function partition(world: World, act: { readonly ms: number; readonly swizzle: boolean }): void {
  world.shape(act.swizzle ? 'swizzle' : 'partition');
  for (const { machine } of world.places) {
    const more = act.swizzle ? integerIn(world.random, { min: 0, max: act.ms }) : 0;
    world.network.linkOf(machine.name).openFrom = world.engine.now + act.ms + more;
  }
}

function backUp(world: World, { backups }: Operations, place: Place | undefined): void {
  const machine = place?.machine ?? world.hub.machine;
  const { history } = world.observer;
  const kept = backups.get(machine.name) ?? [];
  backups.set(machine.name, [
    ...kept.slice(-2),
    {
      at: world.engine.now,
      snapshot: machine.store.snapshot(),
      shadow: new Map(history.shadows.get(machine.name)),
      acts: history.acts.length,
    },
  ]);
}

function restoreNode(world: World, { backups }: Operations, place: Place, which: number): void {
  const kept = backups.get(place.machine.name) ?? [];
  const backup = kept[which % kept.length];
  if (backup === undefined) return;
  world.shape('node restored');
  world.tell(place.machine.name, `is restored from ${backup.at}`);
  world.engine.crash(place.machine, 'restored');
  place.machine.store.restore(backup.snapshot);
  world.observer.nodeCopied(place.agency, place.machine.name, backup, false);
}

function restoreHub(
  world: World,
  operations: Operations,
  act: { readonly which: number; readonly raiseAfterMs: number },
): void {
  const { hub, engine } = world;
  const kept = (operations.backups.get('hub') ?? []).filter(
    ({ at }) => at >= operations.verifiedAt,
  );
  const backup = kept[act.which % kept.length];
  if (backup === undefined) return;
  world.tell('hub', `is restored from ${backup.at}`);
  const lost = world.observer.history.acts.slice(backup.acts);
  const ahead = new Set(lost.filter(({ kind }) => kind === 'accepted').map(({ agency }) => agency));
  world.shape(`hub restored, ${ahead.size > 2 ? 'many' : ahead.size} nodes ahead`);
  engine.crash(hub.machine, 'restored');
  hub.machine.store.restore(backup.snapshot);
  // with the files lost as well nothing shows the restore but what the nodes hold
  if (act.raiseAfterMs > 0 && act.raiseAfterMs % 5 === 0) {
    hub.files.witness = undefined;
    world.shape('hub restored without its witness');
  }
  world.observer.hubRestored(backup.acts, backup.at);
  operations.raiseIsDue = true;
  if (act.raiseAfterMs < 0) world.shape('raise forgotten');
  else engine.after(act.raiseAfterMs, () => raise(world, operations));
}

export function raise(world: World, operations: Operations): void {
  const { hub, engine } = world;
  if (!hub.machine.up) {
    engine.after(1_000, () => raise(world, operations));
    return;
  }
  const task = once(() => world.glue.raise(world));
  engine.start(hub.machine, 'raise', task, () => {
    operations.raiseIsDue = false;
  });
}

/** A second machine with the past of the first: from a backup, or with what runs in it. */
function clone(
  world: World,
  { backups }: Operations,
  act: { readonly unit: number; readonly live: boolean; readonly which: number },
): void {
  const [original] = machinesOf(world, agencyOf(act.unit));
  if (original === undefined || machinesOf(world, original.agency).length > 1) return;
  const kept = backups.get(original.machine.name) ?? [];
  const { history } = world.observer;
  const live = {
    at: world.engine.now,
    snapshot: original.machine.store.snapshot(),
    shadow: history.shadowOf(original.machine.name),
  };
  const from = act.live ? live : kept[act.which % kept.length];
  if (from === undefined) return;
  const name = `${original.agency}.b`;
  const copy = newPlace(original.agency, name, randomStream(world.seed, 900 + act.unit));
  copy.machine.store.restore(from.snapshot);
  world.places.push(copy);
  world.observer.nodeCopied(copy.agency, name, from, true);
  // a hello under way is answered to both: they are one until each says its next
  if (copy.link.row('link').helloNonce !== null) history.rivals.delete(copy.agency);
  world.shape(act.live ? 'cloned while it runs' : 'cloned from a backup');
  world.tell(name, `is a copy of ${original.machine.name} as of ${from.at}`);
  start(world, copy.machine);
  // a machine that was copied with its memory goes on in the middle of its session
  if (act.live) copy.session.ready = original.session.ready;
}

function readNewestBackup(world: World, operations: Operations): void {
  const newest = operations.backups.get('hub')?.at(-1);
  if (newest === undefined || !world.hub.machine.up || operations.raiseIsDue) return;
  const copy = newHub(randomStream(0, 0), []);
  copy.machine.store.restore(newest.snapshot);
  callSafe(world, copy);
  operations.verifiedAt = Math.max(operations.verifiedAt, newest.at);
}

export function startRejoin(world: World, place: Place): void {
  const { machine, session } = place;
  const { running } = session;
  if (running.has('rejoin') || !machine.up) return;
  running.add('rejoin');
  world.engine.start(machine, 'rejoin', rejoinTask(world, place), () => {
    running.delete('rejoin');
  });
}

function* rejoinTask(world: World, place: Place): Task<void> {
  try {
    yield* rejoin(world, place);
  } catch (error) {
    noteStop(world, place, error);
  }
}
