/** I6: what was received survives everything but the loss of both sides; what was safe survives all. */
import type { World } from '../world.ts';

export function checkReceipts({ observer: { history } }: World): void {
  const archived = new Set(
    history.acts.filter(({ kind }) => kind === 'accepted').map((act) => act.hash),
  );
  for (const { agency, seq, hash } of history.heldReceipts) {
    if (archived.has(hash) || history.isDoubleLoss(agency, hash)) continue;
    history.violate('I6', `batch ${agency}/${seq} was receipted and is gone`);
  }
  for (const [agency, hashes] of history.safe) {
    for (const hash of hashes) {
      if (!archived.has(hash)) history.violate('I6', `a batch of ${agency} was safe and is gone`);
    }
  }
}
