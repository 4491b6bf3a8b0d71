import { expect, test } from 'vitest';

import { freshnessOf, type RecordHistory, type Seen } from './freshness.ts';

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 21, 8, minute));
const own = { source: 'hr', tag: 'b', at: at(10) };
const other = (minute: number) => ({ source: 'workbook', at: at(minute) });
const history = (changes: Partial<RecordHistory>): RecordHistory => ({
  tag: 'b',
  lastOther: null,
  lastOwn: own,
  seenAt: null,
  lastOwnOfBlock: null,
  lastMade: null,
  ...changes,
});
const nothing: Seen = { versionSeen: null, createdAt: null };

test.each<[string, Seen, Partial<RecordHistory>, string, string?]>([
  [
    'the state that is there was seen',
    { versionSeen: 'b', createdAt: null },
    { lastOther: other(20) },
    'fresh',
  ],
  [
    'another source wrote since',
    { versionSeen: 'b', createdAt: null },
    { tag: 'c', seenAt: at(10), lastOther: other(20) },
    'stale',
    'workbook',
  ],
  [
    'somebody wrote in the tables since',
    { versionSeen: 'b', createdAt: null },
    { tag: 'c', seenAt: at(10) },
    'stale',
    'database',
  ],
  [
    'only own packets of other blocks since',
    { versionSeen: 'a', createdAt: null },
    { seenAt: at(5), lastOwnOfBlock: at(4) },
    'fresh',
  ],
  [
    'an own packet of the block since',
    { versionSeen: 'a', createdAt: null },
    { seenAt: at(5), lastOwnOfBlock: at(10) },
    'stale',
    'hr',
  ],
  ['a state that no reply gave', { versionSeen: 'x', createdAt: null }, {}, 'stale', 'hr'],
  [
    'made before another source wrote',
    { versionSeen: null, createdAt: at(15) },
    { lastOther: other(20) },
    'stale',
    'workbook',
  ],
  [
    'made before an own packet of the block was',
    { versionSeen: null, createdAt: at(5) },
    { lastMade: { source: 'hr', at: at(9) } },
    'stale',
    'hr',
  ],
  [
    'made after another source wrote',
    { versionSeen: null, createdAt: at(25) },
    { lastOther: other(20) },
    'fresh',
  ],
  [
    'nothing said, another source wrote last',
    nothing,
    { tag: 'c', lastOther: other(20) },
    'overwrites',
    'workbook',
  ],
  ['nothing said, own packet after the other source', nothing, { lastOther: other(5) }, 'fresh'],
  ['nothing said, somebody wrote in the tables', nothing, { tag: 'c' }, 'overwrites', 'database'],
  ['nothing said, a record that nobody sent or imported', nothing, { lastOwn: null }, 'fresh'],
])('%s', (_, seen, changes, kind, source) => {
  const freshness = freshnessOf(seen, history(changes));
  expect(freshness.kind).toBe(kind);
  expect(freshness.kind === 'fresh' ? undefined : freshness.change.source).toBe(source);
});
