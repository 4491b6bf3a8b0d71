import type { Relation } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { decideHello, type Greeting, type GreetedUnit, type HelloDecision } from './hello.ts';

const bytes = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const none = new Uint8Array(0);

const unit: GreetedUnit = {
  incarnation: 3n,
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
  hubIncarnation: 3n,
  receiptedSeq: 8n,
};

type Heads = 'equal' | 'ahead' | 'behind' | 'nothing' | 'fork' | 'older-fork';
type Memory = 'nothing-missing' | 'older-hub' | 'newer-hub' | 'receipts-missing' | 'old-receipts';
type Sender = 'current' | 'spent-token' | 'repeated';
type Line = 'held' | 'released';
type Cell = Relation | `repeat ${Relation}` | `frozen ${Relation}`;

/** What each decides of the heads, whatever the node remembers of the hub, unless the hub forgot. */
const byHeads = {
  equal: {
    current: { held: 'EQUAL', released: 'EQUAL' },
    'spent-token': { held: 'frozen CLONED', released: 'EQUAL' },
    repeated: { held: 'repeat EQUAL', released: 'repeat EQUAL' },
  },
  ahead: {
    current: { held: 'NODE_AHEAD', released: 'NODE_AHEAD' },
    'spent-token': { held: 'frozen CLONED', released: 'NODE_AHEAD' },
    repeated: { held: 'repeat NODE_AHEAD', released: 'repeat NODE_AHEAD' },
  },
  behind: {
    current: { held: 'NODE_BEHIND', released: 'NODE_BEHIND' },
    'spent-token': { held: 'NODE_BEHIND', released: 'NODE_BEHIND' },
    repeated: { held: 'NODE_BEHIND', released: 'NODE_BEHIND' },
  },
  nothing: {
    current: { held: 'NODE_BEHIND', released: 'NODE_BEHIND' },
    'spent-token': { held: 'NODE_BEHIND', released: 'NODE_BEHIND' },
    repeated: { held: 'NODE_BEHIND', released: 'NODE_BEHIND' },
  },
  fork: {
    current: { held: 'frozen FORKED', released: 'FORKED' },
    'spent-token': { held: 'frozen FORKED', released: 'FORKED' },
    repeated: { held: 'frozen FORKED', released: 'FORKED' },
  },
  'older-fork': {
    current: { held: 'frozen FORKED', released: 'FORKED' },
    'spent-token': { held: 'frozen FORKED', released: 'FORKED' },
    repeated: { held: 'frozen FORKED', released: 'FORKED' },
  },
} as const satisfies Record<Heads, Record<Sender, Record<Line, Cell>>>;

/** A hub that forgot judges nobody, and freezes nobody. */
const forgets = {
  'nothing-missing': false,
  'older-hub': false,
  'old-receipts': false,
  'newer-hub': true,
  'receipts-missing': true,
} as const satisfies Record<Memory, boolean>;

const heads = {
  equal: {},
  ahead: { headSeq: 12n, headHash: bytes(12) },
  behind: { headSeq: 8n, headHash: bytes(8) },
  nothing: { headSeq: 0n, headHash: none },
  fork: { headHash: bytes(77) },
  'older-fork': { headSeq: 8n, headHash: bytes(77) },
} as const satisfies Record<Heads, Partial<Greeting>>;

const memories = {
  'nothing-missing': {},
  'older-hub': { hubIncarnation: 2n },
  'old-receipts': { hubIncarnation: 2n, receiptedSeq: 12n },
  'newer-hub': { hubIncarnation: 4n },
  'receipts-missing': { receiptedSeq: 11n },
} as const satisfies Record<Memory, Partial<Greeting>>;

const senders = {
  current: {},
  'spent-token': { lineageToken: bytes(199) },
  repeated: { helloNonce: bytes(1), lineageToken: bytes(199) },
} as const satisfies Record<Sender, Partial<Greeting>>;

const lines = {
  held: {},
  released: { lineageToken: none },
} as const satisfies Record<Line, Partial<GreetedUnit>>;

function decisionOf(cell: Cell): HelloDecision {
  const [first = '', second] = cell.split(' ');
  const relation = (second ?? first) as Relation;
  if (relation === 'EQUAL' || relation === 'NODE_AHEAD') {
    return { kind: second === undefined ? 'welcome' : 'repeat', relation, epoch: 5n };
  }
  return { kind: 'refuse', relation, freeze: first === 'frozen' };
}

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(record) as K[];

const cells = keysOf(heads).flatMap((head) =>
  keysOf(memories).flatMap((memory) =>
    keysOf(senders).flatMap((sender) =>
      keysOf(lines).map((line) => {
        const expected: Cell = forgets[memory] ? 'HUB_BEHIND' : byHeads[head][sender][line];
        return [head, memory, sender, line, expected] as const;
      }),
    ),
  ),
);

test.each(cells)(
  'heads %s, memory %s, sender %s, line %s: %s',
  (head, memory, sender, line, cell) => {
    const greets = { ...greeting, ...heads[head], ...memories[memory], ...senders[sender] };
    const known = { behind: 8, equal: 10, ahead: 0, nothing: 0, fork: 10, 'older-fork': 8 }[head];
    const decided = (spent: boolean): HelloDecision => {
      const hash = known === 0 ? undefined : bytes(known);
      return decideHello({ ...unit, ...lines[line] }, greets, hash, spent);
    };
    expect(decided(false)).toEqual(decisionOf(cell));
    // a nonce that is spent is asked for after the heads and the repeat: no welcome, and no alarm
    const late = ['EQUAL', 'NODE_AHEAD', 'frozen CLONED'].includes(cell) ? 'CLONED' : cell;
    expect(decided(true)).toEqual(decisionOf(late));
  },
);

test('a batch that the archive lost is a fork, and never taken for agreement', () => {
  const behind = { ...greeting, ...heads.behind };
  expect(decideHello(unit, behind, undefined)).toMatchObject({ relation: 'FORKED' });
});

test('the first hello has no token, and may be repeated from nothing while nothing was sealed', () => {
  const fresh: GreetedUnit = {
    incarnation: 1n,
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
    hubIncarnation: 0n,
    receiptedSeq: 0n,
  };
  expect(decideHello(fresh, first, undefined).kind).toBe('welcome');
});
