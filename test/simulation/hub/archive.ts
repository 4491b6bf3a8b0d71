/** A unit's own batch from the archive, for a node that rejoins. */
import type { ArchiveRequest, Reply } from '../messages.ts';
import type { World } from '../world.ts';
import { keyOf } from './state.ts';

export function serveArchive({ hub }: World, { agency, seq }: ArchiveRequest): Reply {
  const batch = hub.inbox.get(keyOf(agency, seq));
  if (batch === undefined) return { kind: 'refusal', code: 'HUB_BATCH_UNKNOWN' };
  const { header, content, receipt } = batch;
  return { kind: 'archive', answer: { header, content, receipt } };
}
