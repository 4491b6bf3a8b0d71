/**
 * How many batches may be under way to the hub at once, and in which order they go.
 *
 * A flight begins with the oldest batch without a receipt and goes upwards, one body after the other.
 * It ends when nothing is left, or with the first answer that is no receipt: the hub takes batches
 * in order only, so nothing behind that one can have been taken. The next flight begins with the
 * oldest again, so each brings at least one receipt or ends the push.
 */

/** Beyond this a link is either full or so long that the batches are too small. */
export const inFlightMax = 8;
/** What the hub may have to hold for this unit, and what a cut costs at most. */
export const inFlightBytesMax = 64 * 1024 * 1024;
/**
 * An answer that comes sooner after its body leaves nothing to win: the pause is the hub's own work,
 * which is done one batch after the other.
 */
const soonMs = 30;
/** The newest measurement counts for a quarter: one slow commit is not a slow link. */
const newest = 1 / 4;

export type PushTimes = {
  /** From the first byte of a body until the last one has left, in milliseconds. */
  readonly sendMs: number;
  /** From then until the answer. */
  readonly answerMs: number;
};

export type PushWindow = {
  /** Under way, oldest first. */
  readonly inFlight: readonly { readonly seq: bigint; readonly bytes: number }[];
  /** Number of the batch that this flight sent last; 0 before the first. */
  readonly lastSeq: bigint;
  /** Averages over what was answered; undefined before the first answer. */
  readonly measured: PushTimes | undefined;
  /** Never more than this; lowered where batches overtook each other. */
  readonly most: number;
};

export const firstWindow: PushWindow = {
  inFlight: [],
  lastSeq: 0n,
  measured: undefined,
  most: inFlightMax,
};

/** As many as leave one after the other while the first is being answered. */
export function batchesAtOnce({ measured, most }: Pick<PushWindow, 'measured' | 'most'>): number {
  if (measured === undefined || measured.answerMs < soonMs) return 1;
  const during = Math.ceil(measured.answerMs / Math.max(measured.sendMs, 1));
  return Math.min(1 + during, most);
}

/** Whether one more batch may go; the first of a flight always may, whatever its size. */
export function hasRoom(window: PushWindow, bytes: number): boolean {
  if (window.inFlight.length === 0) return true;
  const held = window.inFlight.reduce((sum, batch) => sum + batch.bytes, 0);
  return window.inFlight.length < batchesAtOnce(window) && held + bytes <= inFlightBytesMax;
}

/** `batch` goes: the lowest without a receipt above `lastSeq`. */
export function withSent(
  window: PushWindow,
  batch: { readonly seq: bigint; readonly bytes: number },
): PushWindow {
  if (batch.seq <= window.lastSeq) throw new RangeError('a flight goes upwards');
  return { ...window, inFlight: [...window.inFlight, batch], lastSeq: batch.seq };
}

/** The receipt for `seq` came. `times` only where its body had left before. */
export function withReceipt(
  window: PushWindow,
  seq: bigint,
  times: PushTimes | undefined,
): PushWindow {
  return {
    ...window,
    inFlight: window.inFlight.filter((batch) => batch.seq !== seq),
    measured: times === undefined ? window.measured : averaged(window.measured, times),
  };
}

/** The window of the next flight, after one that ended before its time. */
export function afterFlight(window: PushWindow, why: { readonly overtaken: boolean }): PushWindow {
  const most = why.overtaken ? Math.max(1, Math.floor(batchesAtOnce(window) / 2)) : window.most;
  return { ...window, inFlight: [], lastSeq: 0n, most };
}

function averaged(old: PushTimes | undefined, now: PushTimes): PushTimes {
  if (old === undefined) return now;
  return {
    sendMs: moved(old.sendMs, now.sendMs),
    answerMs: moved(old.answerMs, now.answerMs),
  };
}

const moved = (before: number, after: number): number => before + (after - before) * newest;
