import { ping } from '@lienthong/shared-schema/runtime/database.ts';
/** The node's HTTP server for the unit's people and programs. The calls below are its contents page. */
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { countNode } from '../db/status.ts';
import type { NodeContext } from '../sync/context.ts';

const requestTimeoutMs = 60_000;

export function buildApp(node: NodeContext): FastifyInstance {
  // named as Fastify's own type: the app's type would carry pino's else
  const logger: FastifyBaseLogger = node.log;
  const app = Fastify({
    loggerInstance: logger,
    disableRequestLogging: true,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    bodyLimit: 1024,
  });
  app.setErrorHandler(async (error, request, reply) => {
    request.log.error({ err: error }, 'request failed');
    return reply.status(500).send({ code: 'NODE_INTERNAL', message: 'See the log of the node.' });
  });
  app.get('/health', async () => {
    await ping(node.database.db);
    return { status: 'ok' };
  });
  app.get('/api/v1/status', async () => {
    const { feedCursor, ...counts } = await countNode(node.database.db);
    return { agency: node.agency, ...counts, feedCursor: feedCursor.toString() };
  });
  return app;
}
