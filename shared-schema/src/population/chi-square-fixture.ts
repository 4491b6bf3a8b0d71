/** Pearson's test of counts against weights: how far from a draw by these weights the counts are. */

/** Expected counts below this are put together: the test does not hold for them. */
const rare = 5;
/** About one in a million by the normal distribution; a seed gives the same counts on every run. */
const sigmas = 4.75;

export type Fit = {
  /** Pearson's statistic over what it may be at most; up to 1 the counts may be such a draw. */
  readonly ratio: number;
  readonly total: number;
};

/** Counts of what is in no weight make the ratio infinite. */
export function fitOf(
  counts: ReadonlyMap<string, number>,
  weights: ReadonlyMap<string, number>,
): Fit {
  const total = Array.from(counts.values()).reduce((sum, count) => sum + count, 0);
  const weight = Array.from(weights.values()).reduce((sum, one) => sum + one, 0);
  const strays = Array.from(counts).filter(([key, count]) => count > 0 && !weights.get(key));
  if (strays.length > 0) return { ratio: Number.POSITIVE_INFINITY, total };
  let statistic = 0;
  let cells = 0;
  let few = { count: 0, expected: 0 };
  for (const [key, one] of weights) {
    const expected = (total * one) / weight;
    const count = counts.get(key) ?? 0;
    if (expected < rare) {
      few = { count: few.count + count, expected: few.expected + expected };
      continue;
    }
    statistic += (count - expected) ** 2 / expected;
    cells += 1;
  }
  if (few.expected >= rare) {
    statistic += (few.count - few.expected) ** 2 / few.expected;
    cells += 1;
  }
  return { ratio: statistic / highest(Math.max(1, cells - 1)), total };
}

/** The quantile of chi-square by the cube of Wilson and Hilferty. */
function highest(freedom: number): number {
  const part = 2 / (9 * freedom);
  return freedom * (1 - part + sigmas * Math.sqrt(part)) ** 3;
}

export function countsOf<T>(
  items: readonly T[],
  key: (item: T) => string,
): ReadonlyMap<string, number> {
  return new Map(Array.from(Map.groupBy(items, key), ([name, group]) => [name, group.length]));
}
