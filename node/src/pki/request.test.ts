import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  createSigningKeyPair,
  privateKeyToPem,
  publicKeyFromPem,
  publicKeyToPem,
} from '@lienthong/shared-schema/runtime/signature.ts';
import forge from 'node-forge';
import { afterAll, expect, test } from 'vitest';

import { createKeyFixture } from './authority-fixture.ts';
import { buildSigningRequest, openOrCreateKeys, prepareRequest } from './request.ts';

const folder = await mkdtemp(join(tmpdir(), 'request-'));
const directory = join(folder, 'data', 'keys');
// Two at once, as when a supervisor starts the node while an operator enrols it.
const [request, sameRequest] = await Promise.all([
  prepareRequest({ directory, agency: 'H52' }),
  prepareRequest({ directory, agency: 'H52' }),
]);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('the request proves possession of an RSA-3072 key and names the agency only', () => {
  const parsed = forge.pki.certificationRequestFromPem(request.csrPem);
  expect(parsed.verify()).toBe(true);
  expect(parsed.subject.attributes.map(({ name, value }) => [name, value])).toEqual([
    ['commonName', 'H52'],
  ]);
  const held = createPublicKey(request.keys.tlsKey);
  assert.ok(parsed.publicKey !== null);
  const named = createPublicKey(forge.pki.publicKeyToPem(parsed.publicKey));
  expect(held.equals(named)).toBe(true);
  expect(held.asymmetricKeyDetails?.modulusLength).toBe(3072);
});

test.runIf(hasOpenssl)('openssl verifies the request and reads the name', () => {
  const options = ['req', '-verify', '-noout', '-subject', '-nameopt', 'RFC2253'];
  const { stdout, stderr, status } = spawnSync('openssl', options, {
    input: request.csrPem,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout.trim()).toBe('subject=CN=H52');
  expect(stdout + stderr).toMatch(/self-signature verify OK|verify OK/iu);
});

test('the keys are two, of two kinds, and the signing key is the one announced', () => {
  expect(request.keys.signingKey.asymmetricKeyType).toBe('ed25519');
  const announced = publicKeyFromPem(request.signingPublicKeyPem);
  expect(announced.equals(createPublicKey(request.keys.signingKey))).toBe(true);
});

test('key files can be read by their owner only, and so can their directory', async () => {
  const modes = await Promise.all(
    ['tls.key.pem', 'signing.key.pem', '.'].map((name) => stat(join(directory, name))),
  );
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['600', '600', '700']);
});

test('asking again, also at the same moment, gives the same keys', async () => {
  const again = await openOrCreateKeys(directory);
  for (const keys of [sameRequest.keys, again]) {
    expect(keys.tlsKey.equals(request.keys.tlsKey)).toBe(true);
    expect(keys.signingKey.equals(request.keys.signingKey)).toBe(true);
  }
});

test('a key that others can read is refused and not replaced', async () => {
  const path = join(directory, 'tls.key.pem');
  await chmod(path, 0o644);
  await expect(openOrCreateKeys(directory)).rejects.toMatchObject({ fault: 'unsafe-mode' });
  await chmod(path, 0o600);
  expect((await openOrCreateKeys(directory)).tlsKey.equals(request.keys.tlsKey)).toBe(true);
});

test.each([
  ['a short RSA key', createKeyFixture().privatePem],
  ['an Ed25519 key', privateKeyToPem(createSigningKeyPair().privateKey)],
  ['a public key', publicKeyToPem(createSigningKeyPair().publicKey)],
  ['an empty file', ''],
])('%s in place of the TLS key is refused and not replaced', async (_, pem) => {
  const other = await mkdtemp(join(folder, 'other-'));
  await writeFile(join(other, 'tls.key.pem'), pem, { mode: 0o600 });
  await expect(openOrCreateKeys(other)).rejects.toMatchObject({ fault: 'unusable' });
});

test.each(['', 'h52', 'H52\n', 'Sơn La', 'H52/CN=H01', '.H52'])(
  'a request for %j is a programming error',
  (agency) => {
    expect(() => buildSigningRequest({ agency, tlsKey: request.keys.tlsKey })).toThrow(
      'an agency code is',
    );
  },
);
