import { expect, test } from 'vitest';

import { afterCopied, beginSafe, type CopiedBatch, type SafeVerdict } from './safe.ts';

const own = { safeSeq: 4n, appliedSeq: 7n };
const good = (seq: bigint): CopiedBatch => ({ seq, fault: undefined, same: true });
const walk = (...batches: readonly CopiedBatch[]): SafeVerdict =>
  batches.reduce((so, batch) => afterCopied(so, own, batch), beginSafe(own));

type Place = 'next' | 'after-a-gap' | 'not-applied-here';
type Finding = 'good' | 'faulty' | 'other';

const findings = {
  good: { fault: undefined, same: true },
  faulty: { fault: 'content and hash differ', same: true },
  other: { fault: undefined, same: false },
} as const satisfies Record<Finding, Omit<CopiedBatch, 'seq'>>;
const places = { next: 5n, 'after-a-gap': 6n, 'not-applied-here': 8n } as const satisfies Record<
  Place,
  bigint
>;

/** The seq that is safe afterwards, and why no further. */
const table = {
  next: {
    good: [5n, undefined],
    faulty: [4n, 'content and hash differ'],
    other: [4n, 'another batch than in our own archive'],
  },
  'after-a-gap': {
    good: [4n, 'batch 5 is missing'],
    faulty: [4n, 'batch 5 is missing'],
    other: [4n, 'batch 5 is missing'],
  },
  'not-applied-here': {
    good: [4n, undefined],
    faulty: [4n, undefined],
    other: [4n, undefined],
  },
} as const satisfies Record<Place, Record<Finding, readonly [bigint, string | undefined]>>;

const cells = Object.entries(table).flatMap(([place, byFinding]) =>
  Object.entries(byFinding).map(
    ([finding, [safeSeq, reason]]) =>
      [place as Place, finding as Finding, safeSeq, reason] as const,
  ),
);

test.each(cells)('a batch that is %s and %s leaves %s safe', (place, finding, safeSeq, reason) => {
  const so = walk({ seq: places[place], ...findings[finding] });
  expect([so.safeSeq, so.fault?.reason]).toEqual([safeSeq, reason]);
});

test('what is safe rises batch by batch, and not past what is applied here', () => {
  expect(walk(good(5n), good(6n), good(7n), good(8n))).toEqual({ safeSeq: 7n, fault: undefined });
});

test('after a fault nothing counts, however good', () => {
  const bad = { seq: 6n, fault: 'not signed by the unit', same: true };
  expect(walk(good(5n), bad, good(6n), good(7n))).toEqual({
    safeSeq: 5n,
    fault: { seq: 6n, reason: 'not signed by the unit' },
  });
});

test('a copy that has nothing takes nothing back', () => {
  expect(walk()).toEqual({ safeSeq: 4n, fault: undefined });
});
