import { expect, test } from 'vitest';

import { openTurnstile } from './turnstile.ts';

/** Work that ends when told, and notes when it begins. */
function workOf(
  log: string[],
  name: string,
): { work: () => Promise<string>; end: () => void; fail: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return {
    work: () => {
      log.push(name);
      return promise;
    },
    end: () => resolve(name),
    fail: () => reject(new Error(name)),
  };
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

test('one at a time under a key, in the order of coming, a failure included; other keys do not wait', async () => {
  const turnstile = openTurnstile<string>(9);
  const log: string[] = [];
  const [a, b, c, other] = ['a', 'b', 'c', 'other'].map((name) => workOf(log, name));
  if (a === undefined || b === undefined || c === undefined || other === undefined)
    throw new Error();
  const passes = [a, b, c].map((one) => turnstile.pass('H52', one.work));
  const elsewhere = turnstile.pass('H53', other.work);
  b.end();
  c.end();
  await settled();
  expect(log).toEqual(['a', 'other']);
  other.end();
  expect(await elsewhere).toBe('other');
  a.fail();
  await expect(passes[0]).rejects.toThrow('a');
  expect(await Promise.all(passes.slice(1))).toEqual(['b', 'c']);
  expect(log).toEqual(['a', 'other', 'b', 'c']);
});

test('beyond the bound it is refused at once, and there is room again when one has gone through', async () => {
  const turnstile = openTurnstile<string>(2);
  const log: string[] = [];
  const first = workOf(log, 'first');
  const waiting = workOf(log, 'waiting');
  waiting.end();
  const passes = [turnstile.pass('H52', first.work), turnstile.pass('H52', waiting.work)];
  passes.push(turnstile.pass('H52', waiting.work));
  await expect(turnstile.pass('H52', waiting.work)).rejects.toMatchObject({ code: 'HUB_BUSY' });
  expect(log).toEqual(['first']);
  first.end();
  await Promise.all(passes);
  await settled();
  expect(await turnstile.pass('H52', waiting.work)).toBe('waiting');
  expect(log).toEqual(['first', 'waiting', 'waiting', 'waiting']);
});
