/** What the hub holds of a unit, as signed digests at a stated head: one side of `verify`. */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { digestBody, digestReply } from '@lienthong/shared-schema/wire/messages.ts';

import { countHeld, digestsOf } from '../db/digests.ts';
import { readUnit } from '../db/units.ts';
import { HubError } from '../errors.ts';
import type { HubContext } from './context.ts';

/** Heads and digests are of one snapshot; compared at another they would always differ. */
export async function stateDigest(
  hub: Pick<HubContext, 'database' | 'incarnation' | 'signingKey'>,
  agency: string,
): Promise<Uint8Array> {
  const body = await transaction(
    hub.database,
    async ({ db }) => {
      const unit = await readUnit(db, agency);
      if (unit === undefined) throw new HubError('HUB_AGENCY_UNKNOWN', { detail: agency });
      return digestBody.encode({
        hubIncarnation: hub.incarnation,
        agency,
        receivedSeq: unit.headSeq,
        appliedSeq: unit.appliedSeq,
        feedHead: unit.feedHead,
        sections: await digestsOf(db, agency),
        heldBack: await countHeld(db, agency),
      });
    },
    { isolation: 'repeatable read' },
  );
  return digestReply.encode({ body, signature: signBytes(hub.signingKey, domains.digest, body) });
}
