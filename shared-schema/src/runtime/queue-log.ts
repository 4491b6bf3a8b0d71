/**
 * What the queue has to tell the log. A queue whose server is away repeats the same complaint many
 * times a second, so a complaint is passed on once per window and then with the number left out.
 * Entries hold a code and a one-line message; never a payload, never a stack.
 */

export type QueueLogEntry = {
  readonly level: 'warn' | 'error';
  readonly event:
    | 'queue connection trouble'
    | 'queue handler failed'
    | 'queue eviction policy unsafe';
  readonly queue?: string;
  readonly code: string;
  readonly message: string;
  /** Equal complaints since the last one that was passed on. */
  readonly suppressed?: number;
  /** Which run of the job failed, counted from 1, and how many it may have. */
  readonly attempt?: number;
  readonly attempts?: number;
};

export type QueueLog = (entry: QueueLogEntry) => void;

export type Complain = (queue: string | undefined, error: unknown) => void;

const WINDOW_MS = 10_000;

/** Reports connection trouble to `log`, at most once per queue, code and 10 seconds. */
export function complainTo(log: QueueLog, now: () => number = Date.now): Complain {
  const seen = new Map<string, { at: number; suppressed: number }>();
  return (queue, error) => {
    const { code, message } = describeError(error);
    const key = `${queue ?? ''} ${code}`;
    const last = seen.get(key);
    if (last !== undefined && now() - last.at < WINDOW_MS) {
      last.suppressed += 1;
      return;
    }
    seen.set(key, { at: now(), suppressed: 0 });
    log({
      level: 'warn',
      event: 'queue connection trouble',
      ...(queue === undefined ? {} : { queue }),
      code,
      message,
      ...(last === undefined || last.suppressed === 0 ? {} : { suppressed: last.suppressed }),
    });
  };
}

/** The code (or else the name) of an error and the first line of its message. */
export function describeError(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: 'a value that is no Error' };
  const code = 'code' in error ? error.code : undefined;
  const named = typeof code === 'string' || typeof code === 'number' ? String(code) : error.name;
  return { code: named, message: error.message.split('\n', 1)[0] || named };
}
