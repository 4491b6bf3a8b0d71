import { createPublicKey } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { certificateFingerprint } from '@lienthong/shared-schema/runtime/certificate.ts';
import { publicKeyId, publicKeyToPem } from '@lienthong/shared-schema/runtime/signature.ts';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { createIssuer, createKeyFixture, issueLeaf } from './authority-fixture.ts';
import { clientTlsOptions, loadIdentity, saveIdentity } from './identity.ts';
import { openOrCreateKeys } from './request.ts';

const folder = await mkdtemp(join(tmpdir(), 'identity-'));
const keysOnly = join(folder, 'keys-only');
const keys = await openOrCreateKeys(keysOnly);
const root = createIssuer('Test root');
const otherRoot = createIssuer('Test root');
const notAfter = new Date('2031-02-03T04:05:06Z');
const leafPlan = {
  commonName: 'H52',
  publicPem: publicKeyToPem(createPublicKey(keys.tlsKey)),
  purpose: 'clientAuth',
  notAfter,
} as const;
const certificatePem = issueLeaf(root, leafPlan);
const rootPem = root.certificatePem;
const foreignLeaf = issueLeaf(root, { ...leafPlan, publicPem: createKeyFixture().publicPem });
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(folder, 'node-'));
  await cp(keysOnly, directory, { recursive: true });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('what enrolment saved is the identity that is loaded', async () => {
  await saveIdentity({ directory, certificatePem, rootPem });
  const identity = await loadIdentity(directory);
  expect(identity).toMatchObject({ agency: 'H52', certificatePem, rootPem, notAfter });
  expect(identity.tlsKey.equals(keys.tlsKey)).toBe(true);
  expect(identity.signingKeyId).toBe(publicKeyId(createPublicKey(keys.signingKey)));
  expect(identity.fingerprint).toBe(certificateFingerprint(certificatePem));
  expect(clientTlsOptions(identity)).toMatchObject({
    cert: certificatePem,
    ca: rootPem,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
  });
});

test('a renewed certificate replaces the old one', async () => {
  await saveIdentity({ directory, certificatePem, rootPem });
  const renewed = issueLeaf(root, { ...leafPlan, notAfter: new Date('2033-01-01T00:00:00Z') });
  await saveIdentity({ directory, certificatePem: renewed, rootPem });
  expect((await loadIdentity(directory)).notAfter).toEqual(new Date('2033-01-01T00:00:00Z'));
});

test('an expired certificate is loaded, since a renewal needs it, and says when it ended', async () => {
  const ended = new Date('2026-01-01T00:00:00Z');
  const expired = issueLeaf(root, { ...leafPlan, notAfter: ended });
  await saveIdentity({ directory, certificatePem: expired, rootPem });
  expect((await loadIdentity(directory)).notAfter).toEqual(ended);
});

test.each(['tls.key.pem', 'signing.key.pem', 'tls.cert.pem', 'root.cert.pem'])(
  'without %s the node says which file is missing and to enrol',
  async (file) => {
    await saveIdentity({ directory, certificatePem, rootPem });
    await rm(join(directory, file));
    const error: unknown = await loadIdentity(directory).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ fault: 'missing' });
    expect(String(error)).toContain(`${file} is not in`);
    expect(String(error)).toContain('npm run node -- enrol INVITATION');
  },
);

test.each([
  ['a certificate for another key', foreignLeaf, rootPem, 'mismatch', 'another TLS key'],
  [
    'a root of the same name with another key',
    certificatePem,
    otherRoot.certificatePem,
    'mismatch',
    'not issued by the root',
  ],
  ['a leaf in place of the root', certificatePem, certificatePem, 'mismatch', 'not a root'],
  ['no certificate', 'damaged', rootPem, 'unusable', 'tls.cert.pem is not a certificate'],
  ['no root', certificatePem, 'damaged', 'unusable', 'root.cert.pem is not a certificate'],
])('%s is neither saved nor loaded', async (_, certificate, rootText, fault, words) => {
  await expect(
    saveIdentity({ directory, certificatePem: certificate, rootPem: rootText }),
  ).rejects.toMatchObject({ fault });
  await expect(loadIdentity(directory)).rejects.toMatchObject({ fault: 'missing' });

  await writeFile(join(directory, 'tls.cert.pem'), certificate);
  await writeFile(join(directory, 'root.cert.pem'), rootText);
  const error: unknown = await loadIdentity(directory).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ fault });
  expect(String(error)).toContain(words);
});
