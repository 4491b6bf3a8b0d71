// Builds X.509 v3 certificates: node-forge writes the DER, node:crypto signs it (a few
// milliseconds, where forge's own RSA takes a quarter of a second of the event loop).
//
// Names are a single ASCII common name, because forge mangles other letters when it re-encodes a
// parsed name. This module writes what it is told; which certificates may exist at all is decided
// in authority.ts. It parses nothing that came from outside.

import type { KeyObject } from 'node:crypto';
import { createHash, randomBytes, sign } from 'node:crypto';

import type { asn1 as forgeAsn1 } from 'node-forge';
import forge from 'node-forge';

import { ipAddressBytes } from './ip-address.ts';

const { asn1 } = forge;
const { Class, Type } = asn1;

type Asn1 = forgeAsn1.Asn1;

export type SubjectAltName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: string }
  | { readonly kind: 'uri'; readonly uri: string };

export type CertificateUse =
  | { readonly kind: 'authority' }
  | { readonly kind: 'server'; readonly names: readonly SubjectAltName[] }
  | { readonly kind: 'client'; readonly names: readonly SubjectAltName[] };

export type CertificatePlan = {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly issuerPrivateKey: KeyObject;
  readonly use: CertificateUse;
};

const oids = {
  commonName: '2.5.4.3',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** forge types every tag number as a universal type; of these, a context tag uses the number only. */
const contextTag = {
  zero: Type.NONE,
  two: Type.INTEGER,
  three: Type.BITSTRING,
  six: Type.OID,
  seven: Type.ODESC,
} as const;

/** The certificate in PEM, signed by the issuer's key. */
export function buildCertificate(plan: CertificatePlan): string {
  const toSign = sequence([
    tagged(contextTag.zero, [primitive(Type.INTEGER, '\u0002')]), // version 3
    primitive(Type.INTEGER, randomSerial()),
    signatureAlgorithm(),
    name(plan.issuer),
    sequence([time(plan.notBefore), time(plan.notAfter)]),
    name(plan.subject),
    publicKeyInfo(plan.subjectKey),
    tagged(contextTag.three, [sequence(extensions(plan))]),
  ]);
  const signature = sign('sha256', toDer(toSign), plan.issuerPrivateKey);
  const certificate = sequence([toSign, signatureAlgorithm(), bits(signature, 0)]);
  return forge.pem
    .encode({ type: 'CERTIFICATE', body: binary(toDer(certificate)) })
    .replaceAll('\r\n', '\n');
}

function extensions(plan: CertificatePlan): Asn1[] {
  const identifiers = [
    extension(oids.subjectKeyIdentifier, octets(keyIdentifier(plan.subjectKey))),
    extension(
      oids.authorityKeyIdentifier,
      sequence([implicit(contextTag.zero, binary(keyIdentifier(plan.issuerPublicKey)))]),
    ),
  ];
  if (plan.use.kind === 'authority') {
    const authority = sequence([
      primitive(Type.BOOLEAN, '\u00ff'),
      primitive(Type.INTEGER, '\u0000'), // pathLenConstraint: it signs leaves and nothing below
    ]);
    return [
      extension(oids.basicConstraints, authority, 'critical'),
      // Bits 5 and 6: keyCertSign, cRLSign.
      extension(oids.keyUsage, bits(Buffer.from([0b0000_0110]), 1), 'critical'),
      ...identifiers,
    ];
  }
  const purpose = plan.use.kind === 'server' ? oids.serverAuth : oids.clientAuth;
  return [
    extension(oids.basicConstraints, sequence([]), 'critical'), // CA: false is the default value
    // Bit 0: digitalSignature, all that TLS 1.3 asks of a key.
    extension(oids.keyUsage, bits(Buffer.from([0b1000_0000]), 7), 'critical'),
    extension(oids.extendedKeyUsage, sequence([oid(purpose)])),
    extension(oids.subjectAltName, sequence(plan.use.names.map(altName))),
    ...identifiers,
  ];
}

function extension(id: string, value: Asn1, critical?: 'critical'): Asn1 {
  const flag = critical === undefined ? [] : [primitive(Type.BOOLEAN, '\u00ff')];
  return sequence([oid(id), ...flag, octets(toDer(value))]);
}

function altName(entry: SubjectAltName): Asn1 {
  if (entry.kind === 'dns') return implicit(contextTag.two, entry.name);
  if (entry.kind === 'uri') return implicit(contextTag.six, entry.uri);
  return implicit(contextTag.seven, binary(ipAddressBytes(entry.address)));
}

/** 128 random bits. The leading 01 keeps the number positive and its encoding minimal. */
function randomSerial(): string {
  return `\u0001${binary(randomBytes(16))}`;
}

/** RFC 5280 §4.2.1.2 method 1: SHA-1 as a name for the key, not as protection of anything. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const key = publicKey.export({ type: 'pkcs1', format: 'der' });
  return createHash('sha1').update(key).digest();
}

/** RFC 5280 §4.1.2.5: two-digit years until 2049, four digits from 2050. */
function time(at: Date): Asn1 {
  return at.getUTCFullYear() < 2050
    ? primitive(Type.UTCTIME, asn1.dateToUtcTime(at))
    : primitive(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(at));
}

function name(commonName: string): Asn1 {
  const value = primitive(Type.UTF8, commonName);
  const attribute = sequence([oid(oids.commonName), value]);
  return sequence([asn1.create(Class.UNIVERSAL, Type.SET, true, [attribute])]);
}

/** The key goes through node:crypto's own encoder, so its encoding is canonical whoever sent it. */
function publicKeyInfo(key: KeyObject): Asn1 {
  return asn1.fromDer(binary(key.export({ type: 'spki', format: 'der' })));
}

function signatureAlgorithm(): Asn1 {
  return sequence([oid(oids.sha256WithRsa), primitive(Type.NULL, '')]);
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

function octets(bytes: Buffer): Asn1 {
  return primitive(Type.OCTETSTRING, binary(bytes));
}

function bits(bytes: Buffer, unusedBits: number): Asn1 {
  return primitive(Type.BITSTRING, String.fromCodePoint(unusedBits) + binary(bytes));
}

/** [n] EXPLICIT: the tag goes around the items. */
function tagged(tag: forgeAsn1.Type, items: Asn1[]): Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, items);
}

/** [n] IMPLICIT: the tag goes in place of the value's own. */
function implicit(tag: forgeAsn1.Type, value: string): Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, false, value);
}

function toDer(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

/** forge's strings of bytes: one character a byte. */
function binary(bytes: Buffer): string {
  return bytes.toString('latin1');
}
