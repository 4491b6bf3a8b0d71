import { expect, test } from 'vitest';

import { type ArrivedPage, decidePage, type PageDecision } from './feed-page.ts';

const asked = { agency: 'H52', cursor: 10n, hubIncarnation: 2n, headSeq: 7n };
const page: ArrivedPage = {
  agency: 'H52',
  hubIncarnation: 2n,
  fromCursor: 10n,
  toCursor: 15n,
  receivedSeq: 7n,
};

const cases: Readonly<Record<string, readonly [Partial<ArrivedPage>, PageDecision]>> = {
  'what was asked for': [{}, { kind: 'apply', moves: true }],
  'empty, at the end': [{ toCursor: 10n }, { kind: 'apply', moves: false }],
  'of a hub that was restored': [{ hubIncarnation: 3n }, { kind: 'hello-again' }],
  'of a hub of the past': [{ hubIncarnation: 1n }, { kind: 'hello-again' }],
  'after a batch that we did not seal': [{ receivedSeq: 8n }, { kind: 'hello-again' }],
  'before our newest batch arrived': [{ receivedSeq: 5n }, { kind: 'apply', moves: true }],
  'of another unit': [{ agency: 'H53' }, { kind: 'refuse' }],
  'from before the cursor': [{ fromCursor: 9n }, { kind: 'refuse' }],
  'from behind the cursor': [{ fromCursor: 11n }, { kind: 'refuse' }],
  'that goes backwards': [{ toCursor: 9n }, { kind: 'refuse' }],
  'of another unit and incarnation': [{ agency: 'H53', hubIncarnation: 3n }, { kind: 'refuse' }],
};

test.each(Object.entries(cases))('a page %s', (_, [change, decision]) => {
  expect(decidePage(asked, { ...page, ...change })).toEqual(decision);
});
