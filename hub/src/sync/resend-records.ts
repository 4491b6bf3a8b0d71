/**
 * A node asks for records of its own again, since its mirror of them differs: they go on its feed
 * whole, as they are here now. A record that this unit does not have comes down as gone, and nobody
 * learns whether another unit has it.
 */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { resendReply, resendRequest } from '@lienthong/shared-schema/wire/messages.ts';

import { appendRecordsToFeed } from '../db/feed.ts';
import type { Caller, HubContext } from './context.ts';
import { readRecordIds } from './digest-tree.ts';
import { readMessage } from './read-message.ts';

/** Returns the bytes of a ResendReply. Throws HUB_UNREADABLE where the request is none. */
export async function resendRecords(
  hub: Pick<HubContext, 'database'>,
  { agency }: Pick<Caller, 'agency'>,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const ids = readRecordIds(readMessage(resendRequest, bytes).records);
  const feedHead = await transaction(hub.database, ({ db }) =>
    appendRecordsToFeed(db, agency, ids),
  );
  return resendReply.encode({ feedHead });
}
