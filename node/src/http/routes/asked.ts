/** What many routes of the API ask for: pages, headers of a write, who decides. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { NodeError } from '../../errors.ts';
import type { OnceKey } from '../../sync/write-once.ts';
import type { JsonSchema } from '../section-schema.ts';

export const uuidPattern = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

const cursor = Type.Optional(
  Type.String({ maxLength: 4000, description: '`next` of the page before this one' }),
);

export const asked = {
  page: (max: number) => ({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: max, description: 'by default 50' })),
    cursor,
  }),
} as const;

const ifMatch = { type: 'string', description: 'ETag of the record as it was read; `*` is none' };
const idempotencyKey = {
  type: 'string',
  maxLength: 100,
  description: 'the same request again under it has one effect and one answer',
};

export const writeHeaders: JsonSchema = {
  type: 'object',
  properties: { 'if-match': ifMatch },
  required: ['if-match'],
};
export const postHeaders: JsonSchema = {
  type: 'object',
  properties: { 'if-match': ifMatch, 'idempotency-key': idempotencyKey },
  required: ['if-match'],
};
export const createHeaders: JsonSchema = {
  type: 'object',
  properties: { 'idempotency-key': idempotencyKey },
};

/** The ETags of If-Match. Weak ones match nothing. Throws NODE_IF_MATCH_NEEDED. */
export function ifMatchOf(request: FastifyRequest): readonly string[] {
  const header = request.headers['if-match'];
  const tags = Array.from((header ?? '').matchAll(/(?<weak>W\/)?"(?<tag>[^"]*)"/gu));
  if (tags.length === 0) throw new NodeError('NODE_IF_MATCH_NEEDED');
  return tags.flatMap(({ groups }) =>
    groups?.['weak'] === undefined ? [groups?.['tag'] ?? ''] : [],
  );
}

/** Null without the header. Throws NODE_REQUEST_INVALID for one that is too long or no plain text. */
export function onceOf(request: FastifyRequest): OnceKey | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,100}$/u.test(key)) {
    throw new NodeError('NODE_REQUEST_INVALID', { detail: 'Idempotency-Key' });
  }
  const { method, url, body } = request;
  return { key, content: JSON.stringify([method, url, request.headers['if-match'] ?? '', body]) };
}
