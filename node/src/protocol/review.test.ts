import { expect, test } from 'vitest';

import { type ReviewAction, type RowState, rowStates, sortOut, stateTakenUp } from './review.ts';

const rows = rowStates.map((state, row) => ({
  sheet: 's',
  row,
  state,
  decidedBy: null,
  decidedAt: null,
}));

test.each<[ReviewAction, readonly RowState[]]>([
  ['publish', ['waiting']],
  ['reject', ['waiting', 'refused']],
  ['take-up', ['rejected']],
])('%s is for rows that are %s; all others are told as they stand', (action, due) => {
  const sorted = sortOut(action, rows);
  expect(sorted.due.map((row) => row.state)).toEqual(due);
  expect(sorted.past.map((row) => row.state)).toEqual(
    rowStates.filter((state) => !due.includes(state)),
  );
});

test('a row that is taken up waits only where it has no error', () => {
  expect(stateTakenUp('error')).toBe('refused');
  expect(stateTakenUp('warning')).toBe('waiting');
  expect(stateTakenUp('ok')).toBe('waiting');
});
