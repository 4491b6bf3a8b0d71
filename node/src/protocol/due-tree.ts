/** What is due, added up along the tree: a unit has its own and those of all below it. */
import type { DueKind } from '@lienthong/shared-schema/calendar/due-dates.ts';

export type DueTotals = {
  readonly overdue: number;
  readonly pending: number;
  readonly inTime: number;
  readonly late: number;
  readonly daysLateMax: number;
};

/** Of one unit without those below it, one kind of change, and one section by its tag. */
export type DueFigure = DueTotals & {
  readonly unit: string;
  readonly kind: DueKind;
  readonly section: number;
};

export type DueTree = {
  readonly totals: DueTotals;
  /** By kind of change and section. */
  readonly kinds: readonly (DueTotals & Pick<DueFigure, 'kind' | 'section'>)[];
  /** Units right below that have something, with all below them; ascending by code. */
  readonly below: readonly (DueTotals & { readonly unit: string })[];
};

/** `counts` are those of the unit and of all below it. */
export function dueTree(counts: readonly DueFigure[], unit: string): DueTree {
  const depth = unit.split('.').length + 1;
  const below = counts.filter((one) => one.unit.startsWith(`${unit}.`));
  const byUnit = Map.groupBy(below, (one) => one.unit.split('.').slice(0, depth).join('.'));
  const byKind = Map.groupBy(counts, ({ kind, section }) => `${kind} ${section}`);
  return {
    totals: sumOf(counts),
    kinds: Array.from(byKind.values()).flatMap((of) =>
      of.slice(0, 1).map(({ kind, section }) => ({ kind, section, ...sumOf(of) })),
    ),
    below: Array.from(byUnit, ([code, of]) => ({ unit: code, ...sumOf(of) })).toSorted((a, b) =>
      a.unit < b.unit ? -1 : 1,
    ),
  };
}

const none: DueTotals = { overdue: 0, pending: 0, inTime: 0, late: 0, daysLateMax: 0 };

const sumOf = (counts: readonly DueFigure[]): DueTotals =>
  counts.reduce<DueTotals>(
    (sum, one) => ({
      overdue: sum.overdue + one.overdue,
      pending: sum.pending + one.pending,
      inTime: sum.inTime + one.inTime,
      late: sum.late + one.late,
      daysLateMax: Math.max(sum.daysLateMax, one.daysLateMax),
    }),
    none,
  );
