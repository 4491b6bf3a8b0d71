import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  afterFlight,
  batchesAtOnce,
  firstWindow,
  hasRoom,
  inFlightBytesMax,
  inFlightMax,
  type PushTimes,
  type PushWindow,
  withReceipt,
  withSent,
} from './push-window.ts';
import { stepAfterPush } from './push.ts';

const after = (...times: readonly PushTimes[]): PushWindow =>
  times.reduce((window, one) => withReceipt(window, 1n, one), firstWindow);

const megabyte = 1_048_576;

test('before anything was measured, and where answers come soon, one is under way', () => {
  expect(batchesAtOnce(firstWindow)).toBe(1);
  expect(batchesAtOnce(after({ sendMs: 1, answerMs: 29 }))).toBe(1);
  expect(batchesAtOnce(after({ sendMs: 4_000, answerMs: 29 }))).toBe(1);
});

test.each([
  [{ sendMs: 600, answerMs: 600 }, 2],
  [{ sendMs: 600, answerMs: 601 }, 3],
  [{ sendMs: 100, answerMs: 620 }, 8],
  [{ sendMs: 0, answerMs: 30 }, 8],
  [{ sendMs: 30_000, answerMs: 200 }, 2],
])('as many as leave while the first is answered: %o makes %i', (times, batches) => {
  expect(batchesAtOnce(after(times))).toBe(batches);
});

test('one slow answer on a fast link is forgotten, a link that became slow is learned', () => {
  const fast = { sendMs: 2, answerMs: 10 };
  const slow = { sendMs: 2, answerMs: 110 };
  expect(batchesAtOnce(after(fast, slow))).toBeGreaterThan(1);
  expect(batchesAtOnce(after(fast, slow, fast))).toBe(1);
  expect(batchesAtOnce(after(fast, slow, slow, slow))).toBe(inFlightMax);
});

test('an answer before its body had left measures nothing', () => {
  expect(withReceipt(firstWindow, 1n, undefined).measured).toBeUndefined();
});

test('what is under way is bounded in bytes, but the first one always goes', () => {
  const slow = after({ sendMs: 1, answerMs: 900 });
  const one = withSent(slow, { seq: 1n, bytes: inFlightBytesMax - megabyte });
  expect(hasRoom(one, megabyte)).toBe(true);
  expect(hasRoom(one, megabyte + 1)).toBe(false);
  expect(hasRoom(slow, inFlightBytesMax + 1)).toBe(true);
});

test('a flight goes upwards, and the next begins below', () => {
  const sent = withSent(firstWindow, { seq: 7n, bytes: 1 });
  expect(() => withSent(sent, { seq: 7n, bytes: 1 })).toThrow(RangeError);
  const next = afterFlight(sent, { overtaken: false });
  expect(next).toMatchObject({ inFlight: [], lastSeq: 0n, most: inFlightMax });
});

test('where batches overtook each other the window is halved each time, down to one', () => {
  let window = after({ sendMs: 1, answerMs: 900 });
  const sizes = Array.from({ length: 5 }, () => {
    window = afterFlight(window, { overtaken: true });
    return batchesAtOnce(window);
  });
  expect(sizes).toEqual([4, 2, 1, 1, 1]);
});

test('where fewer are under way than may be, those are what is halved', () => {
  const window = after({ sendMs: 600, answerMs: 601 });
  expect(batchesAtOnce(window)).toBe(3);
  expect(batchesAtOnce(afterFlight(window, { overtaken: true }))).toBe(1);
});

/** What the line does next to the batches that are under way, oldest first. */
const moves = fc.record({
  /** Which of those that have not arrived arrives, or which that was decided is answered. */
  pick: fc.nat(),
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'answer', 'answer', 'cut', 'fence', 'busy'),
  times: fc.record({ sendMs: fc.nat(500), answerMs: fc.nat(2_000) }),
});

type Reply = Parameters<typeof stepAfterPush>[0];
type OnTheWay = { readonly seq: bigint; readonly asOldest: boolean; reply: Reply | undefined };

const replyOf = (outcome: Reply['outcome'], sendFrom = 0n): Reply => ({
  outcome,
  sendFrom,
  retryAfterS: outcome === 'BUSY' ? 30 : 0,
});

test('whatever the order of arrivals, answers and faults, every batch ends receipted once, none is skipped', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 32 * megabyte }), { minLength: 1, maxLength: 20 }),
      fc.array(moves, { maxLength: 200 }),
      (sizes, script) => {
        const receipted: bigint[] = [];
        let head = 0n;
        let window = firstWindow;
        let flights = 1;
        let faults = 0;
        let onTheWay: OnTheWay[] = [];
        const next = (): { seq: bigint; bytes: number } | undefined =>
          sizes
            .map((bytes, i) => ({ seq: BigInt(i + 1), bytes }))
            .find(({ seq }) => seq > window.lastSeq && !receipted.includes(seq));
        const endFlight = (overtaken: boolean): void => {
          window = afterFlight(window, { overtaken });
          onTheWay = [];
          flights += 1;
        };
        const arrives = (seq: bigint): Reply => {
          if (seq > head + 1n) return replyOf('GAP', head + 1n);
          if (seq <= head) return replyOf('DUPLICATE');
          head = seq;
          return replyOf('ACCEPTED');
        };
        const answer = (batch: OnTheWay, reply: Reply, times: PushTimes): void => {
          const step = stepAfterPush(reply, batch.asOldest);
          if (step.kind === 'receipted') {
            receipted.push(batch.seq);
            window = withReceipt(window, batch.seq, times);
            onTheWay = onTheWay.filter((one) => one !== batch);
            return;
          }
          expect(step.kind).not.toBe('hub-behind');
          endFlight(step.kind === 'send-again');
        };
        const steps = script.values();
        for (;;) {
          for (let batch = next(); batch !== undefined; batch = next()) {
            if (!hasRoom(window, batch.bytes)) break;
            onTheWay.push({ seq: batch.seq, asOldest: onTheWay.length === 0, reply: undefined });
            window = withSent(window, batch);
          }
          expect(onTheWay.length).toBeLessThanOrEqual(inFlightMax);
          const bytes = window.inFlight.reduce((sum, batch) => sum + batch.bytes, 0);
          expect(onTheWay.length > 1 ? bytes : 0).toBeLessThanOrEqual(inFlightBytesMax);
          if (onTheWay.length === 0) break;
          // when the script is over the line is good, and yet the youngest arrives first
          const { pick, kind, times } = steps.next().value ?? {
            pick: onTheWay.length - 1,
            kind: onTheWay.some(({ reply }) => reply === undefined) ? 'arrive' : 'answer',
            times: { sendMs: 1, answerMs: 500 },
          };
          const unarrived = onTheWay.filter(({ reply }) => reply === undefined);
          const decided = onTheWay.filter(({ reply }) => reply !== undefined);
          const arriving = unarrived[pick % Math.max(unarrived.length, 1)];
          const answered = decided[pick % Math.max(decided.length, 1)];
          if (kind === 'cut') {
            faults += 1;
            endFlight(false);
          } else if (kind === 'answer') {
            if (answered?.reply !== undefined) answer(answered, answered.reply, times);
          } else if (arriving !== undefined) {
            if (kind === 'arrive') arriving.reply = arrives(arriving.seq);
            else {
              faults += 1;
              arriving.reply = replyOf(kind === 'fence' ? 'FENCED' : 'BUSY');
            }
          }
        }
        const all = sizes.map((_, i) => BigInt(i + 1));
        expect(receipted.toSorted((a, b) => Number(a - b))).toEqual(all);
        expect(head).toBe(BigInt(sizes.length));
        // each flight but those that a fault ended brings a receipt, once the window is down to one
        expect(flights).toBeLessThanOrEqual(sizes.length + faults + Math.log2(inFlightMax) + 1);
      },
    ),
    { numRuns: 500 },
  );
});
