/** What the queue's tests have in common: waiting, holding a handler back, and noting what ran. */

import type { JobHandler } from './queue.ts';

/** How long a thing that has to happen may take; machines under load are slow. */
export const SOON = { timeout: 30_000, interval: 10 };
/** Long enough for a run that should not happen to have happened. */
export const A_WHILE_MS = 400;
export const PREFIX = 'test';

export type Gate = { readonly opened: Promise<void>; open(): void };

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** A handler that notes the payloads it was run for. */
export function noting(ran: unknown[]): JobHandler {
  return async (payload) => {
    ran.push(payload);
    await Promise.resolve();
  };
}

export function idOf(payload: unknown): number {
  return typeof payload === 'object' && payload !== null && 'id' in payload
    ? Number(payload.id)
    : Number.NaN;
}
