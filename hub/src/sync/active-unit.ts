/** Asked under the lock of the unit's row: it may have been frozen or revoked since it was let in. */
import type { UnitChannel } from '../db/units.ts';
import { HubError } from '../errors.ts';

/** Throws HUB_UNIT_FROZEN or HUB_CERTIFICATE_UNKNOWN where the unit may not speak. */
export function requireActive(unit: UnitChannel | undefined): UnitChannel {
  if (unit?.status === 'frozen') throw new HubError('HUB_UNIT_FROZEN');
  if (unit?.status !== 'active') throw new HubError('HUB_CERTIFICATE_UNKNOWN');
  return unit;
}
