/** `/sync/v1`: what nodes call. Every route needs the registered certificate of the unit. */
import {
  batchContentBytesMax,
  frameOverheadBytesMax,
  helloBytesMax,
  totalsBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { HubError } from '../../errors.ts';
import type { Caller, HubContext } from '../../sync/context.ts';
import { receiveBatch } from '../../sync/receive-batch.ts';
import { receiveTotals } from '../../sync/receive-totals.ts';
import { sayHello } from '../../sync/say-hello.ts';
import { serveFeed } from '../../sync/serve-feed.ts';
import { stateDigest } from '../../sync/state-digest.ts';
import { authenticate } from '../authenticate.ts';

const protobuf = 'application/x-protobuf';

export function syncRoutes(
  app: FastifyInstance,
  hub: HubContext,
  wakeTotals: () => Promise<void>,
): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  // before the body is read: a stranger's bytes are not worth the memory
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    callers.set(request, await authenticate(hub.database.db, request));
  };
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (caller === undefined) throw new HubError('HUB_CERTIFICATE_REQUIRED');
    return caller;
  };

  app.post('/sync/v1/hello', { onRequest, bodyLimit: helloBytesMax }, async (request, reply) =>
    reply.type(protobuf).send(await sayHello(hub, callerOf(request), bytesOf(request))),
  );

  const batchLimit = batchContentBytesMax + frameOverheadBytesMax;
  app.post('/sync/v1/batches', { onRequest, bodyLimit: batchLimit }, async (request, reply) =>
    reply.type(protobuf).send(await receiveBatch(hub, callerOf(request), bytesOf(request))),
  );

  app.get<{ Querystring: { after?: string } }>(
    '/sync/v1/feed',
    { onRequest },
    async (request, reply) => {
      const after = request.query.after ?? '';
      if (!/^[0-9]{1,18}$/u.test(after)) throw new HubError('HUB_CURSOR_INVALID');
      return reply.type(protobuf).send(await serveFeed(hub, callerOf(request), BigInt(after)));
    },
  );

  app.get('/sync/v1/digest', { onRequest }, async (request, reply) =>
    reply.type(protobuf).send(await stateDigest(hub, callerOf(request).agency)),
  );

  app.post('/sync/v1/totals', { onRequest, bodyLimit: totalsBytesMax }, async (request, reply) => {
    const answer = await receiveTotals(hub, callerOf(request), bytesOf(request));
    await wakeTotals();
    return reply.type(protobuf).send(answer);
  });
}

function bytesOf(request: FastifyRequest): Uint8Array {
  if (!(request.body instanceof Uint8Array)) throw new HubError('HUB_UNREADABLE');
  return request.body;
}
