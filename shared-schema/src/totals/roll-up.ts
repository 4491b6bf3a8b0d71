/** Figures of units added up along the tree: a unit has its own and those of all below it. */
import { type QualityMeasureName, qualityMeasureNames } from './quality-measures.ts';

export type Share = { readonly good: bigint; readonly of: bigint };
export type Shares = Readonly<Record<QualityMeasureName, Share>>;

type UnitFigure = Share & { readonly unit: string; readonly measure: string };

/** The shares of a unit; without one, of all. */
export function sharesOf(figures: readonly UnitFigure[], unit?: string): Shares {
  const within = figures.filter(
    (one) => unit === undefined || one.unit === unit || one.unit.startsWith(`${unit}.`),
  );
  const share = (name: QualityMeasureName): Share =>
    within
      .filter((one) => one.measure === name)
      .reduce((sum, one) => ({ good: sum.good + one.good, of: sum.of + one.of }), noShare);
  return {
    correct: share('correct'),
    sufficient: share('sufficient'),
    clean: share('clean'),
    live: share('live'),
    unified: share('unified'),
    shared: share('shared'),
  };
}

const noShare: Share = { good: 0n, of: 0n };

/** The codes right below a unit that have figures, or have some below them; ascending. */
export function unitsBelow(figures: readonly UnitFigure[], unit: string): readonly string[] {
  const depth = unit.split('.').length + 1;
  const codes = figures
    .filter((one) => one.unit.startsWith(`${unit}.`))
    .map((one) => one.unit.split('.').slice(0, depth).join('.'));
  return Array.from(new Set(codes)).toSorted();
}

/** `98.4 % (492 of 500)`; where nothing is counted there is no share. */
export function shareText({ good, of }: Share): string {
  if (of === 0n) return 'nothing to count';
  // rounded down: 100 % is said of all and of nothing less
  const tenths = (good * 1000n) / of;
  return `${tenths / 10n}.${tenths % 10n} % (${good} of ${of})`;
}

/** As keys of the report of totals: `NAME.good`, `NAME.of`. */
export function sharesToFigures(
  shares: Shares,
): readonly { readonly key: string; readonly value: bigint }[] {
  return qualityMeasureNames.flatMap((name) => [
    { key: `${name}.good`, value: shares[name].good },
    { key: `${name}.of`, value: shares[name].of },
  ]);
}
