/**
 * How far a unit's batches are safe: contained in a restored backup, or in a replica, that was read
 * and verified batch by batch. A backup that was never restored is a hope; only what was read counts.
 */

/** One batch, as it was found in the copy and held against our own archive. */
export type CopiedBatch = {
  readonly seq: bigint;
  /** Why the copy of it cannot be trusted; undefined where chain, hashes, signatures and receipt fit. */
  readonly fault: string | undefined;
  /** Whether our own archive has the same header hash under this number. */
  readonly same: boolean;
};

export type OwnMarks = { readonly safeSeq: bigint; readonly appliedSeq: bigint };

export type SafeVerdict = {
  /** The newest batch up to which every one is safe; never falls, never above what is applied. */
  readonly safeSeq: bigint;
  /** The batch at which the copy ends being good, and why. */
  readonly fault: { readonly seq: bigint; readonly reason: string } | undefined;
};

export function beginSafe(own: OwnMarks): SafeVerdict {
  return { safeSeq: own.safeSeq, fault: undefined };
}

/** The verdict after one more batch of the copy, in order. After a fault nothing counts any more. */
export function afterCopied(so: SafeVerdict, own: OwnMarks, batch: CopiedBatch): SafeVerdict {
  if (so.fault !== undefined || batch.seq > own.appliedSeq) return so;
  const reason =
    batch.seq === so.safeSeq + 1n
      ? (batch.fault ?? (batch.same ? undefined : 'another batch than in our own archive'))
      : `batch ${so.safeSeq + 1n} is missing`;
  return reason === undefined
    ? { safeSeq: batch.seq, fault: undefined }
    : { safeSeq: so.safeSeq, fault: { seq: batch.seq, reason } };
}
