/** After a restore of the hub: its receipts above its head are void, and its feed is read anew. */
import type { HelloBody } from '../messages.ts';
import type { World } from '../world.ts';
import type { Place } from './state.ts';

export function beginAnew({ glue }: World, place: Place, body: HelloBody): void {
  glue.voidReceipts(place, body);
  place.link.update('link', {
    receivedSeq: body.headSeq,
    appliedSeq: body.appliedSeq,
    safeSeq: body.safeSeq,
  });
  glue.readFeedAnew(place);
}

export function voidReceipts(place: Place, { headSeq }: HelloBody): void {
  for (const [seq, batch] of place.outbox.entries()) {
    if (seq > headSeq && batch.receipt !== undefined) {
      place.outbox.set(seq, { ...batch, receipt: undefined });
    }
  }
}

export function readFeedAnew(place: Place): void {
  const { generation } = place.feed.row('feed');
  place.feed.set('feed', { cursor: 0n, generation: generation + 1, rebuilding: true });
}
