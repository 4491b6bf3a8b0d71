/**
 * The life of a record: active, closed since a date (left, retired, transferred, deceased), active again
 * when the person comes back. A closed record stays; one that is closed may be closed otherwise, since a
 * retired person dies. The PIN is held by one active record at most.
 */
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { isAfter, isBefore, isPartialDate } from '@lienthong/shared-schema/text/partial-date.ts';

export const activeStatus = '1';

export type LifeState = {
  readonly status: string;
  readonly statusDate: string | null;
  readonly statusDecision: string | null;
  readonly birthDate: string;
};

export type Closing = {
  /** Code of TRANG_THAI_HO_SO. */
  readonly status: string;
  /** Partial date. */
  readonly date: string;
  readonly decision: string | null;
};

export type CloseOutcome =
  | { readonly kind: 'close' }
  /** It is closed in just this way. */
  | { readonly kind: 'as-it-is' }
  | { readonly kind: 'status-invalid' }
  | { readonly kind: 'date-invalid' };

/** `today` is `YYYY-MM-DD`. */
export function closeRecord(
  state: LifeState,
  closing: Closing,
  { today, codes }: { readonly today: string; readonly codes: CodeBook },
): CloseOutcome {
  const { status, date, decision } = closing;
  if (status === activeStatus || codes.standing('TRANG_THAI_HO_SO', status, today) !== 'valid') {
    return { kind: 'status-invalid' };
  }
  const inLife = isPartialDate(date) && !isAfter(date, today) && !isBefore(date, state.birthDate);
  if (!inLife) return { kind: 'date-invalid' };
  const same =
    state.status === status && state.statusDate === date && state.statusDecision === decision;
  return { kind: same ? 'as-it-is' : 'close' };
}

export type ReopenOutcome = { readonly kind: 'reopen' | 'as-it-is' | 'taken' };

/** `pinTaken`: another active record has the number. */
export function reopenRecord(state: Pick<LifeState, 'status'>, pinTaken: boolean): ReopenOutcome {
  if (state.status === activeStatus) return { kind: 'as-it-is' };
  return { kind: pinTaken ? 'taken' : 'reopen' };
}
