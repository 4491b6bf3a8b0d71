// Learns the hub's root certificate from the hub itself, and believes it only if its fingerprint is
// the one in the invitation: no trust on first use.
//
//   1. TLS without any check; nothing is sent; the root that is presented is compared; closed.
//   2. TLS with that root and full checks, host name included: the server proves that it holds a key
//      under the root, which anybody could have copied; nothing is sent; closed.
//
// The token of the invitation is spent by the caller only after both have passed.

import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';

import { certificateFingerprint } from '@lienthong/shared-schema/runtime/certificate.ts';

/** The hub presents two certificates; more than this is not walked. */
const chainLengthMax = 8;
const fingerprintPattern = /^[0-9a-f]{64}$/u;

export type TrustFault =
  /** Nobody answers with TLS 1.3 there, or not in time. */
  | 'unreachable'
  | 'no-root'
  | 'fingerprint-differs'
  /** The root is right, but the server's own certificate does not hold under it. */
  | 'not-verified';

/** Nothing was sent to the server, whatever the fault; the message says what to do. */
export class TrustError extends Error {
  readonly fault: TrustFault;

  constructor(fault: TrustFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TrustError';
    this.fault = fault;
  }
}

type HubAddress = {
  readonly host: string;
  readonly port: number;
  /** For each of the two connections. */
  readonly timeoutMs: number;
};

/** The root in PEM. `fingerprint` is the SHA-256 of its DER, 64 lower-case hex characters. */
export async function fetchTrustedRoot(
  options: HubAddress & { readonly fingerprint: string },
): Promise<string> {
  assert.match(
    options.fingerprint,
    fingerprintPattern,
    'a fingerprint is 64 lower-case hex digits',
  );
  const root = await fetchPresentedRoot(options);
  if (certificateFingerprint(root.raw) !== options.fingerprint) {
    throw new TrustError(
      'fingerprint-differs',
      `The server at ${at(options)} shows another root certificate than the invitation names. Somebody may be in between. Nothing was sent. Ask the hub's operators for a new invitation by another way (by telephone, or on paper) and compare the fingerprint with them.`,
    );
  }
  const rootPem = root.toString();
  await proveServer(options, rootPem);
  return rootPem;
}

async function fetchPresentedRoot(hub: HubAddress): Promise<X509Certificate> {
  return await withConnection(hub, { rejectUnauthorized: false, ca: [] }, (socket) => {
    const root = findRoot(socket.getPeerX509Certificate());
    if (root !== undefined) return root;
    throw new TrustError(
      'no-root',
      `The server at ${at(hub)} shows no root certificate, so it is not a hub, or something between rewrites the connection. Nothing was sent. Check the address in the invitation; a proxy must pass TLS through.`,
    );
  });
}

async function proveServer(hub: HubAddress, rootPem: string): Promise<void> {
  await withConnection(hub, { rejectUnauthorized: true, ca: rootPem }, (socket) => {
    assert.ok(socket.authorized, 'a verified connection is authorized');
  });
}

function findRoot(leaf: X509Certificate | undefined): X509Certificate | undefined {
  let certificate = leaf;
  for (let index = 0; index < chainLengthMax && certificate !== undefined; index += 1) {
    const isSelfIssued = certificate.subject === certificate.issuer;
    if (isSelfIssued && certificate.ca && certificate.verify(certificate.publicKey)) {
      return certificate;
    }
    certificate = certificate.issuerCertificate;
  }
  return undefined;
}

/** Runs `look` once the handshake is done, then closes. No application byte is ever written. */
async function withConnection<T>(
  hub: HubAddress,
  checks: Pick<ConnectionOptions, 'rejectUnauthorized' | 'ca'>,
  look: (socket: TLSSocket) => T,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const socket = connect({
    ...checks,
    host: hub.host,
    port: hub.port,
    minVersion: 'TLSv1.3',
    // An IP address is checked against the certificate too, but may not stand in the SNI.
    ...(isIP(hub.host) === 0 ? { servername: hub.host } : {}),
  });
  const timer = setTimeout(() => {
    reject(unreachable(hub, `no answer in ${hub.timeoutMs} ms`));
  }, hub.timeoutMs);
  socket.on('error', (cause) => {
    reject(explain(hub, socket, cause));
  });
  socket.on('close', () => {
    reject(unreachable(hub, 'the connection was closed'));
  });
  socket.on('secureConnect', () => {
    try {
      resolve(look(socket));
    } catch (error) {
      reject(error);
    }
  });
  try {
    const seen = await promise;
    // An orderly end: the hub's log then shows a visit, not a connection that broke in the handshake.
    socket.destroySoon();
    return seen;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** node:tls has set `authorizationError` when the handshake came to an end but a check failed. */
function explain(hub: HubAddress, socket: TLSSocket, cause: Error): TrustError {
  const code = 'code' in cause ? String(cause.code) : cause.message;
  // The types say Error; at run time it is the code as a string, or null.
  if (!socket.authorizationError) return unreachable(hub, code, cause);
  return new TrustError(
    'not-verified',
    `The server at ${at(hub)} shows the right root, but its own certificate does not hold (${code}: ${cause.message}). Somebody may be in between, or the hub's certificate has expired or lacks this name. Nothing was sent. Tell the hub's operators what stands in the brackets.`,
    { cause },
  );
}

function unreachable(hub: HubAddress, reason: string, cause?: Error): TrustError {
  return new TrustError(
    'unreachable',
    `No hub answers with TLS 1.3 at ${at(hub)} (${reason}). Nothing was sent. Check the address in the invitation, the firewall, and that the hub is running.`,
    { cause },
  );
}

function at(hub: HubAddress): string {
  return isIP(hub.host) === 6 ? `[${hub.host}]:${hub.port}` : `${hub.host}:${hub.port}`;
}
