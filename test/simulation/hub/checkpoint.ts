/** The daily checkpoint, as in `hub/src/sync/make-checkpoint.ts`. */
import { transact } from '../engine.ts';
import { type Checkpoint, checkpointHash, digest, hex, hubSigner, nothing } from '../messages.ts';
import type { World } from '../world.ts';
import { appendToFeed } from './feed.ts';
import type { Hub } from './state.ts';

export function makeCheckpoint(world: World): void {
  const { hub } = world;
  const made = transact(hub.machine, 'hub checkpoint', () => {
    const last = lastCheckpoint(hub);
    const body: Checkpoint = {
      hubIncarnation: hub.files.incarnation,
      number: (last?.number ?? 0n) + 1n,
      prevHash: world.glue.checkpointBefore(last),
      root: headsRoot(hub),
    };
    const signed = { signer: hubSigner, body };
    hub.checkpoints.set(body.number, signed);
    for (const agency of hub.units.keys()) {
      appendToFeed(world, agency, [{ kind: 'checkpoint', checkpoint: signed }]);
    }
    return signed;
  });
  world.shape('checkpoint made');
  world.observer.checkpointMade(made.body);
}

export function lastCheckpoint(hub: Hub): Checkpoint | undefined {
  return hub.checkpoints.get(BigInt(hub.checkpoints.size))?.body;
}

export const chainedTo = (last: Checkpoint | undefined): Uint8Array =>
  last === undefined ? nothing : checkpointHash(last);

function headsRoot(hub: Hub): string {
  const heads = [...hub.units.values()].map(
    ({ agency, headSeq, headHash }) => `${agency} ${headSeq} ${hex(headHash)}`,
  );
  return digest(heads.join('\n'));
}
