/**
 * Pushing, as in `node/src/sync/push-batches.ts`: flights of batches, oldest first, as many under way
 * as the product's window allows; the first answer that is no receipt ends the flight.
 */
import { type Effect, point, type Task, transact } from '../engine.ts';
import {
  type Frame,
  headerHash,
  type Progress,
  type PushReply,
  type Reply,
  type Signed,
} from '../messages.ts';
import type { World } from '../world.ts';
import { ensureHello } from './hello.ts';
import type { OutboxBatch, Place } from './state.ts';
import { Stop } from './stop.ts';

const hellosMax = 3;

type Window = Parameters<World['cores']['withSent']>[0];
type Step = ReturnType<World['cores']['stepAfterPush']>;
type Ended = Exclude<Step, { readonly kind: 'receipted' }> | undefined;
type Sent = { readonly batch: OutboxBatch; readonly frame: Frame; readonly asOldest: boolean };
type Landed = { readonly sent: Sent; readonly reply: unknown };

export function* pushBatches(world: World, place: Place): Task<void> {
  yield* ensureHello(world, place);
  let hellos = 0;
  let window = world.cores.firstWindow;
  for (;;) {
    if (nextUnreceipted(place, 0n) === undefined) return;
    const flight = yield* fly(world, place, window);
    const { ended } = flight;
    if (ended === undefined) continue;
    window = world.cores.afterFlight(flight.window, { overtaken: ended.kind === 'send-again' });
    switch (ended.kind) {
      case 'send-again':
        break;
      case 'hello-again':
        hellos += 1;
        if (hellos > hellosMax) throw new Stop('NODE_HUB_BUSY', 'fenced again');
        place.session.ready = false;
        yield* ensureHello(world, place);
        break;
      case 'wait':
        throw new Stop('NODE_HUB_BUSY', '', ended.seconds);
      case 'hub-behind':
        throw new Stop('NODE_HUB_BEHIND', `the hub expects batch ${ended.expects}`);
      case 'stop':
        throw new Stop('NODE_FORKED');
    }
  }
}

function* fly(
  world: World,
  place: Place,
  first: Window,
): Task<{ readonly window: Window; readonly ended: Ended }> {
  const landed: Landed[] = [];
  let window: Window = first;
  let ended: Ended;
  let failure: unknown;
  let under = 0;
  let wake: ((value: unknown) => void) | undefined;
  const mayGoOn = (): boolean => ended === undefined && failure === undefined;
  for (;;) {
    const next = mayGoOn() ? nextUnreceipted(place, window.lastSeq) : undefined;
    if (next !== undefined && world.cores.hasRoom(window, sizeOf(next))) {
      const sent = frameNext(world, place, next, window);
      window = world.cores.withSent(window, { seq: next.seq, bytes: sizeOf(next) });
      if (window.inFlight.length > 1) world.shape('several in flight');
      world.observer.sending(place, sent.frame, window.inFlight.length);
      under += 1;
      world.network.call(place, sent.frame, (reply) => {
        landed.push({ sent, reply });
        const woken = wake;
        wake = undefined;
        woken?.(undefined);
      });
      yield point('node push sent');
      continue;
    }
    const arrived = landed.shift();
    if (arrived === undefined) {
      if (under === 0) break;
      const idle: Effect = { kind: 'wait', begin: (resume) => (wake = resume) };
      yield idle;
      continue;
    }
    under -= 1;
    yield point('node push answered');
    try {
      const step = takeAnswer(world, place, arrived);
      if (step.kind === 'receipted') {
        const times = { sendMs: 40, answerMs: 200 };
        window = world.cores.withReceipt(window, arrived.sent.batch.seq, times);
      } else ended ??= step;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return { window, ended };
}

/** The lowest batch without a receipt above `seq`. */
function nextUnreceipted({ outbox }: Place, seq: bigint): OutboxBatch | undefined {
  let oldest: OutboxBatch | undefined;
  for (const batch of outbox.values()) {
    const isOlder = oldest === undefined || batch.seq < oldest.seq;
    if (batch.receipt === undefined && batch.seq > seq && isOlder) oldest = batch;
  }
  return oldest;
}

const sizeOf = ({ content }: OutboxBatch): number => 1_000 * (content?.records.length ?? 0);

function frameNext(world: World, place: Place, batch: OutboxBatch, window: Window): Sent {
  const link = place.link.row('link');
  const frame = world.glue.frameOf(place, batch, link);
  return { batch, frame, asOldest: window.inFlight.length === 0 };
}

/** The stored bytes, under the incarnation and epoch of now. */
export function storedFrame(
  place: Place,
  { header, content }: OutboxBatch,
  link: { readonly hubIncarnation: bigint; readonly epoch: bigint },
): Frame {
  if (content === undefined) throw new RangeError('a batch without content is receipted');
  const { hubIncarnation, epoch } = link;
  const from = place.machine.name;
  return { kind: 'push', from, agency: place.agency, hubIncarnation, epoch, header, content };
}

function takeAnswer(world: World, place: Place, { sent, reply }: Landed): Step {
  const answer = pushReplyOf(reply);
  const step = world.cores.stepAfterPush(answer, sent.asOldest);
  if (step.kind !== 'receipted') return step;
  const { receipt } = answer;
  if (receipt === undefined || !world.glue.receiptFits(place.agency, sent.frame, receipt)) {
    world.shape('receipt for another batch refused');
    throw new Stop('NODE_HUB_UNTRUSTED', 'receipt');
  }
  transact(place.machine, 'node receipt', () => {
    const { seq } = sent.batch;
    const kept = place.outbox.get(seq);
    if (kept !== undefined && kept.receipt === undefined) place.outbox.update(seq, { receipt });
    keepProgress(place, answer.progress);
    world.glue.afterReceipt(place, seq);
  });
  const { body } = sent.frame.header;
  world.observer.receiptStored(place, body, headerHash(body), receipt.body);
  return step;
}

function pushReplyOf(value: unknown): PushReply {
  if (value === undefined) throw new Stop('NODE_HUB_UNREACHABLE');
  const reply = isReply(value) ? value : undefined;
  if (reply?.kind === 'refusal') throw new Stop('NODE_HUB_REFUSED', reply.code);
  if (reply?.kind !== 'push') throw new Stop('NODE_HUB_UNTRUSTED', 'another answer');
  return reply.answer;
}

const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && 'kind' in value;

/** How far the hub says that it is; only ever forward within one incarnation. */
export function keepProgress(place: Place, { body }: Signed<Progress>): void {
  const link = place.link.row('link');
  if (body.agency !== place.agency) throw new Stop('NODE_HUB_UNTRUSTED', 'progress');
  if (body.hubIncarnation !== link.hubIncarnation) return;
  const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  place.link.update('link', {
    receivedSeq: greater(link.receivedSeq, body.receivedSeq),
    appliedSeq: greater(link.appliedSeq, body.appliedSeq),
    safeSeq: greater(link.safeSeq, body.safeSeq),
  });
}
