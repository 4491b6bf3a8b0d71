import { expect, test } from 'vitest';

import { settlesWithin } from './settles-within.ts';

test('a promise that settles in time is reported so, fulfilled or rejected', async () => {
  expect(await settlesWithin(Promise.resolve(1), 1_000)).toBe(true);
  expect(await settlesWithin(Promise.reject(new Error('no')), 1_000)).toBe(true);
});

test('a promise that does not settle is given up when the time is over', async () => {
  expect(await settlesWithin(new Promise(() => undefined), 5)).toBe(false);
});
