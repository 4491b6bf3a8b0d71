/**
 * The network between the nodes and the hub: messages are late, lost, doubled, out of order; a link
 * is cut and comes back; an answer of before is given to a later call; another hub answers.
 */
import { chance, integerIn, type Random } from '@lienthong/shared-schema/population/random.ts';

import { serve } from './hub/worker.ts';
import type { Hello, HelloBody, Reply, Request } from './messages.ts';
import type { Place } from './node/state.ts';
import type { LinkState, Network, World } from './world.ts';

const timeoutMs = 30_000;

export function newNetwork(world: () => World, random: Random): Network {
  const links = new Map<string, LinkState>();
  const linkOf = (machine: string): LinkState => {
    const known = links.get(machine) ?? newLink();
    links.set(machine, known);
    return known;
  };
  return {
    linkOf,
    call: (place, request, resume) => {
      carry(world(), { place, request, random, link: linkOf(place.machine.name) }, resume);
    },
  };
}

const newLink = (): LinkState => ({
  openFrom: 0,
  dropShare: 0,
  duplicateShare: 0,
  delayMaxMs: 40,
  staleShare: 0,
  last: new Map(),
  impostor: false,
});

type Call = {
  readonly place: Place;
  readonly request: Request;
  readonly random: Random;
  readonly link: LinkState;
};

function carry(world: World, call: Call, resume: (reply: unknown) => void): void {
  const { request, random, link } = call;
  let isOpen = true;
  const end = (reply: Reply | undefined): void => {
    if (!isOpen) return;
    isOpen = false;
    resume(reply);
  };
  world.engine.after(timeoutMs, () => end(undefined));
  const isLost = link.openFrom > world.engine.now || chance(random, link.dropShare);
  if (isLost) {
    world.shape('request lost');
    // a refused connection is known at once, a lost packet after the time-out
    if (chance(random, 0.5)) world.engine.after(200, () => end(undefined));
    return;
  }
  arriveLater(world, call, delayOf(call), end);
  if (chance(random, link.duplicateShare)) {
    world.shape(`${request.kind} doubled`);
    const lateMs = integerIn(random, { min: 1, max: 3 }) ** 5 * 60;
    arriveLater(world, call, lateMs, () => undefined);
  }
}

function arriveLater(
  world: World,
  call: Call,
  ms: number,
  end: (reply: Reply | undefined) => void,
): void {
  const { hub, engine } = world;
  engine.after(ms, () => {
    if (!hub.machine.up || !hub.session.serving) {
      world.shape('hub away');
      engine.after(delayOf(call), () => end(undefined));
      return;
    }
    engine.start(
      hub.machine,
      call.request.kind,
      serve(world, call.request, (reply) => answer(world, call, reply, end)),
    );
  });
}

function answer(
  world: World,
  call: Call,
  reply: Reply,
  end: (reply: Reply | undefined) => void,
): void {
  const { link, random, request } = call;
  const isLost = link.openFrom > world.engine.now || chance(random, link.dropShare);
  const stale = link.last.get(reply.kind);
  link.last.set(reply.kind, reply);
  if (isLost) {
    world.shape(`${request.kind} answer lost`);
    return;
  }
  const given = instead(world, call, stale) ?? reply;
  world.observer.answered(call.place, given);
  world.engine.after(delayOf(call), () => end(given));
}

/** What a broken or hostile way puts in the place of the hub's answer. */
function instead(
  world: World,
  { link, random, request }: Call,
  stale: Reply | undefined,
): Reply | undefined {
  if (link.impostor && request.kind === 'hello') {
    link.impostor = false;
    world.shape('another hub answers');
    const body = welcomeOfAnotherHub(request);
    return { kind: 'hello', answer: { signer: 'another hub', body } };
  }
  // the answer to the very same hello is no stranger's, and an abandoned connection brings none
  const sameHello = stale?.kind === 'hello' && request.kind === 'hello';
  if (stale !== undefined && chance(random, sameHello ? 0 : link.staleShare)) {
    world.shape('answer of before');
    return stale;
  }
  return undefined;
}

const delayOf = ({ random, link }: Call): number =>
  integerIn(random, { min: 1, max: link.delayMaxMs });

/** What a hub that is not ours would say: everything fits but the key that signs it. */
function welcomeOfAnotherHub(request: Hello): HelloBody {
  const { agency, helloNonce, headSeq, headHash, hubIncarnation } = request;
  return {
    agency,
    helloNonce,
    hubIncarnation,
    epoch: 1_000n,
    relation: 'EQUAL',
    headSeq,
    headHash,
    lineageToken: helloNonce,
    appliedSeq: headSeq,
    safeSeq: headSeq,
    released: false,
    clockMs: 0,
  };
}
