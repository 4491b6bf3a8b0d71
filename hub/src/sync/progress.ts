/** The signed statement of how far the hub is with a unit: received, applied, safe. */
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { progressBody } from '@lienthong/shared-schema/wire/messages.ts';

import type { UnitChannel } from '../db/units.ts';
import type { HubContext } from './context.ts';

export type SignedProgress = {
  readonly progress: Uint8Array;
  readonly progressSignature: Uint8Array;
};

export function signProgress(
  hub: Pick<HubContext, 'incarnation' | 'signingKey'>,
  unit: Pick<UnitChannel, 'agency' | 'headSeq' | 'appliedSeq' | 'safeSeq'>,
): SignedProgress {
  const progress = progressBody.encode({
    hubIncarnation: hub.incarnation,
    agency: unit.agency,
    receivedSeq: unit.headSeq,
    appliedSeq: unit.appliedSeq,
    safeSeq: unit.safeSeq,
  });
  return { progress, progressSignature: signBytes(hub.signingKey, domains.progress, progress) };
}
