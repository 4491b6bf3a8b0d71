/**
 * What can go wrong with the queue itself, as one error with a code. The messages say what the
 * operator has to do; they hold a host name at most, never a password and never a payload.
 */

export type QueueErrorCode = 'QUEUE_URL_INVALID' | 'QUEUE_UNREACHABLE' | 'QUEUE_CLOSED';

export class QueueError extends Error {
  readonly code: QueueErrorCode;

  constructor(code: QueueErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'QueueError';
    this.code = code;
  }
}

/** The host and port of a queue URL, safe to show: user, password and query are left out. */
export function hostOf(url: string): string {
  return new URL(url).host || 'the local socket';
}
