import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  type Below,
  type Entry,
  isBucket,
  nextPrefixes,
  startOfWalk,
  stepDown,
} from './compare-trees.ts';

type Records = ReadonlyMap<string, number>;

/** The contents themselves: no two different ones are taken for the same. */
const digestOf = (contents: unknown): Buffer => Buffer.from(JSON.stringify(contents));

/** Spreads the ids over the buckets; any spread will do. */
function bucketOf(id: string): string {
  let hash = 2_166_136_261;
  for (const byte of Buffer.from(id)) hash = Math.imul(hash ^ byte, 16_777_619) >>> 0;
  return (hash >>> 16).toString(16).padStart(4, '0');
}

/** What a side answers: its records, or the branches one byte longer. */
function below(records: Records, prefix: string): readonly Entry[] {
  const under = [...records].filter(([id]) => bucketOf(id).startsWith(prefix));
  if (isBucket(prefix)) return under.map(([key, value]) => ({ key, digest: digestOf(value) }));
  const branches = Map.groupBy(under, ([id]) => bucketOf(id).slice(0, prefix.length + 2));
  return Array.from(branches, ([key, found]) => ({
    key,
    digest: digestOf(found.map(([id, value]) => `${id} ${value}`).toSorted()),
  }));
}

type World = { readonly hub: Records; readonly node: Records; readonly mirror: Records };

function walkThrough(
  world: World,
  most: number,
): { node: string[]; mirror: string[]; asked: number } {
  let walk = startOfWalk;
  let asked = 0;
  for (;;) {
    const prefixes = nextPrefixes(walk, most);
    if (prefixes.length === 0) {
      const { node, mirror } = walk.named;
      return { node: node.toSorted(), mirror: mirror.toSorted(), asked };
    }
    expect(prefixes.length).toBeLessThanOrEqual(most);
    expect(new Set(prefixes.map((prefix) => prefix.length)).size).toBe(1);
    asked += prefixes.length;
    const answer: Below[] = prefixes.map((prefix) => ({
      prefix,
      hub: below(world.hub, prefix),
      node: below(world.node, prefix),
      mirror: below(world.mirror, prefix),
    }));
    walk = stepDown(walk, answer);
  }
}

function trueDifference(ours: Records, theirs: Records): string[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((id) => ours.get(id) !== theirs.get(id))
    .toSorted();
}

type Change = { readonly id: number; readonly value: number | undefined };
const ids = fc.integer({ min: 0, max: 400 });
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ id: ids, value: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) }),
  { maxLength: 30 },
);

function changed(records: Records, list: readonly Change[]): Records {
  const result = new Map(records);
  for (const { id, value } of list) {
    if (value === undefined) result.delete(`r${id}`);
    else result.set(`r${id}`, value);
  }
  return result;
}

test('the walk names exactly the records that differ, of each side its own', () => {
  const all = fc
    .array(ids, { maxLength: 200 })
    .map((list) => new Map(list.map((n) => [`r${n}`, n % 4])));
  fc.assert(
    fc.property(
      all,
      changes,
      changes,
      fc.integer({ min: 1, max: 64 }),
      (hub, own, mirrored, most) => {
        const world = { hub, node: changed(hub, own), mirror: changed(hub, mirrored) };
        const found = walkThrough(world, most);
        expect(found.node).toEqual(trueDifference(world.node, hub));
        expect(found.mirror).toEqual(trueDifference(world.mirror, hub));
      },
    ),
    { numRuns: 200 },
  );
});

test('equal sides need one question, one changed record three, a side without records all of it', () => {
  const hub: Records = new Map(Array.from({ length: 300 }, (_, n) => [`r${n}`, 1]));
  expect(walkThrough({ hub, node: hub, mirror: hub }, 64)).toEqual({
    node: [],
    mirror: [],
    asked: 1,
  });
  const node = changed(hub, [{ id: 7, value: 2 }]);
  expect(walkThrough({ hub, node, mirror: hub }, 64)).toEqual({
    node: ['r7'],
    mirror: [],
    asked: 3,
  });
  const none: Records = new Map();
  expect(walkThrough({ hub, node: none, mirror: hub }, 64).node).toHaveLength(300);
  expect(walkThrough({ hub: none, node: hub, mirror: none }, 64).node).toHaveLength(300);
});
