/** The node's HTTP server for the unit's people and programs. The calls below are its contents page. */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';

import type { NodeContext } from '../sync/context.ts';
import { api } from './api.ts';
import { authentication } from './authenticate.ts';
import { type HttpLimits, nodeHttpLimits } from './limits.ts';
import { openApi, openApiRoutes } from './open-api.ts';
import { rateLimits } from './rate-limits.ts';
import { replyError, replyNotFound } from './reply-error.ts';
import { packetRoutes } from './routes/packets.ts';
import { healthRoutes } from './routes/status.ts';

export type AppOptions = {
  /** In place of the usual ones. */
  readonly limits?: Partial<HttpLimits>;
};

export function buildApp(node: NodeContext, options: AppOptions = {}): FastifyInstance {
  const limits = { ...nodeHttpLimits, ...options.limits };
  // named as Fastify's own type: the app's type would carry pino's else
  const logger: FastifyBaseLogger = node.log;
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // an address that cannot be decoded never reaches a route, and is answered as any other
    frameworkErrors: (error, request, reply) => void replyError(error, request, reply),
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytesMax,
    },
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.silenceMs,
    keepAliveTimeout: limits.keepAliveMs,
    bodyLimit: limits.bodyBytesMax,
    // names of sheets; the routes say what else they take
    routerOptions: { maxParamLength: 200 },
  });
  app.server.maxConnections = limits.connectionsMax;
  // numbers of 64 bits as decimal text: JSON has none
  app.setReplySerializer((payload) =>
    JSON.stringify(payload, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    ),
  );
  app.setErrorHandler(replyError);
  app.setNotFoundHandler(replyNotFound);
  authentication(app, node);
  // what comes first is loaded first: the routes find the plugins in place
  void app.register(async (routes) => {
    await openApi(routes);
    await rateLimits(routes);
    openApiRoutes(routes);
    healthRoutes(routes, node);
    await routes.register(packetRoutes, { node, limits });
    await routes.register(api, { node, limits });
  });
  return app;
}
