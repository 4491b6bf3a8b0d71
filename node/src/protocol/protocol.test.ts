import type { PushOutcome, Relation } from '@lienthong/shared-schema/wire/messages.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type HelloMeaning, meaningOfHello } from './hello.ts';
import { type PushStep, stepAfterPush } from './push.ts';
import { retryDelayMs } from './retry.ts';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const own = { headSeq: 10n, receiptedSeq: 8n };

const relations: Readonly<Record<Relation, HelloMeaning>> = {
  EQUAL: { kind: 'ready', epoch: 5n },
  NODE_AHEAD: { kind: 'ready', epoch: 5n },
  NODE_BEHIND: { kind: 'stop', why: 'behind' },
  FORKED: { kind: 'stop', why: 'forked' },
  CLONED: { kind: 'stop', why: 'cloned' },
  HUB_BEHIND: { kind: 'stop', why: 'hub-behind' },
};

for (const [relation, meaning] of Object.entries(relations)) {
  test(`the relation ${relation} with fitting heads means ${meaning.kind}`, () => {
    const answer = { relation: relation as Relation, epoch: 5n, headSeq: 9n, headHash: hash(9) };
    expect(meaningOfHello(own, answer, hash(9))).toEqual(meaning);
  });
}

test('a hub that lacks what it had receipted is behind, whatever it calls the relation', () => {
  const answer = { relation: 'NODE_AHEAD', epoch: 5n, headSeq: 7n, headHash: hash(7) } as const;
  expect(meaningOfHello(own, answer, hash(7))).toEqual({ kind: 'stop', why: 'hub-behind' });
});

test('a hub whose head has another hash than ours at that number holds another history', () => {
  const answer = { relation: 'NODE_AHEAD', epoch: 5n, headSeq: 9n, headHash: hash(99) } as const;
  expect(meaningOfHello(own, answer, hash(9))).toEqual({ kind: 'stop', why: 'forked' });
  expect(meaningOfHello(own, answer, undefined)).toEqual({ kind: 'stop', why: 'forked' });
});

test('a hub that has nothing fits any node that has no receipt', () => {
  const answer = { relation: 'NODE_AHEAD', epoch: 1n, headSeq: 0n, headHash: hash(0) } as const;
  expect(meaningOfHello({ headSeq: 3n, receiptedSeq: 0n }, answer, undefined).kind).toBe('ready');
});

const steps: Readonly<Record<PushOutcome, PushStep>> = {
  ACCEPTED: { kind: 'receipted' },
  DUPLICATE: { kind: 'receipted' },
  GAP: { kind: 'send-from', seq: 4n },
  FORK: { kind: 'stop', why: 'forked' },
  FENCED: { kind: 'hello-again' },
  BUSY: { kind: 'wait', seconds: 30 },
};

for (const [outcome, step] of Object.entries(steps)) {
  test(`after ${outcome} the step is ${step.kind}`, () => {
    const reply = { outcome: outcome as PushOutcome, sendFrom: 4n, retryAfterS: 30 };
    expect(stepAfterPush(reply)).toEqual(step);
  });
}

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
