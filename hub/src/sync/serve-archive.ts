/** A batch of the caller's own archive, read back: what a node that was restored takes over. */
import { archivedBatch as message } from '@lienthong/shared-schema/wire/messages.ts';

import { archivedBatch } from '../db/archive.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';

/** Returns the bytes of an ArchivedBatch. Throws HUB_BATCH_UNKNOWN where the number is not there. */
export async function serveArchive(
  hub: Pick<HubContext, 'database'>,
  { agency }: Pick<Caller, 'agency'>,
  seq: bigint,
): Promise<Uint8Array> {
  const batch = await archivedBatch(hub.database.db, agency, seq);
  if (batch === undefined) throw new HubError('HUB_BATCH_UNKNOWN', { detail: `batch ${seq}` });
  return message.encode(batch);
}
