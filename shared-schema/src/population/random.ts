/**
 * Random draws that are the same on every machine for the same seed: 32-bit integers only (sfc32,
 * seeded by splitmix32), no platform generator. For synthetic data; nothing here is secret.
 */

/** The next draw, at least 0 and below 1, in steps of 2⁻³². */
export type Random = () => number;

/** 32 bits from an integer and a text: tells the populations of seeds and agencies apart. */
export function seedOf(seed: number, label: string): number {
  let hash = 0x811c9dc5 ^ (seed | 0);
  for (const character of label) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return mixed(hash);
}

/** One of 2³² streams of a seed. Different streams of one seed never begin in the same state. */
export function randomStream(seed: number, stream: number): Random {
  let state = (seed + Math.imul(stream, 0x9e3779b9)) | 0;
  const filled = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return mixed(state);
  };
  let a = filled();
  let b = filled();
  let c = filled();
  let counter = filled();
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
}

function mixed(input: number): number {
  let x = input;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

export function chance(random: Random, share: number): boolean {
  return random() < share;
}

/** A whole number from `min` to `max`, both included. */
export function integerIn(
  random: Random,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** One of the items, each as likely. Throws on an empty list. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('there is nothing to choose from');
  return item;
}

export type Weighted<T> = readonly (readonly [item: T, weight: number])[];

/** A draw by weight; weights need not add up to anything. Throws on an empty list. */
export function weightedChoice<T>(items: Weighted<T>): (random: Random) => T {
  const last = items.at(-1);
  if (last === undefined) throw new RangeError('there is nothing to choose from');
  const total = items.reduce((sum, [, weight]) => sum + weight, 0);
  return (random) => {
    let rest = random() * total;
    for (const [item, weight] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return last[0];
  };
}
