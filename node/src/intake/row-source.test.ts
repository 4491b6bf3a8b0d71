import { expect, test } from 'vitest';

import type { Cell } from '../workbook/cell.ts';
import { cellKindsOf, rowSource, storedCells } from './row-source.ts';

const headings = ['họ và tên', 'ngày sinh', '', 'ngày sinh', 'bậc', 'a', 'b', 'c'];

test('a row comes back from what is stored of it, cell by cell and kind by kind', () => {
  const cells: readonly Cell[] = [
    { kind: 'text', text: 'Lê Văn' },
    { kind: 'empty' },
    { kind: 'untyped', text: '7' },
    { kind: 'date', date: '1975-02-01' },
    { kind: 'number', number: 35_086_188_526, text: '35086188526' },
    { kind: 'error', text: '#N/A' },
    { kind: 'boolean', value: true },
    { kind: 'text', text: '=1+1' },
  ];
  const source = rowSource({ headings }, cells);
  // the first column of a heading has it, whether its cell is filled or not
  expect(source).toMatchObject({ '#3': '7', '#4': '1975-02-01', bậc: '35086188526' });
  expect(storedCells({ headings }, source, cellKindsOf(cells))).toEqual(cells);
});
