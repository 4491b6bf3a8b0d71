// TLS of the hub towards nodes: the server's options, and who is at the other end of a socket.
//
// TLS 1.3 only. A client certificate is asked for but not required by TLS: a node that is enrolling
// has none, so the application decides on each request. `authorized` is half of that decision (the
// certificate chains to our root, is in time and is meant for clients); the other half is the hub's
// registry of fingerprints, since a revoked certificate still chains.
// No session is ever resumed: a resumed session would bring back the identity of an old handshake.

import { constants } from 'node:crypto';
import type { TlsOptions, TLSSocket } from 'node:tls';

import {
  certificateCommonName,
  certificateFingerprint,
} from '@lienthong/shared-schema/runtime/certificate.ts';

const handshakeTimeoutMs = 10_000;

export type ClientIdentity = {
  /** SHA-256 of the certificate's DER, lower-case hex. */
  readonly fingerprint: string;
  /** Whether the certificate holds under the hub's root. Says nothing about revocation. */
  readonly authorized: boolean;
  readonly subjectCn: string | undefined;
};

/** Options for `tls.createServer`, `https.createServer` and Fastify's `https`. */
export function serverTlsOptions(options: {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly rootPem: string;
}): TlsOptions {
  const { keyPem, certificatePem, rootPem } = options;
  return {
    key: keyPem,
    // The root goes along so that a node that enrols can compare it with its invitation.
    cert: `${certificatePem.trimEnd()}\n${rootPem}`,
    ca: rootPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    // No tickets; and node keeps no session cache unless somebody listens for 'newSession'.
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: handshakeTimeoutMs,
  };
}

/** The certificate at the other end; `undefined` if the client showed none. */
export function clientIdentity(socket: TLSSocket): ClientIdentity | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return {
    fingerprint: certificateFingerprint(certificate.raw),
    authorized: socket.authorized,
    subjectCn: certificateCommonName(certificate),
  };
}
