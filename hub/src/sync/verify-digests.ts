/** The hub against itself: digests of a unit's records, as kept and as its tables give them. */
import {
  checkDigests,
  type DeepCheck,
  readRoot,
  withFreshDigests,
} from '@lienthong/shared-schema/runtime/record-digests.ts';

import { digestView } from '../db/digests.ts';
import type { HubContext } from './context.ts';

/** Names the records that somebody changed behind the triggers, and mends what is kept of them. */
export async function verifyDigests(
  hub: Pick<HubContext, 'database'>,
  agency: string,
): Promise<DeepCheck & { readonly root: string }> {
  const view = digestView(agency);
  const checked = await checkDigests(hub.database, view);
  const root = await withFreshDigests(hub.database, [view], ({ db }) => readRoot(db, view));
  return { ...checked, root: Buffer.from(root?.value.digest ?? []).toString('hex') };
}
