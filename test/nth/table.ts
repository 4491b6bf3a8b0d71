/** The points of each transaction, and the faults that hit there, for people to see. */
import { stdout } from 'node:process';

import type { Row, Thoroughness } from './every-point.ts';
import { faultKinds } from './faults.ts';

const columns = ['points', 'commits', ...faultKinds, 'unknown'] as const;

/** A line a transaction, and their sum. */
export function showTable(side: string, how: Thoroughness, rows: readonly Row[]): void {
  const lines = rows.map(({ name, points, commits, hits, unknown }) => ({
    name,
    cells: [points, commits, ...faultKinds.map((kind) => hits[kind]), unknown],
  }));
  const sums = columns.map((_, i) => lines.reduce((sum, { cells }) => sum + (cells[i] ?? 0), 0));
  const table = [...lines, { name: 'all', cells: sums }].map(
    ({ name, cells }) => name.padEnd(32) + cells.map((cell) => String(cell).padStart(9)).join(''),
  );
  const head =
    `${side}, ${how} kind a point`.padEnd(32) + columns.map((name) => name.padStart(9)).join('');
  stdout.write(`\n${[head, ...table].join('\n')}\n`);
}
