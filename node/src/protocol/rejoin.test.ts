import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  afterProbe,
  beginSearch,
  nextProbe,
  planRejoin,
  type RejoinStep,
  stepOfRejoin,
} from './rejoin.ts';

test('the newest common batch is found, whatever the lengths, in few questions', () => {
  const size = fc.integer({ min: 0, max: 3_000 });
  fc.assert(
    fc.property(size, size, size, (own, hub, agree) => {
      const common = BigInt(Math.min(own, hub, agree));
      let search = beginSearch(BigInt(own), BigInt(hub));
      let asked = 0;
      for (let seq = nextProbe(search); seq !== undefined; seq = nextProbe(search)) {
        expect(seq).toBeGreaterThan(0n);
        expect(seq).toBeLessThanOrEqual(BigInt(Math.min(own, hub)));
        search = afterProbe(search, seq, seq <= common);
        asked += 1;
      }
      expect(search.common).toBe(common);
      expect(asked).toBeLessThanOrEqual(24);
    }),
  );
});

test('a node that is merely behind asks once', () => {
  const first = beginSearch(40n, 90n);
  expect(nextProbe(first)).toBe(40n);
  expect(nextProbe(afterProbe(first, 40n, true))).toBeUndefined();
});

const own = { headSeq: 10n, hubIncarnation: 3n };
const permitted = { kind: 'search', permitted: true } as const;

type Case = 'unreleased' | 'released' | 'older-hub';

/** Where the chains fit as far as we can see. A missing cell does not compile. */
const table = {
  EQUAL: {
    unreleased: { kind: 'nothing' },
    released: { kind: 'nothing' },
    'older-hub': { kind: 'stop', why: 'hub-behind' },
  },
  NODE_AHEAD: {
    unreleased: { kind: 'nothing' },
    released: { kind: 'nothing' },
    'older-hub': { kind: 'stop', why: 'hub-behind' },
  },
  NODE_BEHIND: {
    unreleased: { kind: 'search', permitted: false },
    released: permitted,
    'older-hub': { kind: 'stop', why: 'hub-behind' },
  },
  FORKED: {
    unreleased: { kind: 'search', permitted: false },
    released: permitted,
    'older-hub': { kind: 'stop', why: 'hub-behind' },
  },
  CLONED: {
    unreleased: { kind: 'stop', why: 'cloned' },
    released: { kind: 'stop', why: 'cloned' },
    'older-hub': { kind: 'stop', why: 'hub-behind' },
  },
  HUB_BEHIND: {
    unreleased: { kind: 'stop', why: 'hub-behind' },
    released: { kind: 'stop', why: 'hub-behind' },
    'older-hub': { kind: 'stop', why: 'hub-behind' },
  },
} as const satisfies Record<Relation, Record<Case, RejoinStep>>;

test.each(Object.entries(table))('after %s', (relation, byCase) => {
  for (const [name, step] of Object.entries(byCase)) {
    const answer = {
      relation: relation as Relation,
      hubIncarnation: name === 'older-hub' ? 2n : 3n,
      headSeq: 9n,
      released: name === 'released',
    };
    expect(stepOfRejoin(own, answer, true)).toEqual(step);
  }
});

test('a welcome to a chain that forked below the head of the hub is a permit', () => {
  const answer = { relation: 'NODE_AHEAD', hubIncarnation: 3n, released: false } as const;
  expect(stepOfRejoin(own, { ...answer, headSeq: 9n }, false)).toEqual(permitted);
  // the answer to an earlier hello, given again: the hub has gone further than this machine
  expect(stepOfRejoin(own, { ...answer, headSeq: 11n }, true)).toEqual(permitted);
});

test('the plan says what goes and what comes', () => {
  expect(planRejoin(5n, 6n, 3n)).toEqual({ common: 3n, abandon: 2n, fetch: 3n });
});
