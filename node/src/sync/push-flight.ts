/**
 * A flight of batches: sends them upwards from the oldest without a receipt, as many at once as
 * `protocol/push-window.ts` says, and hands over the answers in order. A body begins when the one
 * before it has left, so the line is the oldest one's. In memory are the body that is leaving and
 * the window's numbers; a batch that has to go again is read again.
 */
import { type BatchFrame, batchFrame } from '@lienthong/shared-schema/wire/messages.ts';

import type { Link } from '../db/link.ts';
import { nextUnreceipted, type OutgoingBatch, readSealed } from '../db/outbox.ts';
import type { Sending, SendingWay } from '../link/hub-link.ts';
import {
  hasRoom,
  type PushTimes,
  type PushWindow,
  withReceipt,
  withSent,
} from '../protocol/push-window.ts';
import type { NodeContext } from './context.ts';

export type SentBatch = Pick<OutgoingBatch, 'seq' | 'headerHash'> & {
  /** Whether every batch below it had its receipt when it was sent. */
  readonly asOldest: boolean;
  /** The incarnation of the hub that it was sent to. */
  readonly sentUnder: bigint;
};

export type Flight<Step> = {
  readonly window: PushWindow;
  /** What ended it before its time; undefined: every batch has its receipt. */
  readonly ended: Step | undefined;
};

/**
 * `answered` is called once for each answer, in the order of sending, and says whether the flight
 * goes on. Throws what it throws, and NODE_HUB_… where a call failed; what is under way then is
 * abandoned, and is asked about by the next flight.
 */
export async function flyBatches<Step>(
  node: Pick<NodeContext, 'database'>,
  options: {
    readonly way: SendingWay;
    readonly window: PushWindow;
    readonly readLink: () => Promise<Link>;
    readonly answered: (batch: SentBatch, answer: Buffer) => Promise<Step | 'receipted'>;
  },
): Promise<Flight<Step>> {
  const { db } = node.database;
  const { way, answered } = options;
  let { window } = options;
  const underWay: UnderWay[] = [];
  let next = await nextUnreceipted(db, window.lastSeq);
  for (;;) {
    const last = underWay.at(-1);
    const lineIsFree = last === undefined || last.leftAt() !== undefined;
    if (next !== undefined && lineIsFree && hasRoom(window, next.bytes)) {
      const batch = await readSealed(db, next.seq);
      const { hubIncarnation, epoch } = await options.readLink();
      const { seq, headerHash } = batch;
      const sent = { seq, headerHash, asOldest: last === undefined, sentUnder: hubIncarnation };
      underWay.push(send(way, sent, { ...batch, hubIncarnation, epoch }));
      window = withSent(window, next);
      next = await nextUnreceipted(db, seq);
      continue;
    }
    const [oldest] = underWay;
    if (oldest === undefined) return { window, ended: undefined };
    await Promise.race([oldest.settled, ...(last?.leftAt() === undefined ? [last?.left] : [])]);
    const answer = oldest.answer();
    if (answer === undefined) continue;
    if ('error' in answer) throw answer.error;
    const step = await answered(oldest.batch, answer.body);
    if (step !== 'receipted') return { window, ended: step };
    underWay.shift();
    window = withReceipt(window, oldest.batch.seq, oldest.times());
    // sealed meanwhile
    next ??= await nextUnreceipted(db, window.lastSeq);
  }
}

type Answer = { readonly body: Buffer } | { readonly error: unknown };

type UnderWay = {
  readonly batch: SentBatch;
  readonly left: Promise<void>;
  readonly leftAt: () => number | undefined;
  /** Resolves when `answer()` is there. */
  readonly settled: Promise<void>;
  readonly answer: () => Answer | undefined;
  /** Undefined before the answer, and where the hub answered before the body had left. */
  readonly times: () => PushTimes | undefined;
};

function send(way: SendingWay, batch: SentBatch, frame: BatchFrame): UnderWay {
  const beganAt = performance.now();
  const sending: Sending = way.post('/sync/v1/batches', batchFrame.encode(frame));
  let leftAt: number | undefined;
  let answeredAt = 0;
  let answer: Answer | undefined;
  const take = (taken: Answer): void => {
    answeredAt = performance.now();
    answer = taken;
  };
  const leaves = async (): Promise<void> => {
    await sending.handedOver;
    leftAt = performance.now();
  };
  return {
    batch,
    left: leaves(),
    leftAt: () => leftAt,
    settled: sending.answer.then(
      (body) => take({ body }),
      (error: unknown) => take({ error }),
    ),
    answer: () => answer,
    times: () =>
      leftAt === undefined || answeredAt < leftAt
        ? undefined
        : { sendMs: leftAt - beganAt, answerMs: answeredAt - leftAt },
  };
}
