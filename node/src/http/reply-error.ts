/**
 * Errors as answers, in the form of RFC 9457 (`application/problem+json`): a caller's fault says what
 * to do, a fault of ours says nothing of what is inside.
 */

import { STATUS_CODES } from 'node:http';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { errorKinds, NodeError, type NodeErrorCode } from '../errors.ts';

const notFound = 404;
const internal = 500;
const unavailable = 503;
const busyRetryAfterS = 5;

/** One fault of what was sent, for a program to show beside its field. */
export type FieldProblem = {
  /** Where: a path in what was sent. */
  readonly field: string;
  readonly code: string;
  readonly vi: string;
  readonly en: string;
};

/** Of our own errors; others by what kind of exit they are. */
const statusOfCode: Partial<Record<NodeErrorCode, number>> = {
  NODE_UNAUTHORISED: 401,
  NODE_SCOPE_MISSING: 403,
  NODE_TOO_LARGE: 413,
  NODE_MEDIA_TYPE: 415,
  NODE_TOO_MANY: 429,
  NODE_IMPORT_UNKNOWN: 404,
  NODE_ROW_UNKNOWN: 404,
  NODE_RECORD_UNKNOWN: 404,
  NODE_CODE_LIST_UNKNOWN: 404,
  NODE_CORRECTION_UNKNOWN: 404,
  NODE_CORRECTION_FAULTY: 422,
  NODE_CORRECTION_REASON: 422,
  NODE_RECORD_CHANGED: 412,
  NODE_RECORD_FAULTY: 422,
  NODE_STATUS_INVALID: 422,
  NODE_STATUS_DATE_INVALID: 422,
  NODE_REQUEST_REUSED: 422,
  NODE_IF_MATCH_NEEDED: 428,
  NODE_UNIT_OUTSIDE: 403,
  NODE_REVIEW_NEEDED: 403,
};
const statusOfKind = { usage: 400, refused: 409, unreachable: unavailable, failed: internal };

/** What Fastify itself refuses carries its status: a body too large, of another type, a bad address. */
const codeOfStatus: Readonly<Record<number, NodeErrorCode>> = {
  413: 'NODE_TOO_LARGE',
  415: 'NODE_MEDIA_TYPE',
  429: 'NODE_TOO_MANY',
};

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
    return replyProblem(reply, new NodeError('NODE_BUSY'));
  }
  if (error instanceof NodeError && errorKinds[error.code][0] !== 'failed') {
    return replyProblem(reply, error);
  }
  const places = placesAtFault(error);
  if (places !== undefined) {
    return replyProblem(reply, new NodeError('NODE_REQUEST_INVALID'), { errors: places });
  }
  const status = statusOf(error);
  if (status === internal) {
    request.log.error({ err: error }, 'request failed');
    return replyProblem(reply, new NodeError('NODE_INTERNAL'));
  }
  return replyProblem(reply, new NodeError(codeOfStatus[status] ?? 'NODE_UNREADABLE'), { status });
}

/** What a schema does not allow: where, and what it says; never the value. Undefined for another error. */
function placesAtFault(error: unknown): readonly FieldProblem[] | undefined {
  if (!(error instanceof Error) || !('validation' in error)) return undefined;
  const part = 'validationContext' in error ? String(error.validationContext) : '';
  const { validation } = error;
  const found: readonly unknown[] = Array.isArray(validation) ? validation : [];
  return found.slice(0, placesMax).map((one) => {
    const at = textOf(one, 'instancePath');
    return {
      field: part === 'body' ? at : `${part}${at}`,
      code: 'request_invalid',
      vi: 'Không đúng với mô tả của địa chỉ này: xem /openapi.json.',
      en: `Does not fit the contract of this address (${textOf(one, 'message')}): see /openapi.json.`,
    };
  });
}

const placesMax = 50;

const textOf = (value: unknown, name: string): string =>
  typeof value === 'object' && value !== null ? String(Reflect.get(value, name) ?? '') : '';

export async function replyNotFound(
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  return replyProblem(reply, new NodeError('NODE_UNREADABLE'), { status: notFound });
}

/** Answers with the error; `status` in place of the one that its code has, `errors` where fields are at fault. */
export function replyProblem(
  reply: FastifyReply,
  error: NodeError,
  options: { readonly status?: number; readonly errors?: readonly FieldProblem[] } = {},
): FastifyReply {
  const { code, message } = error;
  if (code === 'NODE_BUSY') reply.header('retry-after', String(busyRetryAfterS));
  const status = options.status ?? statusOfCode[code] ?? statusOfKind[errorKinds[code][0]];
  return reply
    .status(status)
    .type('application/problem+json')
    .send({
      type: `urn:lienthong:error:${code}`,
      title: STATUS_CODES[status] ?? code,
      status,
      detail: message,
      code,
      ...(options.errors === undefined ? {} : { errors: options.errors }),
    });
}
