/**
 * The packet gateway (Decision 356/QĐ-BNV): the paths, the body and the reply that the HR programs of
 * units know. Whatever a packet holds is answered with status 200 and `err_code`; real statuses are for
 * what is wrong with the call (401, 403, 413, 415, 429) and with the node (500, 503).
 */
import { keptCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { treeService } from '../../packet/read-tree.ts';
import type { PacketReply } from '../../packet/reply.ts';
import { services } from '../../packet/structure.ts';
import type { NodeContext } from '../../sync/context.ts';
import { receivePacket } from '../../sync/receive-packet.ts';
import { receiveTree } from '../../sync/receive-tree.ts';
import { callerOf, noteOutcome, requireScope } from '../authenticate.ts';
import type { HttpLimits } from '../limits.ts';
import { packetSchema } from './packet-schema.ts';

/** The older casing is in use too. */
const styles = [
  { base: '/apisyncmsg/syncmsg/service', name: (service: string) => service.toLowerCase() },
  { base: '/ApiSyncMsg/SyncMsg/Service', name: (service: string) => service },
] as const;

type Receive = (request: {
  readonly source: string;
  readonly body: Uint8Array;
  readonly idempotencyKey: string | null;
}) => Promise<PacketReply>;

export async function packetRoutes(
  app: FastifyInstance,
  { node, limits }: { readonly node: NodeContext; readonly limits: HttpLimits },
): Promise<void> {
  // read by the use case: a member that comes twice, and numbers as they were written, matter there
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: limits.packetBytesMax },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
  const packetNode = { ...node, codeBook: keptCodeBook() };
  const options = {
    onRequest: requireScope(node, 'packets'),
    bodyLimit: limits.packetBytesMax,
    config: { rateLimit: { max: limits.packetsPerMinute, timeWindow: 60_000 } },
    // the schema says what is wanted; what came is judged with paths and in two languages
    validatorCompiler: () => () => true,
  };
  const receivers: readonly (readonly [string, Receive])[] = [
    ...services.map((service): readonly [string, Receive] => [
      service,
      (request) => receivePacket(packetNode, { ...request, service }),
    ]),
    [treeService, (request) => receiveTree(packetNode, request)],
  ];
  for (const [service, receive] of receivers) {
    for (const [i, { base, name }] of styles.entries()) {
      const schema = packetSchema(service, { hide: i > 0 });
      app.post(`${base}${name(service)}`, { ...options, schema }, answering(receive));
    }
  }
}

const answering =
  (receive: Receive) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { body } = request;
    const key = request.headers['idempotency-key'];
    const answer = await receive({
      source: callerOf(request).source,
      body: body instanceof Uint8Array ? body : new Uint8Array(0),
      idempotencyKey: typeof key === 'string' ? key : null,
    });
    noteOutcome(request, answer.state);
    return reply.send(answer);
  };
