/** A process that was started before a raise speaks for a hub that is no more. */
import type { UnitChannel } from '../db/units.ts';
import { HubError } from '../errors.ts';
import type { HubContext } from './context.ts';

/** Throws HUB_RESTORED where the incarnation was raised while this process was running. */
export function checkIncarnation(
  hub: Pick<HubContext, 'incarnation'>,
  { seenIncarnation }: Pick<UnitChannel, 'seenIncarnation'>,
): void {
  if (seenIncarnation === null || seenIncarnation <= hub.incarnation) return;
  throw new HubError('HUB_RESTORED', {
    detail: `the incarnation is ${seenIncarnation} by now: start this process again`,
  });
}
