/** What to do after the hub's answer to a pushed batch. */
import type { PushOutcome } from '@lienthong/shared-schema/wire/messages.ts';

export type PushStep =
  | { readonly kind: 'receipted' }
  /** It arrived before one that was sent ahead of it; the same bytes go again, after that one. */
  | { readonly kind: 'send-again' }
  /** The hub expects one that it had receipted. */
  | { readonly kind: 'hub-behind'; readonly expects: bigint }
  | { readonly kind: 'hello-again' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'stop'; readonly why: 'forked' };

/**
 * `sentAsOldest`: every batch below it had its receipt when it was sent. Then the hub must expect
 * it, or has lost one; else one that was still under way is missing, which says nothing.
 */
export function stepAfterPush(
  reply: {
    readonly outcome: PushOutcome;
    readonly sendFrom: bigint;
    readonly retryAfterS: number;
  },
  sentAsOldest: boolean,
): PushStep {
  switch (reply.outcome) {
    case 'ACCEPTED':
    case 'DUPLICATE':
      return { kind: 'receipted' };
    case 'GAP':
      return sentAsOldest
        ? { kind: 'hub-behind', expects: reply.sendFrom }
        : { kind: 'send-again' };
    case 'FENCED':
      return { kind: 'hello-again' };
    case 'BUSY':
      return { kind: 'wait', seconds: reply.retryAfterS };
    case 'FORK':
      return { kind: 'stop', why: 'forked' };
  }
}
