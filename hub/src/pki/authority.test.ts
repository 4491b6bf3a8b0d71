import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  certificateCommonName,
  certificateFingerprint,
} from '@lienthong/shared-schema/runtime/certificate.ts';
import { publicKeyToPem, sha256 } from '@lienthong/shared-schema/runtime/signature.ts';
import forge from 'node-forge';
import { afterAll, expect, test } from 'vitest';

import type { IssuedCertificate } from './authority.ts';
import {
  createAuthority,
  issueNodeCertificate,
  issueServerCertificate,
  openAuthority,
  saveAuthority,
} from './authority.ts';
import { forgeRequest } from './request-fixture.ts';
import { createRsaKeyPair } from './rsa-key.ts';

const dayMs = 86_400_000;
const now = new Date();
const later = (days: number): Date => new Date(now.getTime() + days * dayMs);
const [authority, otherAuthority, pair, folder] = await Promise.all([
  createAuthority({ now, commonName: 'Lien Thong test root' }),
  createAuthority({ now: new Date('2031-05-01T00:00:00Z'), commonName: 'Other root' }),
  createRsaKeyPair(),
  mkdtemp(join(tmpdir(), 'authority-')),
]);
const csrPem = forgeRequest({ ...pair, subject: [{ name: 'commonName', value: 'H52' }] });
const names = ['hub.example.test', 'LOCALHOST', '127.0.0.1', '::1'];
const publicKeyPem = publicKeyToPem(pair.publicKey);
const server = issueServerCertificate(authority, { names, publicKeyPem, now });
const node = issueNode(now);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function issueNode(at: Date, days?: number): IssuedCertificate {
  const outcome = issueNodeCertificate(authority, {
    agency: 'H52',
    csrPem,
    now: at,
    ...(days === undefined ? {} : { days }),
  });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.certificate;
}

function daysBetween(from: Date | string, to: Date | string): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / dayMs;
}

async function writePem(name: string, pem: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, pem);
  return path;
}

function opensslStatus(ca: string, purpose: string, path: string): number | null {
  const options = ['-x509_strict', '-check_ss_sig', '-purpose', purpose, '-CAfile', ca];
  return spawnSync('openssl', ['verify', ...options, path]).status;
}

test('the root is a self-signed RSA-3072 authority for twenty years', () => {
  const root = authority.certificate;
  expect(root.ca).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(root.checkIssued(root)).toBe(true);
  expect(root.checkPrivateKey(authority.privateKey)).toBe(true);
  expect(root.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
  expect(Math.floor(daysBetween(now, root.validTo) / 365.25)).toBe(19);
  expect(daysBetween(now, root.validTo)).toBeCloseTo(7305, 3);
});

/** The extensions as another program reads them: name → facts. */
function extensionsOf(pem: string): Map<unknown, unknown> {
  const { extensions } = forge.pki.certificateFromPem(pem);
  return new Map(extensions.map((extension) => [extension.name, extension]));
}

function keyIdOf(pem: string): unknown {
  return forge.pki.certificateFromPem(pem).generateSubjectKeyIdentifier().toHex();
}

test('the root may sign leaves and lists of revoked leaves, and nothing else', () => {
  const extensions = extensionsOf(authority.certificatePem);
  expect(extensions.get('basicConstraints')).toMatchObject({
    critical: true,
    cA: true,
    pathLenConstraint: 0,
  });
  expect(extensions.get('keyUsage')).toMatchObject({
    critical: true,
    keyCertSign: true,
    cRLSign: true,
    digitalSignature: false,
    keyEncipherment: false,
  });
  const keyId = keyIdOf(authority.certificatePem);
  expect(extensions.get('subjectKeyIdentifier')).toMatchObject({ subjectKeyIdentifier: keyId });
});

test('a leaf may only sign handshakes, and names its own key and that of the root', () => {
  for (const { certificatePem } of [node, server]) {
    const extensions = extensionsOf(certificatePem);
    expect(extensions.get('basicConstraints')).toMatchObject({ critical: true, cA: false });
    expect(extensions.get('keyUsage')).toMatchObject({
      critical: true,
      digitalSignature: true,
      keyCertSign: false,
      cRLSign: false,
    });
    expect(extensions.get('subjectKeyIdentifier')).toMatchObject({
      subjectKeyIdentifier: keyIdOf(certificatePem),
    });
    const rootKeyId = String(keyIdOf(authority.certificatePem));
    // The value is SEQUENCE { [0] key identifier of 20 bytes }.
    expect(extensions.get('authorityKeyIdentifier')).toMatchObject({
      value: Buffer.from(`30168014${rootKeyId}`, 'hex').toString('latin1'),
    });
  }
});

test('a root that ends after 2049 says so with four digits of the year', () => {
  expect(otherAuthority.certificate.validTo).toBe('May  1 00:00:00 2051 GMT');
  expect(otherAuthority.certificate.validFrom).toBe('Apr 30 23:00:00 2031 GMT');
});

test('a node certificate names the agency, is for clients, and lasts two years', () => {
  const certificate = new X509Certificate(node.certificatePem);
  expect(certificate.subject).toBe('CN=H52');
  expect(certificate.subjectAltName).toBe('URI:urn:lienthong:agency:H52');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(authority.certificate.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority.certificate)).toBe(true);
  expect(certificate.verify(otherAuthority.certificate.publicKey)).toBe(false);
  expect(certificate.publicKey.equals(pair.publicKey)).toBe(true);
  expect(daysBetween(now, node.notAfter)).toBeCloseTo(730, 3);
  expect(node.notBefore.getTime()).toBeLessThan(now.getTime());
});

test('a server certificate is for its names and addresses only, and for servers', () => {
  const certificate = new X509Certificate(server.certificatePem);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.checkHost('hub.example.test')).toBe('hub.example.test');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkHost('other.example.test')).toBeUndefined();
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkIP('::1')).toBe('::1');
  expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
});

test.each(['*.example.test', 'bộ.example', 'a b', '-x', 'x..y', ''])(
  'a server certificate for %j is refused',
  (name) => {
    expect(() => issueServerCertificate(authority, { names: [name], publicKeyPem, now })).toThrow(
      'an IP address or an ASCII host name',
    );
  },
);

test('the fingerprint is the SHA-256 of the DER, from PEM and from DER', () => {
  const { raw } = new X509Certificate(node.certificatePem);
  expect(node.fingerprint).toBe(sha256(raw).toString('hex'));
  expect(certificateFingerprint(raw)).toBe(node.fingerprint);
  expect(certificateFingerprint(node.certificatePem + server.certificatePem)).toBe(
    node.fingerprint,
  );
  expect(certificateCommonName(new X509Certificate(raw))).toBe('H52');
});

test('serial numbers are positive, carry 128 random bits and differ', () => {
  const serials = Array.from({ length: 20 }, () => issueNode(now).serialNumber);
  expect(serials.filter((serial) => /^0?1[0-9a-f]{32}$/u.test(serial))).toHaveLength(20);
  expect(new Set(serials).size).toBe(20);
});

test('a leaf never outlives the root nor begins before it', () => {
  const root = authority.certificate;
  const last = issueNode(later(7300));
  expect(last.notAfter).toEqual(new Date(root.validTo));
  expect(issueNode(now).notBefore).toEqual(new Date(root.validFrom));
  expect(issueNode(later(1)).notBefore.getTime()).toBeGreaterThan(Date.parse(root.validFrom));
});

test('a root that has ended issues nothing and says so', () => {
  expect(() => issueNode(later(7306))).toThrow(expect.objectContaining({ fault: 'expired' }));
});

test('a refused request comes back as a reason and not as an exception', () => {
  expect(issueNodeCertificate(authority, { agency: 'H53', csrPem, now })).toEqual({
    kind: 'refused',
    reason: 'wrong-name',
  });
  expect(issueNodeCertificate(authority, { agency: 'H52', csrPem: 'x', now })).toEqual({
    kind: 'refused',
    reason: 'unparsable',
  });
});

test('a saved authority is opened again and issues under the same root', async () => {
  const directory = join(folder, 'saved');
  await saveAuthority(directory, authority);
  expect((await stat(join(directory, 'ca.key.pem'))).mode & 0o777).toBe(0o600);
  const opened = await openAuthority(directory);
  expect(opened.commonName).toBe('Lien Thong test root');
  const outcome = issueNodeCertificate(opened, { agency: 'H52', csrPem, now });
  const pem = outcome.kind === 'issued' ? outcome.certificate.certificatePem : '';
  expect(new X509Certificate(pem).verify(authority.certificate.publicKey)).toBe(true);
});

test('an authority is never saved over another', async () => {
  const directory = join(folder, 'kept');
  await saveAuthority(directory, authority);
  await expect(saveAuthority(directory, otherAuthority)).rejects.toMatchObject({ fault: 'exists' });
  expect((await openAuthority(directory)).commonName).toBe('Lien Thong test root');
});

test('an empty directory says that the hub must be initialised', async () => {
  const error: unknown = await openAuthority(join(folder, 'none')).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ fault: 'missing' });
  expect(String(error)).toContain('npm run hub -- init');
});

test.each([
  ['another root', otherAuthority.certificatePem],
  ["a node's certificate for another key", node.certificatePem],
  ['a damaged file', 'damaged'],
])('%s beside the key is noticed', async (_, pem) => {
  const directory = await mkdtemp(join(folder, 'mixed-'));
  await saveAuthority(directory, authority);
  await writeFile(join(directory, 'ca.cert.pem'), pem);
  await expect(openAuthority(directory)).rejects.toMatchObject({ fault: 'mismatch' });
});

test('a lost root certificate is not taken for a hub without authority', async () => {
  const directory = join(folder, 'lost');
  await saveAuthority(directory, authority);
  await rm(join(directory, 'ca.cert.pem'));
  const error: unknown = await openAuthority(directory).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ fault: 'missing' });
  expect(String(error)).toContain('restore ca.cert.pem from the backup');
});

test("an authority's key that others can read is refused", async () => {
  const directory = join(folder, 'open');
  await saveAuthority(directory, authority);
  await chmod(join(directory, 'ca.key.pem'), 0o640);
  await expect(openAuthority(directory)).rejects.toMatchObject({ fault: 'unsafe-mode' });
});

test.runIf(hasOpenssl)('openssl accepts the chain strictly, for its purpose only', async () => {
  const root = await writePem('root.pem', authority.certificatePem);
  const wrongRoot = await writePem('wrong-root.pem', otherAuthority.certificatePem);
  const [leaf, hub] = [
    await writePem('node.pem', node.certificatePem),
    await writePem('hub.pem', server.certificatePem),
  ];
  expect(opensslStatus(root, 'sslclient', leaf)).toBe(0);
  expect(opensslStatus(root, 'sslserver', hub)).toBe(0);
  expect(opensslStatus(root, 'any', root)).toBe(0);
  expect(opensslStatus(root, 'sslserver', leaf)).not.toBe(0);
  expect(opensslStatus(root, 'sslclient', hub)).not.toBe(0);
  expect(opensslStatus(wrongRoot, 'sslclient', leaf)).not.toBe(0);
});
