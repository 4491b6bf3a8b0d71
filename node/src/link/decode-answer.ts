/** Reads what the hub answered. Bytes that are no message of the protocol are not to be trusted. */
import { type Codec, WireError } from '@lienthong/shared-schema/wire/codec.ts';

import { NodeError } from '../errors.ts';

/** Throws NODE_HUB_UNTRUSTED where the bytes cannot be read; `what` names them in the message. */
export function decodeAnswer<T>(codec: Codec<T>, bytes: Uint8Array, what: string): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new NodeError('NODE_HUB_UNTRUSTED', { cause, detail: `unreadable ${what}` });
  }
}
