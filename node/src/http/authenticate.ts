/**
 * Who is calling: the key in the `Authorization` header, looked up on every request, since it may have
 * been revoked a second ago. A route names the scope that it asks for with `requireScope`. Every
 * request with a key that the node knows is counted by route and outcome, and none of its content. Who
 * looked at whom is written down before the answer goes out, or there is no answer.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { countKeyUse, type KeyRead } from '../db/keys.ts';
import { NodeError } from '../errors.ts';
import type { KeyScope } from '../protocol/access-key.ts';
import type { NodeContext } from '../sync/context.ts';
import { type Caller, recogniseCaller } from '../sync/keys.ts';

const callerName = 'caller';
const keyIdName = 'keyId';
const outcomeName = 'outcome';
const readName = 'read';

/** Lets the routes below ask for scopes. Call it once, before any route. */
export function authentication(app: FastifyInstance, node: NodeContext): void {
  app.decorateRequest(callerName, null);
  app.decorateRequest(keyIdName, null);
  app.decorateRequest(outcomeName, null);
  app.decorateRequest(readName, null);
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    await countUse(node, request, reply);
    return payload;
  });
}

/**
 * A hook for `onRequest`: goes on only for a key in force that has the scope; null: whatever scopes it
 * has. Before the body is read.
 */
export function requireScope(
  node: NodeContext,
  scope: KeyScope | null,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const recognition = await recogniseCaller(node, request.headers.authorization);
    if (recognition.kind === 'revoked') request.setDecorator(keyIdName, recognition.keyId);
    if (recognition.kind !== 'recognised') {
      reply.header('www-authenticate', 'Bearer realm="lienthong"');
      throw new NodeError('NODE_UNAUTHORISED');
    }
    const { caller } = recognition;
    request.setDecorator(keyIdName, caller.keyId);
    if (scope !== null && !caller.scopes.includes(scope)) {
      throw new NodeError('NODE_SCOPE_MISSING', { detail: scope });
    }
    request.setDecorator(callerName, caller);
  };
}

/** The caller of a route that asks for a scope. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = request.getDecorator<Caller | null>(callerName);
  if (caller === null) throw new RangeError('the route asks for no scope');
  return caller;
}

/** What came of the request where the status does not say it, as in replies of the packet gateway. */
export function noteOutcome(request: FastifyRequest, outcome: string): void {
  request.setDecorator(outcomeName, outcome);
}

/** Data of people is asked for. Call it before it is looked up, so that what is not found is noted too. */
export function noteRead(request: FastifyRequest, read: KeyRead): void {
  request.setDecorator(readName, read);
}

async function countUse(
  node: NodeContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const keyId = request.getDecorator<string | null>(keyIdName);
  if (keyId === null) return;
  const noted = request.getDecorator<string | null>(outcomeName);
  const outcome = noted ?? (reply.statusCode < 400 ? 'ok' : String(reply.statusCode));
  const route = `${request.method} ${request.routeOptions.url ?? ''}`;
  const read = request.getDecorator<KeyRead | null>(readName) ?? undefined;
  try {
    await countKeyUse(node.database.db, { keyId, route, outcome, at: node.now(), read });
  } catch (error) {
    request.log.warn({ err: error, keyId }, 'the use of a key was not counted');
    if (read === undefined) return;
    // the refusal comes this way too
    request.setDecorator(readName, null);
    reply.removeHeader('etag');
    throw new NodeError('NODE_BUSY');
  }
}
