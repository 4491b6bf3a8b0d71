/** Exponential back-off with full jitter: waits grow, and no two nodes wait alike. */
const firstMs = 1_000;
export const mostMs = 60_000;

/** `attempt` counts from 0, `random` is in [0, 1), `askedS` is the hub's Retry-After or 0. */
export function retryDelayMs(attempt: number, random: number, askedS: number): number {
  const ceiling = Math.min(mostMs, firstMs * 2 ** attempt);
  return Math.max(askedS * 1_000, 0) + Math.ceil(ceiling * random);
}
