/**
 * How fast a reference source is asked, and when not: a bucket of calls that all processes of the hub
 * share, patience where it asks for some, and a circuit that opens where it does not answer. While the
 * circuit is open one call in its time is let through, and an answer closes it.
 */
import { filled } from './quota.ts';

export type Pace = {
  readonly callsPerMinute: number;
  /** After the first call without an answer; doubled with each further one. */
  readonly firstPauseMs: number;
};

export type PaceState = {
  readonly tokens: number;
  readonly tokensAtMs: number;
  readonly blockedUntilMs: number;
  /** Calls in succession that had no answer. */
  readonly failures: number;
};

/** After so many calls without an answer the source is taken for away. */
export const failuresMax = 5;
const pauseMaxMs = 3_600_000;
/** What may be asked at once after a silence. */
const burst = 5;

export const freshPace = (nowMs: number): PaceState => ({
  tokens: burst,
  tokensAtMs: nowMs,
  blockedUntilMs: 0,
  failures: 0,
});

export type Permit =
  | { readonly kind: 'go'; readonly state: PaceState }
  | { readonly kind: 'wait'; readonly waitMs: number };

export function permitCall(state: PaceState, pace: Pace, nowMs: number): Permit {
  if (state.blockedUntilMs > nowMs) {
    return { kind: 'wait', waitMs: Math.ceil(state.blockedUntilMs - nowMs) };
  }
  const perSecond = pace.callsPerMinute / 60;
  const { level } = filled(
    { level: state.tokens, atMs: state.tokensAtMs },
    { burst, perSecond },
    nowMs,
  );
  if (level < 1) return { kind: 'wait', waitMs: Math.ceil(((1 - level) / perSecond) * 1_000) };
  return { kind: 'go', state: { ...state, tokens: level - 1, tokensAtMs: nowMs } };
}

export const afterAnswer = (state: PaceState): PaceState => ({
  ...state,
  blockedUntilMs: 0,
  failures: 0,
});

/** The source asked for patience: it answers, so the circuit stays as it is. */
export const afterBusy = (state: PaceState, retryAfterMs: number, nowMs: number): PaceState => ({
  ...state,
  blockedUntilMs: Math.max(state.blockedUntilMs, nowMs + Math.min(retryAfterMs, pauseMaxMs)),
});

export function afterFailure(state: PaceState, pace: Pace, nowMs: number): PaceState {
  const failures = state.failures + 1;
  const pauseMs = Math.min(pace.firstPauseMs * 2 ** Math.min(failures - 1, 30), pauseMaxMs);
  return { ...state, failures, blockedUntilMs: nowMs + pauseMs };
}

export const isCircuitOpen = ({ failures }: Pick<PaceState, 'failures'>): boolean =>
  failures >= failuresMax;
