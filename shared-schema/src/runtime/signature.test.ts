import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  createSigningKeyPair,
  publicKeyFromPem,
  publicKeyId,
  publicKeyToPem,
  privateKeyToPem,
  readSecretFile,
  readSigningKey,
  sha256,
  signBytes,
  verifyBytes,
  writeFileDurably,
  writeSecretFile,
  writeSigningKey,
} from './signature.ts';

const pair = createSigningKeyPair();
const message = randomBytes(200);
const signature = signBytes(pair.privateKey, 'test/batch', message);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signature-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

test('a signature holds for its own bytes, key and domain', () => {
  expect(signature).toHaveLength(64);
  expect(verifyBytes(pair.publicKey, 'test/batch', message, signature)).toBe(true);
});

test('every single flipped bit of a 200-byte message is noticed', () => {
  const accepted = [];
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    if (verifyBytes(pair.publicKey, 'test/batch', flipped(message, bit), signature))
      accepted.push(bit);
  }
  expect(accepted).toEqual([]);
});

test('every single flipped bit of a signature is noticed', () => {
  const accepted = [];
  for (let bit = 0; bit < signature.length * 8; bit += 1) {
    if (verifyBytes(pair.publicKey, 'test/batch', message, flipped(signature, bit)))
      accepted.push(bit);
  }
  expect(accepted).toEqual([]);
});

test('a signature made for a receipt is refused as that of a batch', () => {
  const receipt = signBytes(pair.privateKey, 'test/receipt', message);
  expect(verifyBytes(pair.publicKey, 'test/receipt', message, receipt)).toBe(true);
  expect(verifyBytes(pair.publicKey, 'test/batch', message, receipt)).toBe(false);
});

test('characters cannot move between the domain and the message', () => {
  const bytes = Buffer.from('batch-1');
  const short = signBytes(pair.privateKey, 'test', bytes);
  expect(verifyBytes(pair.publicKey, 'testb', Buffer.from(bytes.toString().slice(1)), short)).toBe(
    false,
  );
});

test('a bare signature without a domain is refused', () => {
  const bare = sign(null, message, pair.privateKey);
  expect(verifyBytes(pair.publicKey, 'test/batch', message, bare)).toBe(false);
});

test('a domain with a zero byte or none at all is a programming error', () => {
  expect(() => signBytes(pair.privateKey, 'a\0b', message)).toThrow('printable ASCII');
  expect(() => signBytes(pair.privateKey, '', message)).toThrow('printable ASCII');
});

test('another key, or a key of another kind, verifies nothing and does not throw', () => {
  const other = createSigningKeyPair();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(verifyBytes(other.publicKey, 'test/batch', message, signature)).toBe(false);
  expect(verifyBytes(rsa.publicKey, 'test/batch', message, signature)).toBe(false);
  expect(verifyBytes(rsa.publicKey, 'test/batch', message, randomBytes(256))).toBe(false);
});

test('garbage of any length as a signature is refused and does not throw', () => {
  for (const length of [0, 1, 63, 64, 65, 128, 4096]) {
    expect(verifyBytes(pair.publicKey, 'test/batch', message, randomBytes(length))).toBe(false);
  }
});

test('a malleated signature (S + L) is refused', () => {
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const reversed = Buffer.from(signature.slice(32)).toReversed();
  const scalar = BigInt(`0x${Buffer.from(reversed).toString('hex')}`) + order;
  const high = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').toReversed();
  const malleated = Buffer.concat([signature.slice(0, 32), high]);
  expect(malleated).toHaveLength(64);
  expect(verifyBytes(pair.publicKey, 'test/batch', message, malleated)).toBe(false);
});

test('the neutral point as public key does not validate the universal forgery', () => {
  // R = neutral point, S = 0 satisfies the equation for every message under this key.
  const neutral = Buffer.alloc(32);
  neutral[0] = 1;
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), neutral]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const forged = Buffer.concat([neutral, Buffer.alloc(32)]);
  expect(verifyBytes(key, 'test/batch', message, forged)).toBe(false);
});

test('the key id is the start of the SHA-256 of the public key', () => {
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  expect(publicKeyId(pair.publicKey)).toBe(sha256(spki).subarray(0, 16).toString('hex'));
  expect(publicKeyId(createSigningKeyPair().publicKey)).not.toBe(publicKeyId(pair.publicKey));
});

test('SHA-256 of the empty input is the published value', () => {
  expect(sha256(new Uint8Array()).toString('hex')).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});

test('a public key survives PEM, and neither a private key nor RSA is taken for one', () => {
  const read = publicKeyFromPem(publicKeyToPem(pair.publicKey));
  expect(publicKeyId(read)).toBe(publicKeyId(pair.publicKey));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const pem of [privateKeyToPem(pair.privateKey), publicKeyToPem(rsa.publicKey), '', 'x']) {
    expect(() => publicKeyFromPem(pem)).toThrow(expect.objectContaining({ fault: 'unusable' }));
  }
});

test('a signing key written to a file is read back as the same key, readable by its owner only', async () => {
  const path = join(folder, 'signing.key.pem');
  await writeSigningKey(path, pair.privateKey);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const signed = signBytes(await readSigningKey(path), 'test/batch', message);
  expect(verifyBytes(pair.publicKey, 'test/batch', message, signed)).toBe(true);
});

test('a secret file that is there already is never overwritten, and no draft stays behind', async () => {
  const path = join(folder, 'once.pem');
  await writeSecretFile(path, 'first');
  await expect(writeSecretFile(path, 'second')).rejects.toMatchObject({ fault: 'exists' });
  expect(await readSecretFile(path)).toBe('first');
  expect((await readdir(folder)).filter((name) => name.endsWith('.draft'))).toEqual([]);
});

test('of ten writers at once exactly one makes the file', async () => {
  const path = join(folder, 'race.pem');
  const texts = Array.from({ length: 10 }, (_, index) => `writer ${index}`);
  const results = await Promise.allSettled(texts.map((text) => writeSecretFile(path, text)));
  const winners = texts.filter((_, index) => results[index]?.status === 'fulfilled');
  expect(winners).toEqual([await readSecretFile(path)]);
});

test('replacing a file gives it the new content and mode', async () => {
  const path = join(folder, 'replaced.pem');
  await writeFileDurably({ path, text: 'old', mode: 0o600, replace: false });
  await writeFileDurably({ path, text: 'new', mode: 0o644, replace: true });
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o644);
});

test.each([0o640, 0o604, 0o620, 0o610, 0o644])(
  'a secret file with mode %o is refused with the command that mends it',
  async (mode) => {
    const path = join(folder, `open-${mode.toString(8)}.pem`);
    await writeSecretFile(path, 'secret-content');
    await chmod(path, mode);
    const error: unknown = await readSecretFile(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ fault: 'unsafe-mode' });
    expect(String(error)).toContain(`chmod 600 '${path}'`);
    expect(String(error)).not.toContain('secret-content');
    await chmod(path, 0o600);
    expect(await readSecretFile(path)).toBe('secret-content');
  },
);

test('a missing and a damaged key file are told apart, and the content is not quoted', async () => {
  await expect(readSigningKey(join(folder, 'none.pem'))).rejects.toMatchObject({
    fault: 'missing',
  });
  const path = join(folder, 'damaged.pem');
  await writeFile(path, 'not-a-key-at-all', { mode: 0o600 });
  const error: unknown = await readSigningKey(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ fault: 'unusable' });
  expect(String(error)).not.toContain('not-a-key-at-all');
});

test('an RSA key is not accepted as signing key', async () => {
  const path = join(folder, 'rsa.pem');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeSecretFile(path, privateKeyToPem(rsa.privateKey));
  await expect(readSigningKey(path)).rejects.toMatchObject({ fault: 'unusable' });
});
