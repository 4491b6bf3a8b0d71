import { expect, test } from 'vitest';

import { manifestLine, type ManifestLine, recordsToTake, type SentRecord } from './seal.ts';

type Now = 'shown' | 'hidden';
type Logged = 'itself' | 'section' | 'nothingThatTravels';
type Before = 'neverSent' | 'present' | 'gone' | 'refused';

const before: Readonly<Record<Before, SentRecord | undefined>> = {
  neverSent: undefined,
  present: { version: 3n, present: true, wholeNext: false },
  gone: { version: 3n, present: false, wholeNext: false },
  refused: { version: 3n, present: true, wholeNext: true },
};

/** What the manifest says: `whole`, `part`, `gone`, or nothing. A missing cell does not compile. */
type Cell = 'whole' | 'part' | 'gone' | 'nothing';
const table: Readonly<Record<Now, Readonly<Record<Logged, Readonly<Record<Before, Cell>>>>>> = {
  shown: {
    itself: { neverSent: 'whole', present: 'whole', gone: 'whole', refused: 'whole' },
    section: { neverSent: 'whole', present: 'part', gone: 'whole', refused: 'whole' },
    nothingThatTravels: {
      neverSent: 'nothing',
      present: 'nothing',
      gone: 'nothing',
      refused: 'whole',
    },
  },
  hidden: {
    itself: { neverSent: 'nothing', present: 'gone', gone: 'nothing', refused: 'gone' },
    section: { neverSent: 'nothing', present: 'gone', gone: 'nothing', refused: 'gone' },
    nothingThatTravels: {
      neverSent: 'nothing',
      present: 'gone',
      gone: 'nothing',
      refused: 'gone',
    },
  },
};

for (const [now, byLogged] of Object.entries(table)) {
  for (const [logged, byBefore] of Object.entries(byLogged)) {
    for (const [was, cell] of Object.entries(byBefore)) {
      test(`a record that is ${now}, of which ${logged} was logged, ${was} before: ${cell}`, () => {
        const sent = before[was as Before];
        const sections = logged === 'section' ? [11] : [];
        const record = { sections, itself: logged === 'itself', shown: now === 'shown' };
        const version = (sent?.version ?? 0n) + 1n;
        const lines: Readonly<Record<Cell, ManifestLine | undefined>> = {
          nothing: undefined,
          whole: { version, op: 'U', whole: true, sections },
          part: { version, op: 'U', whole: false, sections },
          gone: { version, op: 'D', whole: false, sections },
        };
        expect(manifestLine(record, sent)).toEqual(lines[cell]);
      });
    }
  }
}

test('units of the tree go ahead, then the oldest change; a record is named once', () => {
  const log = [
    { n: 1, recordId: 'b', section: 11 },
    { n: 2, recordId: 'a', section: 10 },
    { n: 3, recordId: 'b', section: 10 },
    { n: 4, recordId: 'c', section: 11 },
    { n: 5, recordId: 'tree', section: 1 },
    { n: 6, recordId: 'tree', section: 0 },
  ];
  expect(recordsToTake(log, 10)).toEqual(['tree', 'b', 'a', 'c']);
  expect(recordsToTake(log, 2)).toEqual(['tree', 'b']);
  expect(recordsToTake([], 2)).toEqual([]);
});
