/**
 * What a reviewer may do with a row of the intake, by the state in which it is. A row that somebody
 * else has decided meanwhile is told to the second reviewer, with who and when; nothing is done twice.
 */
export const rowStates = [
  'waiting',
  'published',
  'refused',
  'rejected',
  'unchanged',
  'withdrawn',
] as const;

export type RowState = (typeof rowStates)[number];

export type ReviewAction = 'publish' | 'reject' | 'take-up';

/** The states from which an action starts. */
export const startsFrom: Readonly<Record<ReviewAction, readonly RowState[]>> = {
  publish: ['waiting'],
  // what has an error can be set aside as well
  reject: ['waiting', 'refused'],
  'take-up': ['rejected'],
};

/** Where a rejected row goes when it is taken up again: faults that it had it still has. */
export function stateTakenUp(verdict: 'ok' | 'warning' | 'error'): RowState {
  return verdict === 'error' ? 'refused' : 'waiting';
}

export type Standing = {
  readonly sheet: string;
  readonly row: number;
  readonly state: RowState;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
};

/** The rows that the action is for, and those that are past it, as they stand. */
export function sortOut<T extends Standing>(
  action: ReviewAction,
  rows: readonly T[],
): { readonly due: readonly T[]; readonly past: readonly T[] } {
  const isDue = (row: T): boolean => startsFrom[action].includes(row.state);
  return { due: rows.filter(isDue), past: rows.filter((row) => !isDue(row)) };
}
