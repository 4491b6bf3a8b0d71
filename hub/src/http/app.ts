import type { SecureServerOptions } from 'node:http2';

/** The hub's HTTP server for nodes. The calls below are the contents page of its API. */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';

import { HubError } from '../errors.ts';
import type { HubContext } from '../sync/context.ts';
import { replyError } from './reply-error.ts';
import { enrolmentRoutes } from './routes/enrolment.ts';
import { healthRoutes } from './routes/health.ts';
import { syncRoutes } from './routes/sync.ts';

/** A batch of 32 MB at 100 kB/s takes five minutes; slower than that is cut. */
const requestTimeoutMs = 330_000;
const connectionTimeoutMs = 60_000;
const keepAliveTimeoutMs = 65_000;

export function buildApp(options: {
  readonly hub: HubContext;
  readonly tls: SecureServerOptions;
  readonly wakeTotals: () => Promise<void>;
}): FastifyInstance {
  const { hub } = options;
  // named as Fastify's own type: the app's type would carry pino's else
  const logger: FastifyBaseLogger = hub.log;
  const app = Fastify({
    https: options.tls,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // an address that cannot be decoded never reaches a route, and is answered as any other
    frameworkErrors: (error, request, reply) => void replyError(error, request, reply),
    requestTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    bodyLimit: 1024,
  });
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
  syncRoutes(app, hub, options.wakeTotals);
  healthRoutes(app, hub);
  return app;
}
