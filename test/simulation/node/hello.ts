/** The hello of a node, as `node/src/sync/say-hello.ts` does it: the nonce is stored before it goes. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

import { locked, point, type Task, transact } from '../engine.ts';
import type { Hello, HelloBody } from '../messages.ts';
import { clockOf, type World } from '../world.ts';
import { ask } from './ask.ts';
import { beginAnew } from './reingest.ts';
import { droppedSeq, type Place, receiptedSeq } from './state.ts';
import { Stop } from './stop.ts';

const stops = {
  behind: 'NODE_BEHIND',
  forked: 'NODE_FORKED',
  cloned: 'NODE_CLONED',
  'hub-behind': 'NODE_HUB_BEHIND',
  'hub-lost-safe': 'NODE_HUB_LOST_SAFE',
} as const;

export function* ensureHello(world: World, place: Place): Task<void> {
  if (place.session.ready) return;
  yield* locked(place.machine, 'hello', () => sayHello(world, place));
  place.session.ready = true;
}

function* sayHello(world: World, place: Place): Task<void> {
  const body = yield* exchangeHello(world, place);
  const meaning = world.cores.meaningOfHello(
    { ...ownHistory(place), hubIncarnation: place.link.row('link').hubIncarnation },
    body,
    place.outbox.get(body.headSeq)?.headerHash,
  );
  if (meaning.kind === 'stop') {
    world.shape(`node stops ${meaning.why}`);
    throw new Stop(stops[meaning.why]);
  }
  transact(place.machine, 'node hello', () => {
    if (meaning.kind === 'reingest') beginAnew(world, place, body);
    place.link.update('link', {
      hubIncarnation: body.hubIncarnation,
      epoch: meaning.epoch,
      lineageToken: body.lineageToken,
      helloNonce: null,
    });
  });
  if (meaning.kind === 'reingest') world.shape('node reingests');
  world.observer.helloStored(place, body);
}

const greetingsMax = 5;

/** As `greetHub` does it: asked again where the own head moved meanwhile, or the nonce is spent. */
export function* exchangeHello(world: World, place: Place): Task<HelloBody> {
  for (let attempt = 1; ; attempt++) {
    const { headSeq } = place.chain.row('chain');
    const body = yield* exchangeOnce(world, place);
    yield point('node hello answered');
    if (body.relation === 'CLONED') world.glue.forgetNonce(place);
    if (attempt === greetingsMax) return body;
    const isSpent = body.relation === 'CLONED' && body.released;
    const moved = body.relation === 'NODE_BEHIND' && place.chain.row('chain').headSeq !== headSeq;
    if (!isSpent && !moved) return body;
    world.shape(isSpent ? 'spent hello said anew' : 'head moved under a hello');
  }
}

/** The hub has answered it, and will never welcome it. */
export const forgetNonce = (place: Place): void =>
  transact(place.machine, 'node nonce', () => place.link.update('link', { helloNonce: null }));

/** Sends a hello and returns the body of the answer, its signature and its nonce checked. */
function* exchangeOnce(world: World, place: Place): Task<HelloBody> {
  const link = place.link.row('link');
  const chain = place.chain.row('chain');
  const helloNonce = link.helloNonce ?? world.glue.newNonce(place);
  yield point('node hello drawn');
  const request: Hello = {
    kind: 'hello',
    from: place.machine.name,
    agency: place.agency,
    helloNonce,
    lineageToken: link.lineageToken,
    headSeq: chain.headSeq,
    headHash: chain.headHash,
    receiptedSeq: receiptedSeq(place),
    hubIncarnation: link.hubIncarnation,
    clockMs: clockOf(world, place.machine),
  };
  const { answer } = yield* ask(world, place, request);
  if (!world.glue.trusts(answer.signer)) throw new Stop('NODE_HUB_UNTRUSTED', 'hello');
  const { body } = answer;
  if (body.agency !== place.agency || !equalBytes(body.helloNonce, helloNonce)) {
    throw new Stop('NODE_HUB_UNTRUSTED', 'hello for another node');
  }
  return body;
}

const ownHistory = (
  place: Place,
): { readonly headSeq: bigint; readonly receiptedSeq: bigint; readonly droppedSeq: bigint } => ({
  headSeq: place.chain.row('chain').headSeq,
  receiptedSeq: receiptedSeq(place),
  droppedSeq: droppedSeq(place),
});
