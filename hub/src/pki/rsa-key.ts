// RSA key pairs for certificates, and the smallest that this hub accepts.
//
// 3072 bits is the strength that matches SHA-256 and lasts beyond a root's twenty years better than
// 2048 does. Making one takes up to a second, so it happens off the event loop.

import type { KeyObject } from 'node:crypto';
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

export const rsaBitsMin = 3072;
/** Verifying with a larger key costs time that a stranger should not be able to spend for us. */
export const rsaBitsMax = 8192;
export const rsaExponent = 65_537n;

export type RsaKeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

export async function createRsaKeyPair(): Promise<RsaKeyPair> {
  return await promisify(generateKeyPair)('rsa', { modulusLength: rsaBitsMin });
}

/** Whether this is an RSA public key of a size and exponent that may go into a certificate. */
export function isAcceptedRsaKey(key: KeyObject): boolean {
  if (key.type !== 'public' || key.asymmetricKeyType !== 'rsa') return false;
  const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  // An exponent of 1 or 3 makes signatures forgeable or nearly so: only the usual one is taken.
  return (
    modulusLength >= rsaBitsMin && modulusLength <= rsaBitsMax && publicExponent === rsaExponent
  );
}
