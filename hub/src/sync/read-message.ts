/** Reading what a unit has sent: what all its messages have in common, before any of it is judged. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { publicKeyFromPem, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { type Codec, WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { protocolVersion, protocolVersionMin } from '@lienthong/shared-schema/wire/version.ts';

import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';

/** Throws HUB_UNREADABLE where the bytes are no such message. */
export function readMessage<T>(codec: Codec<T>, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    if (cause instanceof WireError) throw new HubError('HUB_UNREADABLE', { cause });
    throw cause;
  }
}

/** Throws HUB_PROTOCOL_UNSUPPORTED. */
export function checkProtocol(protocol: number): void {
  if (protocol < protocolVersionMin || protocol > protocolVersion) {
    throw new HubError('HUB_PROTOCOL_UNSUPPORTED');
  }
}

type Addressed = {
  readonly protocol: number;
  readonly agency: string;
  readonly audience: Uint8Array;
};

/**
 * Throws HUB_PROTOCOL_UNSUPPORTED, HUB_AGENCY_MISMATCH or HUB_AUDIENCE_MISMATCH where a message is of
 * another version, of another unit than the caller, or for another hub.
 */
export function checkAddress(
  hub: Pick<HubContext, 'audience'>,
  caller: Pick<Caller, 'agency'>,
  { protocol, agency, audience }: Addressed,
): void {
  checkProtocol(protocol);
  if (agency !== caller.agency) throw new HubError('HUB_AGENCY_MISMATCH');
  if (!equalBytes(audience, hub.audience)) throw new HubError('HUB_AUDIENCE_MISMATCH');
}

/** A report as it travels: the bytes that are signed, and the signature. */
export type SignedReport = { readonly report: Uint8Array; readonly signature: Uint8Array };

/** Throws HUB_SIGNATURE_INVALID where the unit's registered key did not sign these bytes. */
export function checkSignature(
  { signingKeyPem }: Pick<Caller, 'signingKeyPem'>,
  domain: string,
  { report, signature }: SignedReport,
): void {
  const key = publicKeyFromPem(signingKeyPem);
  if (!verifyBytes(key, domain, report, signature)) throw new HubError('HUB_SIGNATURE_INVALID');
}
