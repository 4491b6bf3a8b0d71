// The node's identity after enrolment: keys, certificate and the hub's root, loaded and checked.
//
// What is loaded belongs together: the certificate is for the TLS key and issued by the root. Whether
// it is still in time is left to the caller (`notAfter`), since a renewal needs an expired one too.
// Whether the hub still honours it, only the hub knows.

import type { KeyObject } from 'node:crypto';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';

import {
  certificateCommonName,
  certificateFingerprint,
} from '@lienthong/shared-schema/runtime/certificate.ts';
import {
  CredentialError,
  privateKeyToPem,
  publicKeyId,
  readSigningKey,
  writeFileDurably,
} from '@lienthong/shared-schema/runtime/signature.ts';

import { readTlsKey, signingKeyFile, tlsKeyFile } from './request.ts';

export const certificateFile = 'tls.cert.pem';
export const rootFile = 'root.cert.pem';
const enrolFirst = 'Run: npm run node -- enrol INVITATION';

export type NodeIdentity = {
  readonly agency: string;
  readonly tlsKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly signingKeyId: string;
  readonly certificatePem: string;
  readonly rootPem: string;
  /** SHA-256 of the certificate's DER, lower-case hex. */
  readonly fingerprint: string;
  readonly notAfter: Date;
};

/** Keeps what the hub issued, after checking that it fits the node's key. Replaces an earlier one. */
export async function saveIdentity(options: {
  readonly directory: string;
  readonly certificatePem: string;
  readonly rootPem: string;
}): Promise<void> {
  const { directory, certificatePem, rootPem } = options;
  const tlsKey = await fromFile(directory, tlsKeyFile, readTlsKey);
  checkTogether({ directory, tlsKey, certificatePem, rootPem });
  // Root first: a crash in between leaves a node without a certificate, which `enrol` mends.
  await writePublicFile(join(directory, rootFile), rootPem);
  await writePublicFile(join(directory, certificateFile), certificatePem);
}

/** Everything the node needs to prove who it is; a {@link CredentialError} says what is missing. */
export async function loadIdentity(directory: string): Promise<NodeIdentity> {
  const tlsKey = await fromFile(directory, tlsKeyFile, readTlsKey);
  const signingKey = await fromFile(directory, signingKeyFile, readSigningKey);
  const certificatePem = await fromFile(directory, certificateFile, readText);
  const rootPem = await fromFile(directory, rootFile, readText);
  const { agency, notAfter } = checkTogether({ directory, tlsKey, certificatePem, rootPem });
  return {
    agency,
    tlsKey,
    signingKey,
    signingKeyId: publicKeyId(createPublicKey(signingKey)),
    certificatePem,
    rootPem,
    fingerprint: certificateFingerprint(certificatePem),
    notAfter,
  };
}

/** For `tls.connect` and `https.request` to the hub: only the hub's own root is trusted. */
export function clientTlsOptions(identity: NodeIdentity): SecureContextOptions & {
  readonly rejectUnauthorized: true;
} {
  return {
    key: privateKeyToPem(identity.tlsKey),
    cert: identity.certificatePem,
    ca: identity.rootPem,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
  };
}

function checkTogether(options: {
  readonly directory: string;
  readonly tlsKey: KeyObject;
  readonly certificatePem: string;
  readonly rootPem: string;
}): { readonly agency: string; readonly notAfter: Date } {
  const { directory, tlsKey } = options;
  const certificate = parse(join(directory, certificateFile), options.certificatePem);
  const root = parse(join(directory, rootFile), options.rootPem);
  const agency = certificateCommonName(certificate);
  const fault = firstFault(certificate, root, tlsKey);
  if (fault !== undefined || agency === undefined) {
    throw new CredentialError(
      'mismatch',
      `${fault ?? 'the certificate names no agency'} (in ${directory}). Restore ${tlsKeyFile}, ${certificateFile} and ${rootFile} from the same backup, or ask the hub for a new invitation. ${enrolFirst}`,
    );
  }
  return { agency, notAfter: new Date(certificate.validTo) };
}

function firstFault(
  certificate: X509Certificate,
  root: X509Certificate,
  tlsKey: KeyObject,
): string | undefined {
  if (!certificate.checkPrivateKey(tlsKey)) return 'The certificate is for another TLS key';
  if (!root.ca || !root.verify(root.publicKey)) return 'The root is not a root certificate';
  if (!certificate.checkIssued(root) || !certificate.verify(root.publicKey)) {
    return 'The certificate was not issued by the root';
  }
  return undefined;
}

async function fromFile<T>(
  directory: string,
  file: string,
  read: (path: string) => Promise<T>,
): Promise<T> {
  try {
    return await read(join(directory, file));
  } catch (cause) {
    if (!(cause instanceof CredentialError) || cause.fault !== 'missing') throw cause;
    throw new CredentialError(
      'missing',
      `This node is not enrolled: ${file} is not in ${directory}. ${enrolFirst}`,
      { cause },
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    throw new CredentialError('missing', `${path} is not there.`, { cause });
  }
}

function parse(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CredentialError(
      'unusable',
      `${path} is not a certificate in PEM. Restore it from the backup, or enrol again. ${enrolFirst}`,
      { cause },
    );
  }
}

async function writePublicFile(path: string, text: string): Promise<void> {
  await writeFileDurably({ path, text, mode: 0o644, replace: true });
}
