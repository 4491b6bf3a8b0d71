/**
 * How often one key may ask. A route says its own figure in `config.rateLimit`; counted once it is
 * known who calls, so that nobody uses up what belongs to another's key.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';

import { callerOf } from './authenticate.ts';

/** Register it before the routes. */
export async function rateLimits(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    hook: 'preParsing',
    keyGenerator: (request) => callerOf(request).keyId,
  });
}
