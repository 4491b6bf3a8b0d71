/** What to do after the hub's answer to a pushed batch. */
import type { PushOutcome } from '@lienthong/shared-schema/wire/messages.ts';

export type PushStep =
  | { readonly kind: 'receipted' }
  /** Another batch first: our oldest unacknowledged one is not what the hub expects. */
  | { readonly kind: 'send-from'; readonly seq: bigint }
  | { readonly kind: 'hello-again' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'stop'; readonly why: 'forked' };

export function stepAfterPush(reply: {
  readonly outcome: PushOutcome;
  readonly sendFrom: bigint;
  readonly retryAfterS: number;
}): PushStep {
  switch (reply.outcome) {
    case 'ACCEPTED':
    case 'DUPLICATE':
      return { kind: 'receipted' };
    case 'GAP':
      return { kind: 'send-from', seq: reply.sendFrom };
    case 'FENCED':
      return { kind: 'hello-again' };
    case 'BUSY':
      return { kind: 'wait', seconds: reply.retryAfterS };
    case 'FORK':
      return { kind: 'stop', why: 'forked' };
  }
}
