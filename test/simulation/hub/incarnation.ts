/** The hub after a restore: it finds out by its witness, and a person raises the incarnation. */
import type { HubMarks, StartFacts } from '../../../hub/src/protocol/restored.ts';
import { transact } from '../engine.ts';
import { checkpointHash, hex } from '../messages.ts';
import type { World } from '../world.ts';
import { type Hub, keyOf, type Unit } from './state.ts';

/** Whether it may serve. An interrupted raise is finished. */
export function startHub(world: World): void {
  const { hub } = world;
  const judgement = world.cores.judgeStart(factsOf(hub));
  world.shape(`hub start ${judgement.kind}`);
  if (judgement.kind === 'finish-raise') finishRaise(world);
  hub.session.serving = judgement.kind === 'sound' || judgement.kind === 'finish-raise';
}

function factsOf(hub: Hub): StartFacts {
  const { witness, incarnation } = hub.files;
  const number = witness?.checkpoint.number ?? 0n;
  return {
    file: incarnation,
    database: hub.row.row('hub').incarnation,
    witness,
    present: { ...marksOf(hub), checkpoint: { number, hash: hashAt(hub, number) } },
  };
}

function marksOf(hub: Hub): HubMarks {
  const number = BigInt(hub.checkpoints.size);
  return {
    incarnation: hub.files.incarnation,
    checkpoint: { number, hash: hashAt(hub, number) },
    units: [...hub.units.values()],
  };
}

function hashAt(hub: Hub, number: bigint): string {
  const kept = hub.checkpoints.get(number);
  return kept === undefined ? '' : hex(checkpointHash(kept.body));
}

export function writeWitness(hub: Hub): void {
  hub.files.witness = marksOf(hub);
}

/** `hub incarnation raise`: the file first, then the database, then the witness begins anew. */
export function raiseIncarnation(world: World): void {
  const { hub } = world;
  hub.files.incarnation = world.cores.raisedIncarnation(factsOf(hub));
  finishRaise(world);
  world.shape('incarnation raised');
}

function finishRaise(world: World): void {
  const { hub } = world;
  transact(hub.machine, 'hub raise', () => {
    hub.row.set('hub', { incarnation: hub.files.incarnation });
    world.glue.clearChannels(hub);
  });
  writeWitness(hub);
  hub.session.serving = true;
  world.tell('hub', `incarnation is ${hub.files.incarnation}`);
  world.observer.raised();
}

/** Whichever machine has the hub's head and speaks next is the unit; what is frozen stays so. */
export function clearChannels(hub: Hub): void {
  for (const agency of hub.units.keys()) forgetHello(hub, agency);
}

/** A hello that was answered before and comes once more is not whom the unit was released for. */
export function forgetHello(hub: Hub, agency: string): void {
  const { helloNonce } = hub.units.row(agency);
  if (helloNonce !== null) hub.spentHellos.set(keyOf(agency, hex(helloNonce)), true);
  hub.units.update(agency, released);
}

const released: Partial<Unit> = {
  lineageToken: new Uint8Array(0),
  helloNonce: null,
};

/** `hub release AGENCY`: for a frozen unit, and for one whose node is to rejoin. */
export function releaseUnit(world: World, agency: string): void {
  const { hub } = world;
  world.shape(`released when ${hub.units.row(agency).status}`);
  transact(hub.machine, 'hub release', () => {
    world.glue.forgetHello(hub, agency);
    hub.units.update(agency, { status: 'active', frozenReason: '' });
  });
  world.tell('hub', `${agency} is released`);
  world.observer.released(agency);
}
