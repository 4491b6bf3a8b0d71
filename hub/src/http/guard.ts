/**
 * Every request passes here before anything else is done for it: the connection must be one that its
 * caller may have, the caller within the quotas, the body and the reading of the answer fast enough.
 */
import type { Socket } from 'node:net';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import { HubError } from '../errors.ts';
import { openCallerGate, type Pass } from './caller-gate.ts';
import { type Connection, countConnections } from './connections.ts';
import type { HttpLimits } from './limits.ts';
import { watchAnswer, watchBody } from './pace.ts';

export type Guard = {
  /** Runs the work of a request, whose answer counts as the caller's until it has left. */
  readonly work: <T extends Uint8Array>(
    request: FastifyRequest,
    work: () => Promise<T>,
  ) => Promise<T>;
};

const surplusRetryAfterS = 5;
/** What is left of a connection after it was told that it is too slow. */
const lastWordMs = 2_000;

export function guardApp(app: FastifyInstance, limits: HttpLimits): Guard {
  const connections = countConnections(app.server, limits);
  const gate = openCallerGate(limits, () => performance.now());
  const passes = new WeakMap<FastifyRequest, Pass>();
  const connectionOf = ({ raw }: FastifyRequest): Connection =>
    connections.of(raw.socket) ?? { caller: 'nobody', surplus: true, passes: new Set() };

  /** The log of a refusal does not say whose it was, and nobody else knows: the body is not read. */
  const enter = (request: FastifyRequest, caller: string): Pass => {
    try {
      return gate.enter(caller, bodyBytesOf(request));
    } catch (error) {
      request.log.warn({ caller }, 'a caller is beyond its limits');
      throw error;
    }
  };

  app.addHook('onRequest', async (request, reply) => {
    const connection = connectionOf(request);
    if (connection.surplus) {
      reply.header('connection', 'close');
      throw new HubError('HUB_BUSY', {
        detail: 'too many connections',
        retryAfterS: surplusRetryAfterS,
      });
    }
    const pass = enter(request, connection.caller);
    passes.set(request, pass);
    connection.passes.add(pass);
    reply.raw.once('close', () => {
      connection.passes.delete(pass);
      pass.close();
    });
  });
  // synchronous: the body begins to flow when this hook is over, and the parser must be there by then
  app.addHook('preParsing', (request, _reply, payload, done) => {
    watchBody(request.raw, limits, () => {
      const slow = new HubError('HUB_TOO_SLOW');
      // whoever reads the body gives the answer; where nobody does there is none to give
      if (request.raw.listenerCount('error') > 0) request.raw.emit('error', slow);
      cut(request.raw.socket);
    });
    done(null, payload);
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    if (payload instanceof Uint8Array) watchAnswer(reply.raw, payload.length, limits);
    return payload;
  });
  // a body that nobody reads, of a request that was refused, is not waited for any longer either
  app.addHook('onResponse', async (request) => {
    watchBody(request.raw, limits, () => cut(request.raw.socket));
  });
  return {
    work: async (request, work) => {
      const pass = passes.get(request);
      return await (pass === undefined ? work() : pass.work(work));
    },
  };
}

function cut(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lastWordMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** As declared, up to what the route reads; a body of unknown length counts as the largest one. */
function bodyBytesOf(request: FastifyRequest): number {
  const { bodyLimit } = request.routeOptions;
  const declared = request.headers['content-length'];
  if (declared !== undefined) return Math.min(Number(declared), bodyLimit);
  return request.headers['transfer-encoding'] === undefined ? 0 : bodyLimit;
}
