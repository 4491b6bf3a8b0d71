import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { compress, expand } from './compress.ts';

test('what was compressed expands to the same bytes', async () => {
  const bytes = Buffer.from('Sơn La\t1975-09\n'.repeat(1000));
  const small = await compress(bytes);
  expect(small.length).toBeLessThan(bytes.length / 10);
  expect(await expand(small, bytes.length)).toEqual(bytes);
});

test('a bomb is not expanded past the size it declares', async () => {
  const bomb = await compress(Buffer.alloc(64 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(16_384);
  expect(await expand(bomb, 1024)).toBeUndefined();
});

test('a size that is declared too large, and bytes that are no zstd, are refused', async () => {
  const small = await compress(Buffer.from('abc'));
  expect(await expand(small, 4)).toBeUndefined();
  expect(await expand(randomBytes(100), 100)).toBeUndefined();
  expect(await expand(small.subarray(0, small.length - 1), 3)).toBeUndefined();
});
