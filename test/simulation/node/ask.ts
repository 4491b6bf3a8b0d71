/** One call of a node to the hub: the answer, or the error that its link makes of there being none. */
import type { Effect, Task } from '../engine.ts';
import type { Reply, Request } from '../messages.ts';
import type { World } from '../world.ts';
import type { Place } from './state.ts';
import { Stop } from './stop.ts';

type AnswerOf<K extends Reply['kind']> = Extract<Reply, { readonly kind: K }>;

export function* ask<K extends 'hello' | 'push' | 'feed' | 'archive'>(
  world: World,
  place: Place,
  request: Extract<Request, { readonly kind: K }>,
): Task<AnswerOf<K>> {
  const begun: Effect = {
    kind: 'wait',
    begin: (resume) => world.network.call(place, request, resume),
  };
  const reply = yield begun;
  if (reply === undefined) throw new Stop('NODE_HUB_UNREACHABLE');
  if (!isReply(reply)) throw new TypeError('the network made up an answer');
  if (reply.kind === 'refusal') throw new Stop('NODE_HUB_REFUSED', reply.code);
  if (!isOfKind(reply, request.kind)) throw new Stop('NODE_HUB_UNTRUSTED', 'another answer');
  return reply;
}

const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && 'kind' in value;

const isOfKind = <K extends string>(reply: Reply, kind: K): reply is AnswerOf<K & Reply['kind']> =>
  reply.kind === kind;
