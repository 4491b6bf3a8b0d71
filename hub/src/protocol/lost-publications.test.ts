import { expect, test } from 'vitest';

import { lostPublications } from './lost-publications.ts';

const of = (agency: string, key: string, value: bigint) => ({ agency, key, value });

test('what units have and the hub has not is named once, with those who have it', () => {
  const published = new Map([
    ['policy', { version: 2n, hubIncarnation: 1n }],
    ['DVHC', { version: 4n, hubIncarnation: 1n }],
  ]);
  const taken = [
    of('H52', 'policy', 2n),
    of('H52', 'DVHC', 5n),
    of('H53', 'DVHC', 6n),
    of('H54', 'DVHC', 3n),
    of('H53', 'TON_GIAO', 1n),
    of('H53', 'no list', 9n),
  ];
  expect(lostPublications(2n, published, taken)).toEqual([
    { name: 'DVHC', here: 4n, agencies: ['H52', 'H53'], taken: 6n },
    { name: 'TON_GIAO', here: 0n, agencies: ['H53'], taken: 1n },
  ]);
});

test('what was published under the incarnation in force replaces all that units have', () => {
  const published = new Map([['DVHC', { version: 5n, hubIncarnation: 2n }]]);
  expect(lostPublications(2n, published, [of('H53', 'DVHC', 6n)])).toEqual([]);
  expect(lostPublications(3n, published, [of('H53', 'DVHC', 6n)])).toHaveLength(1);
});
