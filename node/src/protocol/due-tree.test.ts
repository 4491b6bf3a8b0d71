import { expect, test } from 'vitest';

import { type DueFigure, dueTree } from './due-tree.ts';

const count = (unit: string, overdue: number, other: Partial<DueFigure> = {}): DueFigure => ({
  unit,
  kind: 'elsewhere',
  section: 20,
  overdue,
  pending: 0,
  inTime: 0,
  late: 0,
  daysLateMax: overdue,
  ...other,
});

test('a unit has its own and all below it, and units whose codes begin alike stay apart', () => {
  const tree = dueTree(
    [
      count('H52', 1),
      count('H52.1', 2),
      count('H52.1.02', 4, { section: 21, late: 3, daysLateMax: 9 }),
      count('H52.10', 8),
      // somebody whose record lacks its employment
      count('', 16, { pending: 5 }),
    ],
    'H52',
  );
  expect(tree.totals).toEqual({ overdue: 31, pending: 5, inTime: 0, late: 3, daysLateMax: 16 });
  expect(tree.below).toMatchObject([
    { unit: 'H52.1', overdue: 6, late: 3, daysLateMax: 9 },
    { unit: 'H52.10', overdue: 8 },
  ]);
  expect(tree.kinds).toMatchObject([
    { kind: 'elsewhere', section: 20, overdue: 27 },
    { kind: 'elsewhere', section: 21, overdue: 4 },
  ]);
});

test('nothing is nothing', () => {
  expect(dueTree([], 'H52')).toEqual({
    totals: { overdue: 0, pending: 0, inTime: 0, late: 0, daysLateMax: 0 },
    kinds: [],
    below: [],
  });
});
