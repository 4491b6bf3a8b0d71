/**
 * How much of something a unit may have in time: a bucket that fills steadily up to its capacity. What
 * is drawn is drawn whole, also below zero, so that nothing is ever too large to pass; while less than
 * one is left nothing passes. So a burst is let through, and what follows keeps to the rate.
 */

export type Quota = {
  /** What may be drawn at once after a long silence. */
  readonly burst: number;
  readonly perSecond: number;
};

/** What was left at a moment; nobody who has not drawn lately needs one. */
export type Bucket = { readonly level: number; readonly atMs: number };

export type Draw =
  | { readonly kind: 'drawn'; readonly bucket: Bucket }
  | { readonly kind: 'empty'; readonly retryAfterS: number };

/** The bucket as it is now; `undefined` is a full one. Time that runs backwards fills nothing. */
export function filled(bucket: Bucket | undefined, quota: Quota, nowMs: number): Bucket {
  if (bucket === undefined) return { level: quota.burst, atMs: nowMs };
  const gained = (Math.max(0, nowMs - bucket.atMs) / 1_000) * quota.perSecond;
  return { level: Math.min(quota.burst, bucket.level + gained), atMs: nowMs };
}

/** `retryAfterS`: whole seconds until something may be drawn again. */
export function draw(
  bucket: Bucket | undefined,
  quota: Quota,
  amount: number,
  nowMs: number,
): Draw {
  const now = filled(bucket, quota, nowMs);
  const missing = 1 - now.level;
  if (missing > 0) {
    return { kind: 'empty', retryAfterS: Math.floor(missing / quota.perSecond) + 1 };
  }
  return { kind: 'drawn', bucket: { ...now, level: now.level - amount } };
}
