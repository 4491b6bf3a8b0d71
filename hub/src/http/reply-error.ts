/**
 * The one place that turns an error into an answer: 4xx say what to do, 5xx say nothing of what is
 * inside. Nodes get a Refusal, people and scripts get JSON.
 */
import { sqlState } from '@lienthong/shared-schema/runtime/database.ts';
import { refusal } from '@lienthong/shared-schema/wire/messages.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { HubError } from '../errors.ts';

const storageRetryAfterS = 30;

/** Disk full, out of memory, shutdown, lost connection: classes 08, 53, 57 and 58 of SQLSTATE. */
const isStorageFault = (error: unknown): boolean =>
  /^(?:08|53|57|58)/u.test(sqlState(error) ?? '') ||
  (error instanceof Error &&
    'code' in error &&
    /^(?:ECONN|EPIPE|ENOTFOUND)/u.test(String(error.code)));

/** pg's pool says only in words that no connection became free in time. */
const isPoolFault = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect');

function asHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (isStorageFault(error)) return new HubError('HUB_STORAGE', { cause: error });
  if (isPoolFault(error)) return new HubError('HUB_BUSY', { cause: error });
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return new HubError('HUB_TOO_LARGE', { cause: error });
  if (status >= 400 && status < 500) return new HubError('HUB_UNREADABLE', { cause: error });
  return new HubError('HUB_INTERNAL', { cause: error });
}

export async function replyError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const known = asHubError(error);
  if (known.status >= 500) request.log.error({ err: known }, 'request failed');
  else request.log.warn({ code: known.code }, 'request refused');
  const retryAfterS = known.retryAfterS ?? (known.status === 503 ? storageRetryAfterS : 0);
  if (retryAfterS > 0) reply.header('retry-after', String(retryAfterS));
  reply.status(known.status);
  const answer = { code: known.code, message: known.message, retryAfterS };
  return request.url.startsWith('/sync/')
    ? reply.type('application/x-protobuf').send(refusal.encode(answer))
    : reply.type('application/json').send(JSON.stringify(answer));
}
