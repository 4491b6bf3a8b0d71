import type { PushOutcome } from '@lienthong/shared-schema/wire/messages.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type PushStep, stepAfterPush } from './push.ts';
import { retryDelayMs } from './retry.ts';

const steps: Readonly<Record<PushOutcome, PushStep>> = {
  ACCEPTED: { kind: 'receipted' },
  DUPLICATE: { kind: 'receipted' },
  GAP: { kind: 'hub-behind', expects: 4n },
  FORK: { kind: 'stop', why: 'forked' },
  FENCED: { kind: 'hello-again' },
  BUSY: { kind: 'wait', seconds: 30 },
};

for (const [outcome, step] of Object.entries(steps)) {
  test(`after ${outcome} the step is ${step.kind}`, () => {
    const reply = { outcome: outcome as PushOutcome, sendFrom: 4n, retryAfterS: 30 };
    expect(stepAfterPush(reply, true)).toEqual(step);
  });
}

test('GAP to a batch that was sent behind others says nothing but to send it again', () => {
  const reply = { outcome: 'GAP', sendFrom: 4n, retryAfterS: 0 } as const;
  expect(stepAfterPush(reply, false)).toEqual({ kind: 'send-again' });
});

test('the wait obeys the hub, never passes a minute of its own, and grows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: 600 }),
      (attempt, random, askedS) => {
        const delay = retryDelayMs(attempt, random, askedS);
        expect(delay).toBeGreaterThanOrEqual(askedS * 1_000);
        expect(delay).toBeLessThanOrEqual(askedS * 1_000 + 60_000);
      },
    ),
  );
  expect(retryDelayMs(3, 0.5, 0)).toBe(4_000);
});
