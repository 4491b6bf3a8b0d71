/** `/sync/v1`: what nodes call. Every route needs the registered certificate of the unit. */
import type { Socket } from 'node:net';

import {
  batchContentBytesMax,
  digestBytesMax,
  frameOverheadBytesMax,
  helloBytesMax,
  totalsBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { HubError } from '../../errors.ts';
import type { Caller, HubContext } from '../../sync/context.ts';
import { serveDigestTree } from '../../sync/digest-tree.ts';
import { receiveBatch } from '../../sync/receive-batch.ts';
import { receiveTotals } from '../../sync/receive-totals.ts';
import { receiveVerification } from '../../sync/receive-verification.ts';
import { resendRecords } from '../../sync/resend-records.ts';
import { sayHello } from '../../sync/say-hello.ts';
import { serveArchive } from '../../sync/serve-archive.ts';
import { serveFeed } from '../../sync/serve-feed.ts';
import { authenticate } from '../authenticate.ts';
import type { Guard } from '../guard.ts';
import { openTurnstile } from '../turnstile.ts';

const protobuf = 'application/x-protobuf';
/** Of one unit, in memory, behind the one that is being received: what two pushes send at once. */
const batchesWaitingMax = 16;

/** Of one unit, behind the one question that is being answered: so a unit holds one connection more. */
const questionsWaitingMax = 16;

export function syncRoutes(
  app: FastifyInstance,
  hub: HubContext,
  { guard, wakeTotals }: { readonly guard: Guard; readonly wakeTotals: () => Promise<void> },
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
  const questions = openTurnstile<string>(questionsWaitingMax);
  const receive = openTurnstile<string>(batchesWaitingMax);
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    work: (caller: Caller) => Promise<Uint8Array>,
    turnstile = questions,
  ): Promise<FastifyReply> => {
    const caller = callerOf(request);
    const bytes = await guard.work(request, () =>
      turnstile.pass(caller.agency, () => work(caller)),
    );
    return reply.type(protobuf).send(bytes);
  };

  app.post('/sync/v1/hello', { onRequest, bodyLimit: helloBytesMax }, async (request, reply) =>
    answer(request, reply, (caller) => sayHello(hub, caller, bytesOf(request))),
  );

  const batchLimit = batchContentBytesMax + frameOverheadBytesMax;
  // batches that follow each other on a connection stay in order, although each caller is looked up
  const lookUp = openTurnstile<Socket>(batchesWaitingMax);
  app.post(
    '/sync/v1/batches',
    {
      onRequest: (request) => lookUp.pass(request.raw.socket, () => onRequest(request)),
      bodyLimit: batchLimit,
    },
    async (request, reply) =>
      answer(request, reply, (caller) => receiveBatch(hub, caller, bytesOf(request)), receive),
  );

  app.get<{ Params: { seq: string } }>(
    '/sync/v1/batches/:seq',
    { onRequest },
    async (request, reply) => {
      const { seq } = request.params;
      if (!/^[0-9]{1,18}$/u.test(seq)) throw new HubError('HUB_BATCH_UNKNOWN');
      return answer(request, reply, (caller) => serveArchive(hub, caller, BigInt(seq)));
    },
  );

  app.get<{ Querystring: { after?: string } }>(
    '/sync/v1/feed',
    { onRequest },
    async (request, reply) => {
      const after = request.query.after ?? '';
      if (!/^[0-9]{1,18}$/u.test(after)) throw new HubError('HUB_CURSOR_INVALID');
      return answer(request, reply, (caller) => serveFeed(hub, caller, BigInt(after)));
    },
  );

  const bounded = { onRequest, bodyLimit: digestBytesMax };
  app.post('/sync/v1/digest/tree', bounded, async (request, reply) =>
    answer(request, reply, (caller) => serveDigestTree(hub, caller, bytesOf(request))),
  );

  app.post('/sync/v1/digest/resend', bounded, async (request, reply) =>
    answer(request, reply, (caller) => resendRecords(hub, caller, bytesOf(request))),
  );

  app.post('/sync/v1/verifications', bounded, async (request, reply) =>
    answer(request, reply, (caller) => receiveVerification(hub, caller, bytesOf(request))),
  );

  app.post('/sync/v1/totals', { onRequest, bodyLimit: totalsBytesMax }, async (request, reply) =>
    answer(request, reply, async (caller) => {
      const receipt = await receiveTotals(hub, caller, bytesOf(request));
      await wakeTotals();
      return receipt;
    }),
  );
}

function bytesOf(request: FastifyRequest): Uint8Array {
  if (!(request.body instanceof Uint8Array)) throw new HubError('HUB_UNREADABLE');
  return request.body;
}
