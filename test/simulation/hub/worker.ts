/** The hub's processes: it serves what comes in, applies what it is rung for, and sweeps. */
import { chance } from '@lienthong/shared-schema/population/random.ts';

import { point, sleep, type Task } from '../engine.ts';
import type { Reply, Request } from '../messages.ts';
import type { World } from '../world.ts';
import { applyBatches } from './apply.ts';
import { serveArchive } from './archive.ts';
import { makeCheckpoint } from './checkpoint.ts';
import { serveFeed } from './feed.ts';
import { hearHello } from './hello.ts';
import { startHub, writeWitness } from './incarnation.ts';
import { receiveBatch } from './receive.ts';
import type { Unit } from './state.ts';

const sweepMs = 3_000;
const checkpointEverySweeps = 8;

/** One request. The answer leaves only after the transaction; a crash between loses it. */
export function* serve(world: World, request: Request, answer: (reply: Reply) => void): Task<void> {
  const { hub } = world;
  const seen = hub.units.row(request.agency);
  yield point(`hub ${request.kind} arrived`);
  const { status } = hub.units.row(request.agency);
  const reply: Reply =
    status === 'frozen'
      ? { kind: 'refusal', code: 'HUB_UNIT_FROZEN' }
      : handle(world, request, seen);
  yield point(`hub ${request.kind} committed`);
  answer(reply);
}

function handle(world: World, request: Request, seen: Unit): Reply {
  switch (request.kind) {
    case 'hello':
      return hearHello(world, request);
    case 'push':
      return receiveBatch(world, request, seen);
    case 'feed':
      return serveFeed(world, request);
    case 'archive':
      return serveArchive(world, request);
  }
}

/** The queue: a ring may be lost, or come twice. */
export function ringApply(world: World, agency: string): void {
  const { hub, random } = world;
  if (chance(random, 0.05)) {
    world.shape('ring lost');
    return;
  }
  const times = chance(random, 0.1) ? 2 : 1;
  if (times === 2) world.shape('ring given twice');
  for (let i = 0; i < times; i++) {
    const machine = hub.machine;
    world.engine.after(10, () => world.engine.start(machine, 'apply', applyBatches(world, agency)));
  }
}

/** What the hub's process does from its start on: it looks at itself first. */
export function* workHub(world: World): Task<void> {
  const { hub } = world;
  startHub(world);
  for (let sweeps = 1; ; sweeps++) {
    if (hub.session.serving) {
      for (const { agency, appliedSeq, headSeq, status } of hub.units.values()) {
        if (appliedSeq < headSeq && status !== 'frozen') {
          world.engine.start(hub.machine, 'apply', applyBatches(world, agency));
        }
      }
      writeWitness(hub);
      if (sweeps % checkpointEverySweeps === 0) {
        makeCheckpoint(world);
        writeWitness(hub);
      }
    }
    yield sleep(sweepMs);
  }
}
