/**
 * Cuts who sends a body or reads an answer too slowly. A time-out on silence does not find a byte a
 * second, and one on the whole request would hurt a large batch on a slow line: what counts is the
 * average after a time of grace.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { HttpLimits } from './limits.ts';

type Pace = Pick<HttpLimits, 'paceGraceMs' | 'paceBytesPerSecond' | 'checkMs'>;

/** Calls `onSlow` once if the body, from now on, does not keep the pace; reading it makes it flow. */
export function watchBody(body: IncomingMessage, pace: Pace, onSlow: () => void): void {
  if (body.complete) return;
  const startMs = performance.now();
  let bytes = 0;
  body.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
  });
  const timer = setInterval(() => {
    const dueMs = performance.now() - startMs - pace.paceGraceMs;
    if (bytes >= (dueMs / 1_000) * pace.paceBytesPerSecond) return;
    clearInterval(timer);
    onSlow();
  }, pace.checkMs);
  timer.unref();
  const stop = (): void => clearInterval(timer);
  body.once('end', stop);
  body.once('close', stop);
}

/** What fits into the buffers on the way is handed over at once. */
const smallBytes = 64 * 1024;

/** Cuts the connection if an answer of so many bytes has not left in its time. */
export function watchAnswer(answer: ServerResponse, bytes: number, pace: Pace): void {
  if (bytes <= smallBytes) return;
  const dueMs = pace.paceGraceMs + (bytes / pace.paceBytesPerSecond) * 1_000;
  const timer = setTimeout(() => answer.destroy(), dueMs);
  timer.unref();
  answer.once('close', () => clearTimeout(timer));
}
