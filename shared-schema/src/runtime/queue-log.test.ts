import { expect, test } from 'vitest';

import { complainTo, describeError, type QueueLogEntry } from './queue-log.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
  code: 'ECONNREFUSED',
});

test('a complaint repeated within ten seconds is passed on once, then with the number left out', () => {
  const entries: QueueLogEntry[] = [];
  let now = 0;
  const complain = complainTo(
    (entry) => entries.push(entry),
    () => now,
  );
  for (now of [0, 1, 9_999]) complain('apply', refused);
  expect(entries).toEqual([
    {
      level: 'warn',
      event: 'queue connection trouble',
      queue: 'apply',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
    },
  ]);
  now = 10_000;
  complain('apply', refused);
  expect(entries.map(({ suppressed }) => suppressed)).toEqual([undefined, 2]);
});

test('complaints of another queue or with another code are passed on at once', () => {
  const entries: QueueLogEntry[] = [];
  const complain = complainTo(
    (entry) => entries.push(entry),
    () => 0,
  );
  complain('apply', refused);
  complain('nightly', refused);
  complain(undefined, refused);
  complain('apply', new TypeError('other'));
  expect(entries.map(({ queue, code }) => [queue, code])).toEqual([
    ['apply', 'ECONNREFUSED'],
    ['nightly', 'ECONNREFUSED'],
    [undefined, 'ECONNREFUSED'],
    ['apply', 'TypeError'],
  ]);
});

test('an error is described by its code, or else its name, and one line', () => {
  expect(describeError(Object.assign(new Error('first\nsecond'), { code: 42 }))).toEqual({
    code: '42',
    message: 'first',
  });
  expect(describeError(new RangeError('too far'))).toEqual({
    code: 'RangeError',
    message: 'too far',
  });
  // What Node throws when a name has several addresses and none answers.
  expect(describeError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toEqual({
    code: 'ECONNREFUSED',
    message: 'ECONNREFUSED',
  });
  expect(describeError('thrown text').code).toBe('UNKNOWN');
});
