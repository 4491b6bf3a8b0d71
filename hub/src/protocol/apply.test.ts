import { expect, test } from 'vitest';

import { type ArrivedRecord, judgeRecord, type KnownRecord, type RecordFault } from './apply.ts';

type Here = 'nothing' | 'older' | 'equal' | 'newer' | 'otherKind' | 'otherUnit';
type Held = 'free' | 'heldOlder' | 'heldEqual';
type Sent = 'whole' | 'part' | 'gone';
type Cell = 'ignore' | readonly RecordFault[];

const here: Readonly<Record<Here, KnownRecord | undefined>> = {
  nothing: undefined,
  older: { owner: 'own', kind: 2, version: 4n },
  equal: { owner: 'own', kind: 2, version: 5n },
  newer: { owner: 'own', kind: 2, version: 6n },
  otherKind: { owner: 'own', kind: 1, version: 4n },
  otherUnit: { owner: 'other', kind: 2, version: 9n },
};
const held: Readonly<Record<Held, bigint | undefined>> = {
  free: undefined,
  heldOlder: 4n,
  heldEqual: 5n,
};
const sent: Readonly<Record<Sent, ArrivedRecord>> = {
  whole: { kind: 2, version: 5n, op: 'U', whole: true },
  part: { kind: 2, version: 5n, op: 'U', whole: false },
  gone: { kind: 2, version: 5n, op: 'D', whole: false },
};

/** A missing cell does not compile. */
const table: Readonly<Record<Here, Readonly<Record<Held, Readonly<Record<Sent, Cell>>>>>> = {
  nothing: {
    free: { whole: [], part: ['held_back'], gone: [] },
    heldOlder: { whole: [], part: ['held_back'], gone: [] },
    heldEqual: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
  },
  older: {
    free: { whole: [], part: [], gone: [] },
    heldOlder: { whole: [], part: ['held_back'], gone: [] },
    heldEqual: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
  },
  equal: {
    free: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
    heldOlder: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
    heldEqual: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
  },
  newer: {
    free: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
    heldOlder: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
    heldEqual: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
  },
  otherKind: {
    free: { whole: ['head_missing'], part: ['head_missing'], gone: ['head_missing'] },
    heldOlder: {
      whole: ['head_missing'],
      part: ['head_missing', 'held_back'],
      gone: ['head_missing'],
    },
    heldEqual: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
  },
  otherUnit: {
    free: { whole: ['not_owner'], part: ['not_owner'], gone: ['not_owner'] },
    heldOlder: { whole: ['not_owner'], part: ['not_owner', 'held_back'], gone: ['not_owner'] },
    heldEqual: { whole: 'ignore', part: 'ignore', gone: 'ignore' },
  },
};

for (const [place, byHold] of Object.entries(table)) {
  for (const [hold, bySent] of Object.entries(byHold)) {
    for (const [what, cell] of Object.entries(bySent)) {
      test(`${what}, where the hub has ${place} and it is ${hold}: ${String(cell)}`, () => {
        const judged = judgeRecord(here[place as Here], held[hold as Held], sent[what as Sent]);
        const expected = cell === 'ignore' ? { kind: cell } : { kind: 'judged', faults: cell };
        expect(judged).toEqual(expected);
      });
    }
  }
}
