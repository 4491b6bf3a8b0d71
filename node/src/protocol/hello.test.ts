import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { type HelloAnswer, type HelloMeaning, meaningOfHello, type OwnHistory } from './hello.ts';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const own: OwnHistory = { headSeq: 10n, receiptedSeq: 8n, droppedSeq: 4n, hubIncarnation: 3n };

type Hub = 'older' | 'same' | 'newer';
type Head = 'lost-safe' | 'lost-receipted' | 'fits' | 'above-ours' | 'other-hash';
type Cell = 'ready' | 'reingest' | Extract<HelloMeaning, { kind: 'stop' }>['why'];

const hubs = { older: 2n, same: 3n, newer: 4n } as const satisfies Record<Hub, bigint>;
const heads = {
  'lost-safe': { headSeq: 3n, headHash: hash(3) },
  'lost-receipted': { headSeq: 7n, headHash: hash(7) },
  fits: { headSeq: 9n, headHash: hash(9) },
  'above-ours': { headSeq: 11n, headHash: hash(11) },
  'other-hash': { headSeq: 9n, headHash: hash(99) },
} as const satisfies Record<Head, Partial<HelloAnswer>>;

/** A welcome: incarnation of the hub × its head. A missing cell does not compile. */
const welcomes = {
  older: {
    'lost-safe': 'hub-behind',
    'lost-receipted': 'hub-behind',
    fits: 'hub-behind',
    'above-ours': 'hub-behind',
    'other-hash': 'hub-behind',
  },
  same: {
    'lost-safe': 'hub-behind',
    'lost-receipted': 'hub-behind',
    fits: 'ready',
    'above-ours': 'behind',
    'other-hash': 'forked',
  },
  newer: {
    'lost-safe': 'hub-lost-safe',
    'lost-receipted': 'reingest',
    fits: 'reingest',
    'above-ours': 'behind',
    'other-hash': 'forked',
  },
} as const satisfies Record<Hub, Record<Head, Cell>>;

/** What a meaning gives beside its kind; nothing where the node stops. */
function facts(meaning: HelloMeaning): object | undefined {
  if (meaning.kind === 'stop') return undefined;
  const { kind: _, ...given } = meaning;
  return given;
}

const shown = (meaning: HelloMeaning): Cell =>
  meaning.kind === 'stop' ? meaning.why : meaning.kind;

const cells = Object.entries(welcomes).flatMap(([hub, byHead]) =>
  Object.entries(byHead).flatMap(([head, cell]) =>
    (['EQUAL', 'NODE_AHEAD'] as const).map(
      (relation) => [relation, hub as Hub, head as Head, cell] as const,
    ),
  ),
);

test.each(cells)('a welcome %s of a hub that is %s and %s: %s', (relation, hub, head, cell) => {
  const answer = { relation, epoch: 5n, hubIncarnation: hubs[hub], ...heads[head] };
  const ours = { 'lost-safe': 3, 'lost-receipted': 7, fits: 9, 'above-ours': 0, 'other-hash': 9 };
  const meaning = meaningOfHello(own, answer, ours[head] === 0 ? undefined : hash(ours[head]));
  expect(shown(meaning)).toBe(cell);
  expect(facts(meaning)).toEqual(
    {
      ready: { epoch: 5n },
      reingest: { epoch: 5n, headSeq: heads[head].headSeq },
      stop: undefined,
    }[meaning.kind],
  );
});

type Refusal = Exclude<Relation, 'EQUAL' | 'NODE_AHEAD'>;

const refusals = {
  NODE_BEHIND: { older: 'hub-behind', same: 'behind', newer: 'behind' },
  FORKED: { older: 'hub-behind', same: 'forked', newer: 'forked' },
  CLONED: { older: 'hub-behind', same: 'cloned', newer: 'cloned' },
  HUB_BEHIND: { older: 'hub-behind', same: 'hub-behind', newer: 'hub-behind' },
} as const satisfies Record<Refusal, Record<Hub, Cell>>;

test.each(Object.entries(refusals))('a refusal %s stops the node', (relation, byHub) => {
  for (const [hub, cell] of Object.entries(byHub)) {
    const answer = {
      relation: relation as Refusal,
      epoch: 0n,
      hubIncarnation: hubs[hub as Hub],
      ...heads.fits,
    };
    expect(shown(meaningOfHello(own, answer, hash(9)))).toBe(cell);
  }
});

test('a batch of ours at the hub that we do not have at all is a fork', () => {
  const answer = { relation: 'EQUAL', epoch: 5n, hubIncarnation: 3n, ...heads.fits } as const;
  expect(shown(meaningOfHello(own, answer, undefined))).toBe('forked');
});

test('a hub that has nothing fits any node that has no receipt', () => {
  const fresh = { headSeq: 3n, receiptedSeq: 0n, droppedSeq: 0n, hubIncarnation: 0n };
  const answer = {
    relation: 'NODE_AHEAD',
    epoch: 1n,
    hubIncarnation: 7n,
    headSeq: 0n,
    headHash: new Uint8Array(0),
  } as const;
  expect(meaningOfHello(fresh, answer, undefined)).toEqual({ kind: 'ready', epoch: 1n });
});

test('a restored hub that has nothing at all gets everything again, unless something was dropped', () => {
  const answer = {
    relation: 'NODE_AHEAD',
    epoch: 1n,
    hubIncarnation: 4n,
    headSeq: 0n,
    headHash: new Uint8Array(0),
  } as const;
  expect(meaningOfHello(own, answer, undefined)).toEqual({
    kind: 'stop',
    why: 'hub-lost-safe',
    seq: 4n,
  });
  expect(meaningOfHello({ ...own, droppedSeq: 0n }, answer, undefined)).toEqual({
    kind: 'reingest',
    epoch: 1n,
    headSeq: 0n,
  });
});
