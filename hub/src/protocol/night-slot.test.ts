import { expect, test } from 'vitest';

import { nightSlot } from './night-slot.ts';

const secondOf = (slot: string): number => {
  const [second, minute, hour] = slot.split(' ').map(Number);
  return ((hour ?? 0) * 60 + (minute ?? 0)) * 60 + (second ?? 0);
};

test('every slot lies between ten in the evening and four in the morning', () => {
  for (let i = 0; i < 200; i++) {
    const hour = Number(nightSlot(i).split(' ')[2]);
    expect([22, 23, 0, 1, 2, 3]).toContain(hour);
  }
});

test('the slots of 100 units are at least half a minute apart', () => {
  const seconds = Array.from({ length: 100 }, (_, i) => (secondOf(nightSlot(i)) + 7200) % 86_400);
  const sorted = seconds.toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).map((second, i) => second - (sorted[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(30);
});
