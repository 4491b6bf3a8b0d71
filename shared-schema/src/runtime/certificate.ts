// What node and hub both ask of an X.509 certificate: its fingerprint and its common name.
//
// Reading is done by node:crypto (OpenSSL). This module does not decide whether a certificate may
// be trusted: the TLS handshake does, and the hub's registry of fingerprints.

import { X509Certificate } from 'node:crypto';

import { sha256 } from './signature.ts';

/** SHA-256 of the DER, 64 lower-case hex characters. Of several certificates in a PEM, the first. */
export function certificateFingerprint(pemOrDer: string | Uint8Array): string {
  return sha256(new X509Certificate(pemOrDer).raw).toString('hex');
}

/** The common name of the subject; `undefined` if there is none, or more than one. */
export function certificateCommonName(certificate: X509Certificate): string | undefined {
  // node:crypto prints one attribute a line and escapes line breaks inside values.
  const names = certificate.subject
    ?.split('\n')
    .filter((line) => line.startsWith('CN='))
    .map((line) => line.slice('CN='.length));
  return names?.length === 1 ? names[0] : undefined;
}
