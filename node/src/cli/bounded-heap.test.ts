import { getHeapStatistics } from 'node:v8';

import { expect, test } from 'vitest';

import { heapKeeper } from './bounded-heap.ts';

const usedMiB = (): number => getHeapStatistics().used_heap_size / 1024 / 1024;

/** Garbage that has lived long: small collections do not take it. */
function makeGarbage(): number {
  const rows = Array.from({ length: 1_200_000 }, (_, n) => ({ n, text: `${n}-${n}` }));
  return rows.length;
}

test('garbage is taken at the next call once there is a good deal of it', () => {
  const keep = heapKeeper();
  const before = usedMiB();
  makeGarbage();
  expect(usedMiB() - before).toBeGreaterThan(100);
  keep();
  expect(usedMiB() - before).toBeLessThan(40);
});
