import { expect, test } from 'vitest';

import { restAfterErrors } from './queue-store.ts';

test('a claim that fails is reported after a rest, one that works at once', async () => {
  let away = true;
  const claim = restAfterErrors((token: string): Promise<string> =>
    away ? Promise.reject(new Error('read-only')) : Promise.resolve(`job for ${token}`),
  );
  const since = Date.now();
  await expect(claim('a')).rejects.toThrow('read-only');
  // 500 ms, less a few for the clock of the timer.
  expect(Date.now() - since).toBeGreaterThanOrEqual(490);
  away = false;
  const again = Date.now();
  expect(await claim('b')).toBe('job for b');
  expect(Date.now() - again).toBeLessThan(250);
});
