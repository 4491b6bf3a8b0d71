/** Who a bundle comes from or goes to, held against the registry as on the line. */

import { bundleSender, type BundleSender } from '../db/bundles.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';

export type KnownSender = {
  readonly caller: Caller;
  readonly status: 'active' | 'frozen';
  readonly bundleKey: Uint8Array | undefined;
};

/**
 * Throws HUB_CERTIFICATE_UNKNOWN where the unit is unknown or revoked, or has no certificate in force:
 * a medium opens no way in that the line does not.
 */
export async function requireSender(
  hub: Pick<HubContext, 'database'>,
  agency: string,
): Promise<KnownSender> {
  const found = await bundleSender(hub.database.db, agency);
  if (!mayExchange(found)) throw new HubError('HUB_CERTIFICATE_UNKNOWN', { detail: agency });
  const { signingKey, status, bundleKey } = found;
  return {
    caller: { agency, signingKeyPem: signingKey },
    status,
    bundleKey: bundleKey ?? undefined,
  };
}

type Exchanging = BundleSender & {
  readonly status: 'active' | 'frozen';
  readonly signingKey: string;
};

function mayExchange(found: BundleSender | undefined): found is Exchanging {
  return (
    found?.certified === true &&
    found.signingKey !== null &&
    (found.status === 'active' || found.status === 'frozen')
  );
}
