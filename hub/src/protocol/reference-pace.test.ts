import { expect, test } from 'vitest';

import {
  afterAnswer,
  afterBusy,
  afterFailure,
  failuresMax,
  freshPace,
  isCircuitOpen,
  permitCall,
  type PaceState,
} from './reference-pace.ts';

const pace = { callsPerMinute: 60, firstPauseMs: 1_000 };
const start = 1_790_000_000_000;

/** How many calls are let through in a second of time, asked for every ten milliseconds. */
function callsWithin(
  state: PaceState,
  fromMs: number,
  forMs: number,
): readonly [number, PaceState] {
  let calls = 0;
  let now = state;
  for (let ms = 0; ms < forMs; ms += 10) {
    const permit = permitCall(now, pace, fromMs + ms);
    if (permit.kind === 'wait') continue;
    calls += 1;
    now = permit.state;
  }
  return [calls, now];
}

test('after a burst calls go at the rate, whoever makes them', () => {
  const [burst, spent] = callsWithin(freshPace(start), start, 500);
  expect(burst).toBe(5);
  expect(callsWithin(spent, start + 500, 60_000)[0]).toBe(60);
  const { kind, ...rest } = permitCall(spent, pace, start + 100);
  expect(kind).toBe('wait');
  expect('waitMs' in rest && Math.abs(rest.waitMs - 900)).toBeLessThanOrEqual(1);
});

test('patience that was asked for is kept, and is no failure', () => {
  const state = afterBusy(freshPace(start), 30_000, start);
  expect(permitCall(state, pace, start + 29_000)).toEqual({ kind: 'wait', waitMs: 1_000 });
  expect(permitCall(state, pace, start + 30_000).kind).toBe('go');
  expect(state.failures).toBe(0);
});

test('pauses double, the circuit opens, lets one call through in its time and closes with an answer', () => {
  let state = freshPace(start);
  const waits: number[] = [];
  for (let call = 1; call <= failuresMax; call++) {
    state = afterFailure(state, pace, start);
    const permit = permitCall(state, pace, start);
    waits.push(permit.kind === 'wait' ? permit.waitMs : 0);
    expect(isCircuitOpen(state)).toBe(call === failuresMax);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  expect(permitCall(state, pace, start + 16_000).kind).toBe('go');
  expect(isCircuitOpen(afterAnswer(state))).toBe(false);
  for (let call = 0; call < 100; call++) state = afterFailure(state, pace, start);
  expect(state.blockedUntilMs - start).toBe(3_600_000);
});
