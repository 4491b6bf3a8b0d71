/**
 * How much one caller may ask of this process: requests and bytes in time, and how many of both at
 * once; and how many bytes of all callers lie in memory. Who asks too much is told when to come again,
 * before a body is read and before the database is asked.
 *
 * A caller is a certificate, or an address where there is none. State is kept for as long as a bucket
 * is not full or something is under way, and forgotten then.
 */
import { HubError } from '../errors.ts';
import { type Bucket, draw, filled } from '../protocol/quota.ts';
import type { HttpLimits } from './limits.ts';

export type CallerGate = {
  /** Throws HUB_QUOTA or HUB_BUSY with the seconds to wait. */
  readonly enter: (caller: string, bodyBytes: number) => Pass;
  /** Callers of whom something is known. */
  readonly callers: () => number;
};

/** One request under way. */
export type Pass = {
  /** The connection has closed or the answer has left; what is being worked on stays counted. */
  readonly close: () => void;
  /** Runs the work of the request, whose body is in memory until it ends and its answer from then on. */
  readonly work: <T extends Uint8Array>(work: () => Promise<T>) => Promise<T>;
};

type State = {
  requests: Bucket | undefined;
  bytes: Bucket | undefined;
  inFlight: number;
  bytesInFlight: number;
};

/** What is smaller is let in although the memory for all is taken: a hello, a question, a report. */
const smallBytes = 64 * 1024;
const crowdedRetryAfterS = 5;
/** Above so many, those that are at rest are forgotten. */
const callersKept = 1_000;

export function openCallerGate(limits: HttpLimits, nowMs: () => number): CallerGate {
  const states = new Map<string, State>();
  let bytesInFlight = 0;

  const forgetResting = (): void => {
    for (const [caller, { requests, bytes, inFlight }] of states) {
      const atRest =
        inFlight === 0 &&
        filled(requests, limits.requests, nowMs()).level === limits.requests.burst &&
        filled(bytes, limits.bytes, nowMs()).level === limits.bytes.burst;
      if (atRest) states.delete(caller);
    }
  };
  const stateOf = (caller: string): State => {
    const known = states.get(caller);
    if (known !== undefined) return known;
    if (states.size >= callersKept) forgetResting();
    const state = { requests: undefined, bytes: undefined, inFlight: 0, bytesInFlight: 0 };
    states.set(caller, state);
    return state;
  };
  const passOf = (state: State, bodyBytes: number): Pass => {
    let held = 0;
    const hold = (bytes: number): void => {
      state.bytesInFlight += bytes - held;
      bytesInFlight += bytes - held;
      held = bytes;
    };
    let [working, closed] = [false, false];
    const leave = (): void => {
      hold(0);
      state.inFlight -= 1;
    };
    state.inFlight += 1;
    hold(bodyBytes);
    return {
      close() {
        if (closed) return;
        closed = true;
        if (!working) leave();
      },
      async work(work) {
        working = true;
        let answerBytes = 0;
        try {
          const answer = await work();
          answerBytes = answer.length;
          return answer;
        } finally {
          working = false;
          const paid = filled(state.bytes, limits.bytes, nowMs());
          state.bytes = { ...paid, level: paid.level - answerBytes };
          hold(answerBytes);
          if (closed) leave();
        }
      },
    };
  };

  return {
    callers: () => states.size,
    enter(caller, bodyBytes) {
      const state = stateOf(caller);
      const now = nowMs();
      const requests = draw(state.requests, limits.requests, 1, now);
      if (requests.kind === 'empty') throw new HubError('HUB_QUOTA', requests);
      state.requests = requests.bucket;
      const bytes = draw(state.bytes, limits.bytes, bodyBytes, now);
      if (bytes.kind === 'empty') throw new HubError('HUB_QUOTA', bytes);
      const crowded =
        state.inFlight >= limits.callerRequestsMax ||
        beyond(state.bytesInFlight, bodyBytes, limits.callerBytesMax) ||
        (bodyBytes > smallBytes && beyond(bytesInFlight, bodyBytes, limits.bytesMax));
      if (crowded) {
        throw new HubError('HUB_BUSY', {
          detail: 'too much at once',
          retryAfterS: crowdedRetryAfterS,
        });
      }
      state.bytes = bytes.bucket;
      return passOf(state, bodyBytes);
    },
  };
}

/** The first one always passes, however large. */
const beyond = (held: number, more: number, max: number): boolean => held > 0 && held + more > max;
