import { chmod } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { memoryPlace } from './memory-place.ts';
import { openScratch } from './scratch.ts';

const plenty = { memory: 1024 ** 4 };
const stranger = { name: 'stranger', uid: 65_533, gid: 65_533 };

test('data goes into memory only where there is one, with room, that the user can enter', async () => {
  await using scratch = await openScratch();
  const place = scratch.path;
  expect(await memoryPlace(undefined, { ...plenty, place })).toBe(place);
  expect(await memoryPlace(undefined, { memory: 4 * 1024 ** 3, place })).toBe(undefined);
  expect(await memoryPlace(undefined, { ...plenty, place: `${place}/none` })).toBe(undefined);
  // without any room at all
  expect(await memoryPlace(undefined, { ...plenty, place: '/proc' })).toBe(undefined);
  await chmod(place, 0o700);
  expect(await memoryPlace(stranger, { ...plenty, place })).toBe(undefined);
});
