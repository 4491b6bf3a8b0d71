/** What the node makes of whatever a hub may say, from a fixed seed: it goes on only where all fits. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { meaningOfHello } from './hello.ts';
import { stepAfterPush } from './push.ts';
import { retryDelayMs } from './retry.ts';

const run = { seed: 20_261_122, numRuns: 5_000 };
const number64 = fc.oneof(fc.bigInt({ min: 0n, max: 4n }), fc.constant(2n ** 63n - 1n));
const bytes = fc.constantFrom('', 'a', 'b', 'aa').map((text): Uint8Array => Buffer.from(text));
const relations = ['EQUAL', 'NODE_AHEAD', 'NODE_BEHIND', 'FORKED', 'HUB_BEHIND', 'CLONED'] as const;
const outcomes = ['ACCEPTED', 'DUPLICATE', 'GAP', 'FORK', 'FENCED', 'BUSY'] as const;

test('I6: whatever the hub says of itself, the node goes on only where nothing receipted is missing', () => {
  let ready = 0;
  fc.assert(
    fc.property(
      fc.record({
        headSeq: number64,
        receiptedSeq: number64,
        droppedSeq: number64,
        hubIncarnation: number64,
      }),
      fc.record({
        relation: fc.constantFrom(...relations),
        hubIncarnation: number64,
        epoch: number64,
        headSeq: number64,
        headHash: bytes,
      }),
      fc.option(bytes, { nil: undefined }),
      (own, answer, hash) => {
        const meaning = meaningOfHello(own, answer, hash);
        if (meaning.kind === 'stop') return;
        ready += 1;
        expect(['EQUAL', 'NODE_AHEAD']).toContain(answer.relation);
        expect(answer.headSeq >= own.droppedSeq && answer.headSeq <= own.headSeq).toBe(true);
        expect(answer.hubIncarnation >= own.hubIncarnation).toBe(true);
        // only a hub that says it was restored may lack what it had receipted: that goes again
        expect(meaning.kind === 'reingest' || answer.headSeq >= own.receiptedSeq).toBe(true);
        expect(
          answer.headSeq === 0n || (hash !== undefined && equalBytes(hash, answer.headHash)),
        ).toBe(true);
        expect(meaning.epoch).toBe(answer.epoch);
      },
    ),
    run,
  );
  expect(ready).toBeGreaterThan(50);
});

test('only two outcomes of a push may bring a receipt', () => {
  fc.assert(
    fc.property(
      fc.record({
        outcome: fc.constantFrom(...outcomes),
        sendFrom: number64,
        retryAfterS: fc.nat(2 ** 31),
      }),
      fc.boolean(),
      (reply, oldest) => {
        const brings = reply.outcome === 'ACCEPTED' || reply.outcome === 'DUPLICATE';
        expect(stepAfterPush(reply, oldest).kind === 'receipted').toBe(brings);
      },
    ),
    run,
  );
});

test('however often and whatever the hub asks, a wait is a number of milliseconds that ends', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer(),
      (attempt, random, askedS) => {
        const delay = retryDelayMs(attempt, random, askedS);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
      },
    ),
    run,
  );
});
