/** The hub's HTTP server for nodes. The calls below are the contents page of its API. */

import type { SecureServerOptions } from 'node:http2';

import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';

import { HubError } from '../errors.ts';
import type { HubContext } from '../sync/context.ts';
import { guardApp } from './guard.ts';
import { type HttpLimits, hubHttpLimits } from './limits.ts';
import { replyClientError } from './reply-client-error.ts';
import { replyError } from './reply-error.ts';
import { enrolmentRoutes } from './routes/enrolment.ts';
import { healthRoutes } from './routes/health.ts';
import { syncRoutes } from './routes/sync.ts';

/** All headers of a request together; nodes send four. */
const headerBytesMax = 16 * 1024;

export function buildApp(options: {
  readonly hub: HubContext;
  readonly tls: SecureServerOptions;
  readonly wakeTotals: () => Promise<void>;
  /** In place of the usual ones. */
  readonly limits?: Partial<HttpLimits>;
}): FastifyInstance {
  const { hub } = options;
  const limits = { ...hubHttpLimits, ...options.limits };
  // named as Fastify's own type: the app's type would carry pino's else
  const logger: FastifyBaseLogger = hub.log;
  const app = Fastify({
    https: {
      ...options.tls,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: headerBytesMax,
    },
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // an address that cannot be decoded never reaches a route, and is answered as any other
    frameworkErrors: (error, request, reply) => void replyError(error, request, reply),
    clientErrorHandler: (error, socket) => replyClientError(error, socket, hub.log),
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.silenceMs,
    keepAliveTimeout: limits.keepAliveMs,
    bodyLimit: 1024,
  });
  const guard = guardApp(app, limits);
  // JSON is read where enrolment is: parsed, a body of the size of a batch takes a hundred times that
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-protobuf',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => body,
  );
  app.setErrorHandler(replyError);
  app.setNotFoundHandler((request, reply) =>
    replyError(new HubError('HUB_UNKNOWN_ROUTE'), request, reply),
  );
  enrolmentRoutes(app, hub);
  syncRoutes(app, hub, { guard, wakeTotals: options.wakeTotals });
  healthRoutes(app, hub);
  return app;
}
