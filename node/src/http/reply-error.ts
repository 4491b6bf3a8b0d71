/** Errors as answers: a caller's fault says what to do, a fault of ours says nothing of what is inside. */
import type { FastifyReply, FastifyRequest } from 'fastify';

import { NodeError, type NodeErrorCode } from '../errors.ts';

const notFound = 404;
const internal = 500;
const unavailable = 503;
const busyRetryAfterS = 5;

/** What Fastify itself refuses carries its status: a body too large, of another type, a bad address. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 0;
  return status >= 400 && status < internal ? status : internal;
}

/** pg's pool says only in words that no connection became free in time. */
const isPoolFault = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect');

export async function replyError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isPoolFault(error)) {
    request.log.warn('no connection to the database became free');
    reply.header('retry-after', String(busyRetryAfterS));
    return answer(reply, unavailable, 'NODE_BUSY');
  }
  const status = statusOf(error);
  if (status === internal) {
    request.log.error({ err: error }, 'request failed');
    return answer(reply, status, 'NODE_INTERNAL');
  }
  return answer(reply, status, 'NODE_UNREADABLE');
}

export async function replyNotFound(
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  return answer(reply, notFound, 'NODE_UNREADABLE');
}

const answer = (reply: FastifyReply, status: number, code: NodeErrorCode): FastifyReply =>
  reply.status(status).send({ code, message: new NodeError(code).message });
