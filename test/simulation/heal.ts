/**
 * After the faults: every machine is up, every link is good, and the operators do what the stops
 * tell them, step by step, until all is quiet. That it becomes quiet in time is checked too.
 */
import { oneOf } from '@lienthong/shared-schema/population/random.ts';

import { once } from './engine.ts';
import { releaseUnit } from './hub/incarnation.ts';
import type { Place } from './node/state.ts';
import { ring } from './node/worker.ts';
import { boot, machinesOf, type Operations, raise, startRejoin } from './operators.ts';
import type { World } from './world.ts';
import { mend, refusedRecords } from './writers.ts';

const stepMs = 5_000;
const boundMs = 20 * 60_000;

/** Undefined once all is quiet; else what was still open at the bound. */
export function heal(world: World, operations: Operations): string | undefined {
  calm(world);
  const chosen = [...world.hub.units.keys()].map((agency) => chooseMachine(world, agency));
  const { engine } = world;
  const until = engine.now + boundMs;
  let open: string | undefined = 'begun';
  for (let step = 0; engine.now < until; step++) {
    engine.runUntil(engine.now + stepMs);
    for (const machine of [world.hub.machine, ...chosen.map((place) => place.machine)]) {
      boot(world, machine);
    }
    open = firstOpen(world, operations, chosen);
    if (open === undefined) return undefined;
    if (step % 2 === 0) help(world, operations, chosen);
    if (step === 2) for (const place of chosen) ring(world, place, 'night');
  }
  return open;
}

function calm({ places, network, hub }: World): void {
  for (const { machine } of places) {
    const link = network.linkOf(machine.name);
    Object.assign(link, {
      openFrom: 0,
      dropShare: 0,
      duplicateShare: 0,
      delayMaxMs: 40,
      staleShare: 0,
      impostor: false,
    });
    machine.armed = undefined;
    machine.pausedUntil = 0;
  }
  hub.machine.armed = undefined;
  hub.machine.pausedUntil = 0;
}

/** One machine goes on as the unit, the others are switched off. */
function chooseMachine(world: World, agency: string): Place {
  const chosen = oneOf(world.random, machinesOf(world, agency));
  for (const { machine } of machinesOf(world, agency)) {
    if (machine === chosen.machine) continue;
    world.tell(machine.name, 'is switched off for good');
    machine.retired = true;
    world.observer.retired(agency);
    world.engine.crash(machine, 'retired');
  }
  return chosen;
}

function help(world: World, operations: Operations, chosen: readonly Place[]): void {
  if (operations.raiseIsDue) raise(world, operations);
  for (const place of chosen) {
    const { agency, machine, session } = place;
    if (!machine.up || !world.hub.machine.up) continue;
    const stopped = session.stopped ?? '';
    if (world.hub.units.row(agency).status === 'frozen') releaseUnit(world, agency);
    else if (/NODE_(?:BEHIND|FORKED|CLONED)/u.test(stopped)) {
      releaseUnit(world, agency);
      startRejoin(world, place);
    } else
      world.engine.start(
        machine,
        'mend',
        once(() => mend(world, place)),
      );
  }
}

/** What is not yet as it must be at rest. */
function firstOpen(
  { hub, engine }: World,
  operations: Operations,
  chosen: readonly Place[],
): string | undefined {
  if (operations.raiseIsDue) return 'the incarnation is to be raised';
  if (!hub.session.serving || !hub.machine.up) return 'the hub does not serve';
  for (const place of chosen) {
    const unit = hub.units.row(place.agency);
    const { cursor, rebuilding } = place.feed.row('feed');
    const unreceipted = [...place.outbox.values()].some(({ receipt }) => receipt === undefined);
    const open = Object.entries({
      'is frozen': unit.status === 'frozen',
      'is not welcome': !place.session.ready,
      'has unsealed changes': place.log.size > 0,
      'has batches without a receipt': unreceipted,
      'has another head than the hub': place.chain.row('chain').headSeq !== unit.headSeq,
      'has batches that wait': unit.appliedSeq !== unit.headSeq,
      'has refused records': refusedRecords(place).length > 0,
      'reads its feed': cursor !== unit.feedHead || rebuilding,
    }).find(([, isOpen]) => isOpen);
    if (open !== undefined) {
      return `${place.machine.name} ${open[0]} at ${engine.now}; ${place.session.stopped ?? ''} ${[...place.session.running].join()} ${cursor} of ${unit.feedHead}`;
    }
  }
  return undefined;
}
