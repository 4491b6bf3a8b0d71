import { expect, test } from 'vitest';

import { decideHello, type Greeting, type GreetedUnit } from './hello.ts';

const bytes = (n: number): Uint8Array => new Uint8Array(32).fill(n);

const unit: GreetedUnit = {
  epoch: 4n,
  headSeq: 10n,
  headHash: bytes(10),
  lineageToken: bytes(200),
  helloNonce: bytes(1),
};

const greeting: Greeting = {
  helloNonce: bytes(2),
  lineageToken: bytes(200),
  headSeq: 10n,
  headHash: bytes(10),
};

test('the same heads and the current token are welcome under a new epoch', () => {
  expect(decideHello(unit, greeting, bytes(10))).toEqual({
    kind: 'welcome',
    relation: 'EQUAL',
    epoch: 5n,
  });
});

test('a node with batches that the hub has not yet received is ahead', () => {
  expect(decideHello(unit, { ...greeting, headSeq: 12n, headHash: bytes(12) }, undefined)).toEqual({
    kind: 'welcome',
    relation: 'NODE_AHEAD',
    epoch: 5n,
  });
});

test('the repeat of an unanswered hello gets the stored answer, with the old token too', () => {
  const repeated = { ...greeting, helloNonce: bytes(1), lineageToken: bytes(99) };
  expect(decideHello(unit, repeated, bytes(10))).toEqual({ kind: 'repeat' });
});

test('a copy from before, restored with its hello still pending, is behind and gets no repeat', () => {
  const copy = { ...greeting, helloNonce: bytes(1), headSeq: 8n, headHash: bytes(8) };
  expect(decideHello(unit, copy, bytes(8))).toEqual({ kind: 'refuse', relation: 'NODE_BEHIND' });
});

test('a node restored from an old backup is behind', () => {
  const old = { ...greeting, headSeq: 8n, headHash: bytes(8), lineageToken: bytes(190) };
  expect(decideHello(unit, old, bytes(8))).toEqual({ kind: 'refuse', relation: 'NODE_BEHIND' });
});

test('a node that forgot everything is behind, not new', () => {
  const forgot = {
    ...greeting,
    headSeq: 0n,
    headHash: new Uint8Array(0),
    lineageToken: new Uint8Array(0),
  };
  expect(decideHello(unit, forgot, undefined)).toEqual({ kind: 'refuse', relation: 'NODE_BEHIND' });
});

test('another history of the same length, or of an older length, is a fork', () => {
  expect(decideHello(unit, { ...greeting, headHash: bytes(77) }, bytes(10))).toEqual({
    kind: 'refuse',
    relation: 'FORKED',
  });
  const older = { ...greeting, headSeq: 8n, headHash: bytes(77) };
  expect(decideHello(unit, older, bytes(8))).toEqual({ kind: 'refuse', relation: 'FORKED' });
});

test('a spent token is a clone, even with the same head', () => {
  expect(decideHello(unit, { ...greeting, lineageToken: bytes(199) }, bytes(10))).toEqual({
    kind: 'refuse',
    relation: 'CLONED',
  });
});

test('after a release any token is welcome, if the heads are equal', () => {
  const released = { ...unit, lineageToken: new Uint8Array(0) };
  expect(decideHello(released, greeting, bytes(10)).kind).toBe('welcome');
  const other = { ...greeting, headHash: bytes(77) };
  expect(decideHello(released, other, bytes(10)).kind).toBe('refuse');
});

test('the first hello has no token, and may be repeated from nothing while nothing was sealed', () => {
  const fresh: GreetedUnit = {
    epoch: 1n,
    headSeq: 0n,
    headHash: new Uint8Array(0),
    lineageToken: bytes(5),
    helloNonce: bytes(1),
  };
  const first = {
    ...greeting,
    headSeq: 0n,
    headHash: new Uint8Array(0),
    lineageToken: new Uint8Array(0),
  };
  expect(decideHello(fresh, first, undefined).kind).toBe('welcome');
});
