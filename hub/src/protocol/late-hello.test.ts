/** A hello that comes late, on a medium or a line that held it back, is no sign of a second machine. */
import { expect, test } from 'vitest';

import { decideHello, type GreetedUnit, type Greeting } from './hello.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text.padEnd(32, ' '));

const unit: GreetedUnit = {
  incarnation: 1n,
  epoch: 7n,
  headSeq: 5n,
  headHash: bytes('head 5'),
  lineageToken: bytes('token 7'),
  helloNonce: bytes('nonce 7'),
};

/** Of the epoch before the last, with nothing sealed since. */
const late: Greeting = {
  helloNonce: bytes('nonce 6'),
  lineageToken: bytes('token 5'),
  headSeq: 5n,
  headHash: bytes('head 5'),
  hubIncarnation: 1n,
  receiptedSeq: 5n,
};

test('a hello that was welcomed before the last welcome is refused, and freezes nothing', () => {
  expect(decideHello(unit, late, unit.headHash, true)).toEqual({
    kind: 'refuse',
    relation: 'CLONED',
    freeze: false,
  });
  // the same from a nonce that nobody has welcomed is a second machine
  expect(decideHello(unit, late, unit.headHash, false)).toMatchObject({ freeze: true });
});

test('a late hello takes no released unit, and no first one', () => {
  const released = { ...unit, lineageToken: new Uint8Array(0), helloNonce: null };
  expect(decideHello(released, late, unit.headHash, true).kind).toBe('refuse');
  const nothing = { headSeq: 0n, headHash: new Uint8Array(0) };
  const fresh = { ...unit, ...nothing };
  const first = { ...late, ...nothing, receiptedSeq: 0n };
  expect(decideHello(fresh, first, undefined, true).kind).toBe('refuse');
  expect(decideHello(fresh, first, undefined, false).kind).toBe('welcome');
});

test('another history is an alarm, however late it comes', () => {
  const other = { ...late, headHash: bytes('another 5') };
  expect(decideHello(unit, other, unit.headHash, true)).toEqual({
    kind: 'refuse',
    relation: 'FORKED',
    freeze: true,
  });
});
