/** Decisions on whatever can be decoded, from a fixed seed: each has an answer, and the answer its reason. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decideHello } from './hello.ts';
import { nightSlot } from './night-slot.ts';
import { decideReceive } from './receive.ts';

const run = { seed: 20_261_122, numRuns: 5_000 };
/** Small numbers meet each other often; the largest is the largest that is stored. */
const number64 = fc.constantFrom(0n, 1n, 2n, 2n ** 63n - 1n);
const fence = fc.constantFrom(1n, 1n, 1n, 2n);
const none = new Uint8Array(0);
const bytes = fc.constantFrom('', 'a', 'b', 'aa').map((text): Uint8Array => Buffer.from(text));

test('I7: whatever arrives, a batch is taken only under the current fence, next in number, on the head', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.record({
        incarnation: fence,
        epoch: fence,
        headSeq: number64,
        headHash: bytes,
        waiting: fc.nat(3),
        waitingMax: fc.nat(3),
      }),
      fc.record({
        incarnation: fence,
        epoch: fence,
        seq: number64,
        prevHash: bytes,
        headerHash: bytes,
      }),
      fc.option(bytes, { nil: undefined }),
      (state, batch, stored) => {
        const { kind } = decideReceive(state, batch, stored);
        seen.add(kind);
        const current = state.incarnation === batch.incarnation && state.epoch === batch.epoch;
        expect(kind === 'fenced').toBe(!current);
        const next = batch.seq === state.headSeq + 1n;
        const onHead = equalBytes(batch.prevHash, state.headHash);
        const room = state.waiting < state.waitingMax;
        expect(kind === 'accept').toBe(current && next && onHead && room);
        const known = batch.seq <= state.headSeq;
        const same = stored !== undefined && equalBytes(stored, batch.headerHash);
        expect(kind === 'duplicate').toBe(current && known && same);
        expect(kind === 'gap').toBe(current && batch.seq > state.headSeq + 1n);
      },
    ),
    run,
  );
  expect(seen).toEqual(new Set(['accept', 'busy', 'duplicate', 'fenced', 'fork', 'gap']));
});

test('I3: whatever a hello says, a welcome is for who has our head or claims more, and our token', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.record({
        incarnation: fence,
        epoch: number64,
        headSeq: number64,
        headHash: bytes,
        lineageToken: bytes,
        helloNonce: fc.option(bytes),
      }),
      fc.record({
        helloNonce: bytes,
        lineageToken: bytes,
        headSeq: number64,
        headHash: bytes,
        hubIncarnation: fence,
        receiptedSeq: number64,
      }),
      fc.option(bytes, { nil: undefined }),
      (unit, greeting, hash) => {
        const decision = decideHello(unit, greeting, hash);
        seen.add(decision.kind === 'repeat' ? 'repeat' : decision.relation);
        if (decision.kind === 'refuse') return;
        expect(greeting.hubIncarnation <= unit.incarnation).toBe(true);
        const sameHub = greeting.hubIncarnation === unit.incarnation;
        expect(sameHub && greeting.receiptedSeq > unit.headSeq).toBe(false);
        const equal =
          greeting.headSeq === unit.headSeq && equalBytes(greeting.headHash, unit.headHash);
        expect(equal || greeting.headSeq > unit.headSeq).toBe(true);
        const repeated = equalBytes(greeting.helloNonce, unit.helloNonce ?? none);
        const first = unit.headSeq === 0n && greeting.headSeq === 0n;
        const token = equalBytes(greeting.lineageToken, unit.lineageToken);
        const ofTheLine = first || unit.lineageToken.length === 0 || token;
        expect(decision.kind === 'repeat' ? repeated : ofTheLine).toBe(true);
        expect(decision.epoch).toBe(unit.epoch + 1n);
      },
    ),
    run,
  );
  expect(seen).toEqual(
    new Set(['repeat', 'EQUAL', 'NODE_AHEAD', 'NODE_BEHIND', 'FORKED', 'CLONED', 'HUB_BEHIND']),
  );
});

test('every unit of the registry has a slot between ten at night and four in the morning', () => {
  fc.assert(
    fc.property(fc.nat(), (index) => {
      const [second, minute, hour, ...rest] = nightSlot(index).split(' ');
      expect(rest).toEqual(['*', '*', '*']);
      expect(Number(second)).toBeLessThan(60);
      expect(Number(minute)).toBeLessThan(60);
      expect([22, 23, 0, 1, 2, 3]).toContain(Number(hour));
    }),
    run,
  );
});
