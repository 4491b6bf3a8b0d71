/**
 * A node asks for records of its own again, since its mirror of them differs: they go on its feed
 * whole, as they are here now. A record that this unit does not have comes down as gone, and nobody
 * learns whether another unit has it.
 */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { resendReply, resendRequest } from '@lienthong/shared-schema/wire/messages.ts';

import { appendRecordsToFeed } from '../db/feed.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';
import { readRecordIds } from './digest-tree.ts';

/** Returns the bytes of a ResendReply. */
export async function resendRecords(
  hub: Pick<HubContext, 'database'>,
  { agency }: Pick<Caller, 'agency'>,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const ids = readRequest(bytes);
  const feedHead = await transaction(hub.database, ({ db }) =>
    appendRecordsToFeed(db, agency, ids),
  );
  return resendReply.encode({ feedHead });
}

function readRequest(bytes: Uint8Array): readonly string[] {
  try {
    return readRecordIds(resendRequest.decode(bytes).records);
  } catch (cause) {
    if (cause instanceof WireError) throw new HubError('HUB_UNREADABLE', { cause });
    throw cause;
  }
}
