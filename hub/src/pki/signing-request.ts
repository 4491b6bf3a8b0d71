// Judges a node's certificate signing request (PKCS #10) before anything is issued on it.
//
// The request proves possession of its key: its signature is verified by node:crypto over the bytes
// received. Nothing in it but the key and the common name is used; requested extensions are ignored,
// since the hub alone decides what a certificate says. Every refusal is a value, never an exception.

import type { KeyObject } from 'node:crypto';
import { constants, createPublicKey, verify } from 'node:crypto';

import type { DerElement } from './der-reader.ts';
import { readDerElements } from './der-reader.ts';
import { isAcceptedRsaKey } from './rsa-key.ts';

/** A request with an 8192-bit key takes 3 KB in PEM; what is larger is not one of ours. */
export const signingRequestBytesMax = 8192;

export type SigningRequestRefusal =
  | 'too-large'
  | 'unparsable'
  /** Not RSA, not 3072 to 8192 bits, or an unusual exponent. */
  | 'weak-key'
  /** Signed otherwise than with SHA-256 and RSA (PKCS #1 v1.5). */
  | 'wrong-algorithm'
  | 'wrong-signature'
  /** The subject is not exactly the common name of the agency that was invited. */
  | 'wrong-name';

export type SigningRequestVerdict =
  | { readonly kind: 'accepted'; readonly publicKey: KeyObject }
  | { readonly kind: 'refused'; readonly reason: SigningRequestRefusal };

const sequence = 0x30;
const set = 0x31;
const bitString = 0x03;
const attributes = 0xa0;
const textTags: ReadonlySet<number> = new Set([0x0c, 0x13]); // UTF8String, PrintableString
const versionOne = Buffer.from('020100', 'hex');
const commonName = Buffer.from('0603550403', 'hex');
const sha256WithRsa = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const pemPattern =
  /^\s*-----BEGIN CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/u;

export function judgeSigningRequest(options: {
  readonly csrPem: string;
  readonly agency: string;
}): SigningRequestVerdict {
  if (Buffer.byteLength(options.csrPem) > signingRequestBytesMax) return refused('too-large');
  const base64 = pemPattern.exec(options.csrPem)?.[1];
  const parts = base64 === undefined ? undefined : splitRequest(Buffer.from(base64, 'base64'));
  if (parts === undefined) return refused('unparsable');

  const publicKey = readPublicKey(parts.publicKey.raw);
  if (publicKey === undefined) return refused('unparsable');
  if (!isAcceptedRsaKey(publicKey)) return refused('weak-key');
  if (!parts.algorithm.raw.equals(sha256WithRsa)) return refused('wrong-algorithm');
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PADDING };
  if (!verify('sha256', parts.signed.raw, key, parts.signature)) return refused('wrong-signature');
  if (!isOnlyCommonName(parts.subject, options.agency)) return refused('wrong-name');
  return { kind: 'accepted', publicKey };
}

type RequestParts = {
  readonly signed: DerElement;
  readonly subject: DerElement;
  readonly publicKey: DerElement;
  readonly algorithm: DerElement;
  readonly signature: Buffer;
};

/** The parts of CertificationRequest (RFC 2986 §4); `undefined` if its shape is another. */
function splitRequest(der: Buffer): RequestParts | undefined {
  const [request, ...afterRequest] = readDerElements(der) ?? [];
  if (request?.tag !== sequence || afterRequest.length > 0) return undefined;
  const [signed, algorithm, signature, ...more] = readDerElements(request.content) ?? [];
  if (signed?.tag !== sequence || algorithm?.tag !== sequence || more.length > 0) return undefined;
  // The first byte of a bit string counts unused bits: a signature has none.
  if (signature?.tag !== bitString || signature.content[0] !== 0) return undefined;

  const [version, subject, publicKey, extra, ...rest] = readDerElements(signed.content) ?? [];
  if (version?.raw.equals(versionOne) !== true || rest.length > 0) return undefined;
  if (subject?.tag !== sequence || publicKey?.tag !== sequence) return undefined;
  if (extra !== undefined && extra.tag !== attributes) return undefined;
  return { signed, subject, publicKey, algorithm, signature: signature.content.subarray(1) };
}

function readPublicKey(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** One relative name of one attribute, the common name, equal byte by byte: no case folding, no trim. */
function isOnlyCommonName(subject: DerElement, expected: string): boolean {
  const [relativeName, ...otherNames] = readDerElements(subject.content) ?? [];
  if (relativeName?.tag !== set || otherNames.length > 0) return false;
  const [attribute, ...otherAttributes] = readDerElements(relativeName.content) ?? [];
  if (attribute?.tag !== sequence || otherAttributes.length > 0) return false;
  const [type, value, ...more] = readDerElements(attribute.content) ?? [];
  if (type?.raw.equals(commonName) !== true || value === undefined || more.length > 0) return false;
  return textTags.has(value.tag) && value.content.equals(Buffer.from(expected, 'ascii'));
}

function refused(reason: SigningRequestRefusal): SigningRequestVerdict {
  return { kind: 'refused', reason };
}
