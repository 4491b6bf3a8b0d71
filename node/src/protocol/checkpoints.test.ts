import { expect, test } from 'vitest';

import {
  type ArrivedCheckpoint,
  type CheckpointDecision,
  decideCheckpoint,
  type Witnessed,
} from './checkpoints.ts';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const arrived: ArrivedCheckpoint = {
  number: 8n,
  hash: hash(8),
  prevHash: hash(7),
  isOfThePast: false,
};
const nothing: Witnessed = {
  same: undefined,
  newest: undefined,
  isEvidence: false,
  prevIsKnown: false,
  oldestNumber: undefined,
};

type Same = 'new' | 'same' | 'rewritten';
type Newest = 'none' | 'before' | 'before-other' | 'gap' | 'above';
type Earlier = 'known' | 'unknown' | 'older-than-kept';

const sames = { new: undefined, same: hash(8), rewritten: hash(88) } as const satisfies Record<
  Same,
  Witnessed['same']
>;
const newests = {
  none: undefined,
  before: { number: 7n, hash: hash(7) },
  'before-other': { number: 7n, hash: hash(77) },
  gap: { number: 6n, hash: hash(6) },
  above: { number: 9n, hash: hash(9) },
} as const satisfies Record<Newest, Witnessed['newest']>;
const earliers = {
  known: { prevIsKnown: true, oldestNumber: 1n },
  unknown: { prevIsKnown: false, oldestNumber: 7n },
  'older-than-kept': { prevIsKnown: false, oldestNumber: 8n },
} as const satisfies Record<Earlier, Partial<Witnessed>>;

/** Where something of its own incarnation is kept, what an earlier one had decides nothing. */
const withNewest = {
  before: 'keep',
  'before-other': 'refuse',
  gap: 'refuse',
  above: 'refuse',
} as const satisfies Record<Exclude<Newest, 'none'>, CheckpointDecision['kind']>;
const withoutNewest = {
  known: 'keep',
  unknown: 'refuse',
  'older-than-kept': 'keep-with-warning',
} as const satisfies Record<Earlier, CheckpointDecision['kind']>;
const onceKept = { same: 'known', rewritten: 'refuse' } as const satisfies Record<
  Exclude<Same, 'new'>,
  CheckpointDecision['kind']
>;

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(record) as K[];
const cells = keysOf(sames).flatMap((same) =>
  keysOf(newests).flatMap((newest) =>
    keysOf(earliers).map((earlier) => {
      const fresh = newest === 'none' ? withoutNewest[earlier] : withNewest[newest];
      return [same, newest, earlier, same === 'new' ? fresh : onceKept[same]] as const;
    }),
  ),
);

test.each(cells)('kept %s, newest %s, earlier %s: %s', (same, newest, earlier, kind) => {
  const kept = { same: sames[same], newest: newests[newest], ...earliers[earlier] };
  const decided = (isOfThePast: boolean, isEvidence: boolean): string =>
    decideCheckpoint({ ...arrived, isOfThePast }, { ...kept, isEvidence }).kind;
  // within the present incarnation a conflict is refused, whatever lies beside
  expect([decided(false, false), decided(false, true)]).toEqual([kind, kind]);
  // what conflicts in one that is over is evidence, once; all else is as it was in its time
  const past = kind === 'refuse' ? ['keep-as-evidence', 'known'] : [kind, kind];
  expect([decided(true, false), decided(true, true)]).toEqual(past);
});

test('the first that a node ever sees is taken, whatever its number', () => {
  expect(decideCheckpoint(arrived, nothing)).toEqual({ kind: 'keep' });
});

test('a restored hub that had no checkpoint in its backup begins anew, and is noted', () => {
  const first = { ...arrived, number: 1n, hash: hash(1), prevHash: new Uint8Array(0) };
  expect(decideCheckpoint(first, { ...nothing, oldestNumber: 1n })).toEqual({
    kind: 'keep-with-warning',
  });
});
