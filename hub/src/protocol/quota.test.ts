import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Bucket, draw, filled } from './quota.ts';

const quota = { burst: 10, perSecond: 2 };

test('a burst passes, then what follows keeps to the rate', () => {
  let bucket: Bucket | undefined;
  const drawn = (nowMs: number): number => {
    for (let n = 0; ; n++) {
      const answer = draw(bucket, quota, 1, nowMs);
      if (answer.kind === 'empty') return n;
      bucket = answer.bucket;
    }
  };
  expect([drawn(0), drawn(0), drawn(1_000), drawn(1_400), drawn(2_000), drawn(60_000)]).toEqual([
    10, 0, 2, 0, 2, 10,
  ]);
});

test('what is larger than the burst passes once, and is paid for afterwards', () => {
  const large = draw(undefined, quota, 30, 0);
  if (large.kind === 'empty') throw new Error('nothing is too large');
  expect(draw(large.bucket, quota, 1, 0)).toEqual({ kind: 'empty', retryAfterS: 11 });
  expect(draw(large.bucket, quota, 1, 10_000).kind).toBe('empty');
  expect(draw(large.bucket, quota, 1, 11_000).kind).toBe('drawn');
});

test('a clock that runs backwards gives nothing and takes nothing', () => {
  const bucket = { level: 3, atMs: 5_000 };
  expect(filled(bucket, quota, 1_000)).toEqual({ level: 3, atMs: 1_000 });
});

test('I15: in any window no more than burst and rate, and one draw beyond, pass', () => {
  const step = fc.record({ waitMs: fc.nat(3_000), amount: fc.integer({ min: 1, max: 25 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let bucket: Bucket | undefined;
      let nowMs = 0;
      let total = 0;
      for (const { waitMs, amount } of steps) {
        nowMs += waitMs;
        const answer = draw(bucket, quota, amount, nowMs);
        if (answer.kind === 'drawn') {
          bucket = answer.bucket;
          total += amount;
          continue;
        }
        // whoever obeys the answer passes
        const later = draw(bucket, quota, amount, nowMs + answer.retryAfterS * 1_000);
        expect(later.kind).toBe('drawn');
      }
      expect(total).toBeLessThanOrEqual(quota.burst + (nowMs / 1_000) * quota.perSecond + 25);
    }),
  );
});
