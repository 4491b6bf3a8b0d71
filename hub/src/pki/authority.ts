// The hub's certificate authority: one root key, and the certificates issued under it.
//
// It promises: a node's certificate is issued only on a request that proved possession of its key
// and names exactly the agency; every certificate is read back and verified by node:crypto before it
// leaves; a leaf never outlives the root. It does not decide who may enrol, and keeps no register of
// what it issued: both belong to enrolment.

import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';

import {
  certificateCommonName,
  certificateFingerprint,
} from '@lienthong/shared-schema/runtime/certificate.ts';
import {
  CredentialError,
  privateKeyToPem,
  readPrivateKey,
  writeFileDurably,
  writeSecretFile,
} from '@lienthong/shared-schema/runtime/signature.ts';

import type { CertificateUse, SubjectAltName } from './certificate-builder.ts';
import { buildCertificate } from './certificate-builder.ts';
import { createRsaKeyPair, isAcceptedRsaKey } from './rsa-key.ts';
import type { SigningRequestRefusal } from './signing-request.ts';
import { judgeSigningRequest } from './signing-request.ts';

const dayMs = 86_400_000;
/** Twenty years, leap days included. */
const rootDays = 7305;
export const nodeCertificateDays = 730;
export const serverCertificateDays = 365;
/** Certificates begin a little in the past: a clock that is slow by less still accepts them. */
const clockAllowanceMs = 3_600_000;

const keyFile = 'ca.key.pem';
const certificateFile = 'ca.cert.pem';
const commonNamePattern = /^[A-Za-z0-9](?:[A-Za-z0-9 .-]{0,62}[A-Za-z0-9])?$/u;
const agencyPattern = /^[A-Z0-9](?:[A-Z0-9.-]{0,62}[A-Z0-9])?$/u;
const hostnamePattern =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/iu;

export type Authority = {
  readonly commonName: string;
  readonly certificate: X509Certificate;
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
};

export type IssuedCertificate = {
  readonly certificatePem: string;
  /** SHA-256 of the DER, lower-case hex: the name of the certificate in the hub's registry. */
  readonly fingerprint: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
};

export type NodeCertificateOutcome =
  | { readonly kind: 'issued'; readonly certificate: IssuedCertificate }
  | { readonly kind: 'refused'; readonly reason: SigningRequestRefusal };

/** A new root in memory. {@link saveAuthority} keeps it. */
export async function createAuthority(options: {
  readonly now: Date;
  readonly commonName: string;
}): Promise<Authority> {
  const { now, commonName } = options;
  assert.match(commonName, commonNamePattern, 'the name of an authority is short plain ASCII');
  const { privateKey, publicKey } = await createRsaKeyPair();
  const certificatePem = buildCertificate({
    subject: commonName,
    issuer: commonName,
    notBefore: wholeSecond(now.getTime() - clockAllowanceMs),
    notAfter: wholeSecond(now.getTime() + rootDays * dayMs),
    subjectKey: publicKey,
    issuerPublicKey: publicKey,
    issuerPrivateKey: privateKey,
    use: { kind: 'authority' },
  });
  return toAuthority({ certificatePem, privateKey, where: 'the new authority' });
}

/** Keeps the root in a directory, made if needed. An authority already there is left alone: `exists`. */
export async function saveAuthority(directory: string, authority: Authority): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Key first: a certificate without its key would look like an authority and issue nothing.
  await writeSecretFile(join(directory, keyFile), privateKeyToPem(authority.privateKey));
  await writeFileDurably({
    path: join(directory, certificateFile),
    text: authority.certificatePem,
    mode: 0o644,
    replace: false,
  });
}

/** Reads what {@link saveAuthority} wrote, and checks that key and certificate belong together. */
export async function openAuthority(directory: string): Promise<Authority> {
  const privateKey = await readKeyFile(directory);
  const certificatePem = await readCertificateFile(directory);
  return toAuthority({ certificatePem, privateKey, where: directory });
}

/** A certificate for the hub's own TLS server, valid for these host names and IP addresses. */
export function issueServerCertificate(
  authority: Authority,
  options: {
    readonly names: readonly string[];
    readonly publicKeyPem: string;
    readonly now: Date;
    readonly days?: number;
  },
): IssuedCertificate {
  assert.ok(options.names.length > 0, 'a server certificate needs a name');
  const subjectKey = createPublicKey(options.publicKeyPem);
  assert.ok(isAcceptedRsaKey(subjectKey), "the hub's TLS key is RSA of at least 3072 bits");
  return issue(authority, {
    subject: 'Lien Thong hub',
    subjectKey,
    now: options.now,
    days: options.days ?? serverCertificateDays,
    use: { kind: 'server', names: options.names.map(toServerName) },
  });
}

/** A client certificate for the agency's node, or the reason why the request is refused. */
export function issueNodeCertificate(
  authority: Authority,
  options: {
    readonly agency: string;
    readonly csrPem: string;
    readonly now: Date;
    readonly days?: number;
  },
): NodeCertificateOutcome {
  const { agency, csrPem, now, days = nodeCertificateDays } = options;
  assert.match(agency, agencyPattern, 'an agency code is capitals, digits, dots and hyphens');
  const verdict = judgeSigningRequest({ csrPem, agency });
  if (verdict.kind === 'refused') return verdict;
  const certificate = issue(authority, {
    subject: agency,
    subjectKey: verdict.publicKey,
    now,
    days,
    use: { kind: 'client', names: [{ kind: 'uri', uri: `urn:lienthong:agency:${agency}` }] },
  });
  return { kind: 'issued', certificate };
}

type LeafPlan = {
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly now: Date;
  readonly days: number;
  readonly use: CertificateUse;
};

function issue(authority: Authority, plan: LeafPlan): IssuedCertificate {
  const root = authority.certificate;
  const [rootBegins, rootEnds] = [Date.parse(root.validFrom), Date.parse(root.validTo)];
  const now = plan.now.getTime();
  if (now >= rootEnds) {
    throw new CredentialError(
      'expired',
      `The hub's certificate authority ended on ${root.validTo}. Make a new one and enrol the nodes again.`,
    );
  }
  const notBefore = wholeSecond(Math.max(now - clockAllowanceMs, rootBegins));
  const notAfter = wholeSecond(Math.min(now + plan.days * dayMs, rootEnds));
  assert.ok(notBefore < notAfter, 'a certificate ends after it begins');
  const certificatePem = buildCertificate({
    subject: plan.subject,
    issuer: authority.commonName,
    notBefore,
    notAfter,
    subjectKey: plan.subjectKey,
    issuerPublicKey: root.publicKey,
    issuerPrivateKey: authority.privateKey,
    use: plan.use,
  });
  return readBack(authority, plan, certificatePem);
}

/** What OpenSSL reads in the new certificate must be what was meant, before anybody else sees it. */
function readBack(authority: Authority, plan: LeafPlan, certificatePem: string): IssuedCertificate {
  const root = authority.certificate;
  const certificate = new X509Certificate(certificatePem);
  assert.ok(certificate.verify(root.publicKey), 'the new certificate verifies under the root');
  assert.ok(certificate.checkIssued(root), 'the new certificate names the root as issuer');
  assert.ok(certificate.publicKey.equals(plan.subjectKey), 'it certifies the key it was asked for');
  assert.ok(!certificate.ca, 'a leaf is no authority');
  assert.equal(certificateCommonName(certificate), plan.subject);
  return {
    certificatePem,
    fingerprint: certificateFingerprint(certificatePem),
    serialNumber: certificate.serialNumber.toLowerCase(),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

function toServerName(name: string): SubjectAltName {
  if (isIP(name) !== 0) return { kind: 'ip', address: name };
  assert.match(name, hostnamePattern, 'a server name is an IP address or an ASCII host name');
  return { kind: 'dns', name: name.toLowerCase() };
}

function toAuthority(options: {
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
  readonly where: string;
}): Authority {
  const { certificatePem, privateKey, where } = options;
  const certificate = parseCertificate(certificatePem);
  const commonName = certificate && certificateCommonName(certificate);
  if (
    certificate === undefined ||
    commonName === undefined ||
    !certificate.ca ||
    !certificate.checkPrivateKey(privateKey) ||
    !certificate.verify(certificate.publicKey)
  ) {
    throw new CredentialError(
      'mismatch',
      `${keyFile} and ${certificateFile} of ${where} are not an authority's key and its root certificate. Restore both from the same backup.`,
    );
  }
  return { commonName, certificate, certificatePem, privateKey };
}

async function readKeyFile(directory: string): Promise<KeyObject> {
  try {
    return await readPrivateKey(join(directory, keyFile));
  } catch (cause) {
    if (!(cause instanceof CredentialError) || cause.fault !== 'missing') throw cause;
    throw new CredentialError(
      'missing',
      `There is no certificate authority in ${directory}. Run: npm run hub -- init. If this hub had one, restore ${keyFile} and ${certificateFile} from the backup instead: nodes trust only the old root.`,
      { cause },
    );
  }
}

async function readCertificateFile(directory: string): Promise<string> {
  const path = join(directory, certificateFile);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CredentialError(
      'missing',
      `${path} cannot be read, but ${keyFile} is there. If the authority was in use, restore ${certificateFile} from the backup. If it was just being made, delete ${keyFile} and run: npm run hub -- init.`,
      { cause },
    );
  }
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
