/** Text that PostgreSQL cannot hold (U+0000, halves of surrogate pairs) is refused before any route sees it. */
import type { FastifyRequest } from 'fastify';

import { NodeError } from '../errors.ts';

/** Throws NODE_REQUEST_INVALID. A hook for `preValidation`. */
export async function refuseUnstorable(request: FastifyRequest): Promise<void> {
  const open: unknown[] = [request.params, request.query, request.body];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (typeof value === 'string') mustBeStorable(value);
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      mustBeStorable(name);
      open.push(member);
    }
  }
}

function mustBeStorable(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new NodeError('NODE_REQUEST_INVALID', { detail: 'characters that no text has' });
  }
}
