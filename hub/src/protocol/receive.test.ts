import { expect, test } from 'vitest';

import {
  type ArrivedBatch,
  decideReceive,
  type ReceiveDecision,
  type ReceiverState,
} from './receive.ts';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);

const state: ReceiverState = {
  incarnation: 3n,
  epoch: 7n,
  headSeq: 10n,
  headHash: hash(10),
  waiting: 0,
  waitingMax: 5,
};

const next: ArrivedBatch = {
  incarnation: 3n,
  epoch: 7n,
  seq: 11n,
  prevHash: hash(10),
  headerHash: hash(11),
};

type Place = 'repeat' | 'next' | 'later';
type Hashes = 'fitting' | 'other';
type Sender = 'current' | 'older-epoch' | 'newer-epoch' | 'other-incarnation';

/** Every sender × place × hash; a missing cell does not compile. */
const table: Readonly<
  Record<Sender, Readonly<Record<Place, Readonly<Record<Hashes, ReceiveDecision['kind']>>>>>
> = {
  current: {
    repeat: { fitting: 'duplicate', other: 'fork' },
    next: { fitting: 'accept', other: 'fork' },
    later: { fitting: 'gap', other: 'gap' },
  },
  'older-epoch': {
    repeat: { fitting: 'fenced', other: 'fenced' },
    next: { fitting: 'fenced', other: 'fenced' },
    later: { fitting: 'fenced', other: 'fenced' },
  },
  'newer-epoch': {
    repeat: { fitting: 'fenced', other: 'fenced' },
    next: { fitting: 'fenced', other: 'fenced' },
    later: { fitting: 'fenced', other: 'fenced' },
  },
  'other-incarnation': {
    repeat: { fitting: 'fenced', other: 'fenced' },
    next: { fitting: 'fenced', other: 'fenced' },
    later: { fitting: 'fenced', other: 'fenced' },
  },
};

const senders: Readonly<Record<Sender, Partial<ArrivedBatch>>> = {
  current: {},
  'older-epoch': { epoch: 6n },
  'newer-epoch': { epoch: 8n },
  'other-incarnation': { incarnation: 2n },
};

const places: Readonly<Record<Place, Partial<ArrivedBatch>>> = {
  repeat: { seq: 9n, prevHash: hash(8), headerHash: hash(9) },
  next: {},
  later: { seq: 12n, prevHash: hash(11), headerHash: hash(12) },
};

for (const [sender, byPlace] of Object.entries(table)) {
  for (const [place, byHash] of Object.entries(byPlace)) {
    for (const [hashes, expected] of Object.entries(byHash)) {
      test(`a ${place} batch of a sender ${sender} with ${hashes} hashes is ${expected}`, () => {
        const other = hashes === 'other' ? { prevHash: hash(99), headerHash: hash(99) } : {};
        const batch = {
          ...next,
          ...places[place as Place],
          ...senders[sender as Sender],
          ...other,
        };
        const stored = batch.seq <= state.headSeq ? hash(Number(batch.seq)) : undefined;
        expect(decideReceive(state, batch, stored).kind).toBe(expected);
      });
    }
  }
}

test('a gap says from where to send', () => {
  expect(decideReceive(state, { ...next, seq: 15n }, undefined)).toEqual({
    kind: 'gap',
    sendFrom: 11n,
  });
});

test('a full inbox makes the sender wait, but a repeat is still answered', () => {
  const full = { ...state, waiting: 5 };
  expect(decideReceive(full, next, undefined).kind).toBe('busy');
  expect(decideReceive(full, { ...next, seq: 10n, headerHash: hash(10) }, hash(10)).kind).toBe(
    'duplicate',
  );
});

test('a batch at or below the head that the archive lost is never taken for a duplicate', () => {
  expect(decideReceive(state, { ...next, seq: 10n }, undefined).kind).toBe('fork');
});

test('a full inbox, by batches or by bytes, asks to come back after a quarter of what the oldest waited', () => {
  const backlog = { bytes: 99, bytesMax: 100, oldestMs: 0 };
  const answerTo = (changes: Partial<ReceiverState>): ReceiveDecision =>
    decideReceive({ ...state, backlog, ...changes }, next, undefined);
  const busy = (retryAfterS: number): ReceiveDecision => ({ kind: 'busy', retryAfterS });
  expect(answerTo({})).toEqual({ kind: 'accept' });
  expect(answerTo({ waiting: 5 })).toEqual(busy(5));
  expect(answerTo({ backlog: { ...backlog, bytes: 100 } })).toEqual(busy(5));
  expect(answerTo({ waiting: 5, backlog: { ...backlog, oldestMs: 240_001 } })).toEqual(busy(61));
  expect(answerTo({ waiting: 5, backlog: { ...backlog, oldestMs: 1e9 } })).toEqual(busy(600));
  expect(answerTo({ waiting: 5, backlog: { ...backlog, oldestMs: -1e9 } })).toEqual(busy(5));
});
