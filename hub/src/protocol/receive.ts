/**
 * The decision on a batch that has arrived whole and well signed, taken under the lock of the
 * unit's row. Order of the questions: is the sender current, is it the next batch, is it a repeat.
 *
 *   head ──► seq ≤ head   same bytes → duplicate, other bytes → fork
 *            seq = head+1 previous hash fits → accept, else → fork
 *            seq > head+1 → gap (send from head+1)
 *
 * I3: per (unit, seq) at most one header hash is ever accepted. I7: nothing under an older epoch.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

export type ReceiverState = {
  readonly incarnation: bigint;
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  /** Batches accepted and not yet applied. */
  readonly waiting: number;
  readonly waitingMax: number;
  /** Their bytes and for how long the oldest waits; a receiver that does not tell has no such bound. */
  readonly backlog?: Backlog;
};

export type Backlog = {
  readonly bytes: number;
  readonly bytesMax: number;
  readonly oldestMs: number;
};

export type ArrivedBatch = {
  readonly incarnation: bigint;
  readonly epoch: bigint;
  readonly seq: bigint;
  readonly prevHash: Uint8Array;
  readonly headerHash: Uint8Array;
};

export type ReceiveDecision =
  | { readonly kind: 'accept' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'gap'; readonly sendFrom: bigint }
  | { readonly kind: 'fork' }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'busy'; readonly retryAfterS: number };

const busyAtLeastS = 5;
const busyAtMostS = 600;

/**
 * The oldest has waited for as long as the inbox took to fill it, at this hub's pace; a quarter of that
 * makes room for a quarter of it. A sender that comes back earlier finds room for one batch, and is
 * busy again.
 */
function busyForS(backlog: Backlog | undefined): number {
  const quarterS = Math.ceil((backlog?.oldestMs ?? 0) / 4_000);
  return Math.min(busyAtMostS, Math.max(busyAtLeastS, quarterS));
}

/** `storedHash` is the header hash of the archived batch with this seq, where there is one. */
export function decideReceive(
  state: ReceiverState,
  batch: ArrivedBatch,
  storedHash: Uint8Array | undefined,
): ReceiveDecision {
  if (batch.incarnation !== state.incarnation || batch.epoch !== state.epoch) {
    return { kind: 'fenced' };
  }
  if (batch.seq <= state.headSeq) {
    const same = storedHash !== undefined && equalBytes(storedHash, batch.headerHash);
    return { kind: same ? 'duplicate' : 'fork' };
  }
  if (batch.seq > state.headSeq + 1n) return { kind: 'gap', sendFrom: state.headSeq + 1n };
  if (!equalBytes(batch.prevHash, state.headHash)) return { kind: 'fork' };
  const { backlog, waiting, waitingMax } = state;
  const full =
    waiting >= waitingMax || (backlog !== undefined && backlog.bytes >= backlog.bytesMax);
  if (full) return { kind: 'busy', retryAfterS: busyForS(backlog) };
  return { kind: 'accept' };
}
