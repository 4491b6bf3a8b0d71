import { ping } from '@lienthong/shared-schema/runtime/database.ts';
/** The node's HTTP server for the unit's people and programs. The calls below are its contents page. */
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { countNode } from '../db/status.ts';
import type { NodeContext } from '../sync/context.ts';
import { policyStatus } from '../sync/policy-status.ts';
import { replyError, replyNotFound } from './reply-error.ts';

/** Requests have no body: who takes longer for one does not mean to send it. */
const requestTimeoutMs = 10_000;
const silenceMs = 60_000;
const keepAliveMs = 65_000;
const checkMs = 2_000;
const headerBytesMax = 16 * 1024;
/** For people and programs of one unit; each may also keep a request waiting. */
const connectionsMax = 256;

export function buildApp(node: NodeContext): FastifyInstance {
  // named as Fastify's own type: the app's type would carry pino's else
  const logger: FastifyBaseLogger = node.log;
  const app = Fastify({
    loggerInstance: logger,
    disableRequestLogging: true,
    // an address that cannot be decoded never reaches a route, and is answered as any other
    frameworkErrors: (error, request, reply) => void replyError(error, request, reply),
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: headerBytesMax,
    },
    requestTimeout: requestTimeoutMs,
    connectionTimeout: silenceMs,
    keepAliveTimeout: keepAliveMs,
    bodyLimit: 1024,
  });
  app.server.maxConnections = connectionsMax;
  // numbers of 64 bits as decimal text: JSON has none
  app.setReplySerializer((payload) =>
    JSON.stringify(payload, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    ),
  );
  app.setErrorHandler(replyError);
  app.setNotFoundHandler(replyNotFound);
  app.get('/health', async () => {
    await ping(node.database.db);
    return { status: 'ok' };
  });
  app.get('/api/v1/status', async () => {
    const counts = await countNode(node.database.db);
    const policy = await policyStatus(node.database.db);
    return { agency: node.agency, ...counts, ...policy };
  });
  return app;
}
