// The node's own keys, and the signing request (PKCS #10) that asks the hub for a certificate.
//
// Two keys: RSA-3072 for TLS and Ed25519 for batches, each in a secret file under the data directory.
// They are made once: asking again gives the same keys, so an enrolment that broke off goes on where
// it stopped. The private keys never leave the machine. node-forge writes the request's DER,
// node:crypto signs it.

import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  CredentialError,
  createSigningKeyPair,
  privateKeyToPem,
  publicKeyToPem,
  readPrivateKey,
  readSigningKey,
  writeSecretFile,
} from '@lienthong/shared-schema/runtime/signature.ts';
import type { asn1 as forgeAsn1 } from 'node-forge';
import forge from 'node-forge';

const { asn1 } = forge;
const { Class, Type } = asn1;

type Asn1 = forgeAsn1.Asn1;

const tlsKeyBits = 3072;
export const tlsKeyFile = 'tls.key.pem';
export const signingKeyFile = 'signing.key.pem';
const commonNameOid = '2.5.4.3';
const sha256WithRsaOid = '1.2.840.113549.1.1.11';
const agencyPattern = /^[A-Z0-9](?:[A-Z0-9.-]{0,62}[A-Z0-9])?$/u;

export type NodeKeys = { readonly tlsKey: KeyObject; readonly signingKey: KeyObject };

export type EnrolmentRequest = {
  readonly keys: NodeKeys;
  /** PKCS #10 in PEM for the TLS key, with `CN=<agency>`. */
  readonly csrPem: string;
  /** SPKI in PEM. */
  readonly signingPublicKeyPem: string;
};

/** What the node sends to enrol. The directory is made if needed; keys already there are used. */
export async function prepareRequest(options: {
  readonly directory: string;
  readonly agency: string;
}): Promise<EnrolmentRequest> {
  const { directory, agency } = options;
  const keys = await openOrCreateKeys(directory);
  return {
    keys,
    csrPem: buildSigningRequest({ agency, tlsKey: keys.tlsKey }),
    signingPublicKeyPem: publicKeyToPem(createPublicKey(keys.signingKey)),
  };
}

export async function openOrCreateKeys(directory: string): Promise<NodeKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const tlsPath = join(directory, tlsKeyFile);
  const signingPath = join(directory, signingKeyFile);
  const tlsKey = await openOrCreate({ path: tlsPath, read: readTlsKey, create: createTlsKey });
  const signingKey = await openOrCreate({
    path: signingPath,
    read: readSigningKey,
    create: async () => createSigningKeyPair().privateKey,
  });
  return { tlsKey, signingKey };
}

/** Reads the TLS key, and refuses any other kind of key. */
export async function readTlsKey(path: string): Promise<KeyObject> {
  const key = await readPrivateKey(path);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && bits >= tlsKeyBits) return key;
  throw new CredentialError(
    'unusable',
    `${path} is not an RSA key of at least ${tlsKeyBits} bits. Restore it from the backup, or delete it and enrol again.`,
  );
}

export function buildSigningRequest(options: {
  readonly agency: string;
  readonly tlsKey: KeyObject;
}): string {
  const { agency, tlsKey } = options;
  assert.match(agency, agencyPattern, 'an agency code is capitals, digits, dots and hyphens');
  const spki = createPublicKey(tlsKey).export({ type: 'spki', format: 'der' });
  const commonName = sequence([oid(commonNameOid), primitive(Type.UTF8, agency)]);
  const toSign = sequence([
    primitive(Type.INTEGER, '\u0000'), // version 1
    sequence([asn1.create(Class.UNIVERSAL, Type.SET, true, [commonName])]),
    asn1.fromDer(spki.toString('latin1')),
    asn1.create(Class.CONTEXT_SPECIFIC, Type.NONE, true, []), // [0]: no attributes are asked for
  ]);
  const signature = sign('sha256', toDer(toSign), tlsKey);
  const request = sequence([
    toSign,
    sequence([oid(sha256WithRsaOid), primitive(Type.NULL, '')]),
    primitive(Type.BITSTRING, `\u0000${signature.toString('latin1')}`), // no unused bits
  ]);
  return forge.pem
    .encode({ type: 'CERTIFICATE REQUEST', body: toDer(request).toString('latin1') })
    .replaceAll('\r\n', '\n');
}

async function createTlsKey(): Promise<KeyObject> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: tlsKeyBits });
  return pair.privateKey;
}

async function openOrCreate(options: {
  readonly path: string;
  readonly read: (path: string) => Promise<KeyObject>;
  readonly create: () => Promise<KeyObject>;
}): Promise<KeyObject> {
  const { path, read, create } = options;
  try {
    return await read(path);
  } catch (error) {
    if (!isFault(error, 'missing')) throw error;
  }
  try {
    await writeSecretFile(path, privateKeyToPem(await create()));
  } catch (error) {
    // Another process was faster: its key is the one that counts.
    if (!isFault(error, 'exists')) throw error;
  }
  return await read(path);
}

function isFault(error: unknown, fault: CredentialError['fault']): boolean {
  return error instanceof CredentialError && error.fault === fault;
}

function sequence(items: Asn1[]): Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, items);
}

function primitive(type: forgeAsn1.Type, value: string): Asn1 {
  return asn1.create(Class.UNIVERSAL, type, false, value);
}

function oid(id: string): Asn1 {
  return primitive(Type.OID, asn1.oidToDer(id).getBytes());
}

function toDer(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}
