// Signing keys: making them, keeping them in files, signing and verifying with them.
//
// Ed25519 by node:crypto and nothing else: the algorithm belongs to the key, never to the message.
// Every signature covers a domain tag, so a receipt can never be taken for a batch. Signatures are
// evidence, not identity: never compare or de-duplicate messages by their signature bytes.
// Secret files appear complete, fsynced and with mode 0600, or not at all. This module never logs
// and never puts the content of a file into an error.

import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const signatureBytes = 64;
const secretMode = 0o600;
/** Any permission of group or others. */
const foreignModeBits = 0o077;

export type SigningKeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

export type CredentialFault =
  /** A file that should be there is not. */
  | 'missing'
  /** A file that must be new is already there. */
  | 'exists'
  /** A secret file that group or others may read or write. */
  | 'unsafe-mode'
  /** The content is not what it should be: damaged, or another kind of key. */
  | 'unusable'
  /** Key, certificate and root do not belong together. */
  | 'mismatch'
  /** A certificate whose time is over. */
  | 'expired';

/** A key or certificate cannot be used; the message tells the operator what to do. */
export class CredentialError extends Error {
  readonly fault: CredentialFault;

  constructor(fault: CredentialFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CredentialError';
    this.fault = fault;
  }
}

/**
 * Ed25519 over the domain tag, a zero byte and the bytes. The zero byte ends the tag, so no tag can
 * borrow characters from the message. Returns 64 bytes.
 */
export function signBytes(key: KeyObject, domain: string, bytes: Uint8Array): Uint8Array {
  assert.equal(key.asymmetricKeyType, 'ed25519', 'batches and receipts are signed with Ed25519');
  return sign(null, inDomain(domain, bytes), key);
}

/** Whether the signature is this key's, over these bytes, in this domain. Garbage is just `false`. */
export function verifyBytes(
  publicKey: KeyObject,
  domain: string,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519' || publicKey.type !== 'public') return false;
  if (signature.length !== signatureBytes) return false;
  return verify(null, inDomain(domain, bytes), publicKey, signature);
}

export function createSigningKeyPair(): SigningKeyPair {
  return generateKeyPairSync('ed25519');
}

/** The first 32 hex characters of the SHA-256 of the SPKI: names a key in logs and tables. */
export function publicKeyId(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return sha256(spki).toString('hex').slice(0, 32);
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

export function publicKeyToPem(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** Reads an Ed25519 public key in PEM. Anything else is a {@link CredentialError} `unusable`. */
export function publicKeyFromPem(pem: string): KeyObject {
  const key = parseKey(() => createPublicKey({ key: publicBlock(pem), format: 'pem' }));
  return onlyEd25519(key, 'signing public key');
}

/** Keeps the key as PKCS#8 PEM in a new secret file. */
export async function writeSigningKey(path: string, privateKey: KeyObject): Promise<void> {
  await writeSecretFile(path, privateKeyToPem(privateKey));
}

/** Reads what {@link writeSigningKey} wrote, and refuses any other kind of key. */
export async function readSigningKey(path: string): Promise<KeyObject> {
  return onlyEd25519(await readPrivateKey(path), path);
}

/** Reads a private key of any kind from a secret file: the caller checks that it is the kind it needs. */
export async function readPrivateKey(path: string): Promise<KeyObject> {
  const pem = await readSecretFile(path);
  const key = parseKey(() => createPrivateKey({ key: pem, format: 'pem' }));
  if (key === undefined) {
    throw new CredentialError(
      'unusable',
      `${path} does not hold a private key in PEM. Restore the file from the backup of this installation.`,
    );
  }
  return key;
}

export function privateKeyToPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Writes a new file that only its owner can read. A file already there is left alone: `exists`. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await writeFileDurably({ path, text, mode: secretMode, replace: false });
}

/** Reads a secret file, and refuses one that group or others have any access to. */
export async function readSecretFile(path: string): Promise<string> {
  await using file = await openForReading(path);
  // The open file is asked, not the path: nobody can swap the file between the check and the read.
  const { mode } = await file.stat();
  if ((mode & foreignModeBits) !== 0) {
    throw new CredentialError(
      'unsafe-mode',
      `${path} holds a secret but others than its owner have access to it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}). ` +
        `If nobody else can have read it, run: chmod 600 '${path}'. Otherwise replace the key.`,
    );
  }
  return await file.readFile('utf8');
}

/**
 * The file is complete and on the disk when this returns; a crash leaves the old state. With
 * `replace: false` a file that is already there wins, also against a writer at the same moment.
 */
export async function writeFileDurably(options: {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly replace: boolean;
}): Promise<void> {
  const { path, text, mode, replace } = options;
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${randomBytes(8).toString('hex')}.draft`);
  try {
    await writeDraft(draft, text, mode);
    // link() fails where a file is, rename() replaces it: both all or nothing.
    await (replace ? rename(draft, path) : link(draft, path));
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause;
    throw new CredentialError('exists', `${path} is already there and was not changed.`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
  await using handle = await open(folder, 'r');
  await handle.sync();
}

async function writeDraft(path: string, text: string, mode: number): Promise<void> {
  await using file = await open(path, 'wx', mode);
  // The umask has cut the mode at creation; state it again so that it is what was asked for.
  await file.chmod(mode);
  await file.writeFile(text);
  await file.sync();
}

async function openForReading(path: string) {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw cause;
    throw new CredentialError('missing', `${path} is not there.`, { cause });
  }
}

function inDomain(domain: string, bytes: Uint8Array): Buffer {
  assert.match(domain, /^[\u0021-\u007e]+$/u, 'a signature domain is printable ASCII');
  return Buffer.concat([Buffer.from(`${domain}\0`, 'ascii'), bytes]);
}

const publicKeyPattern =
  /^\s*-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/u;

/**
 * createPublicKey also accepts a private key, and a key with anything behind it; what arrives must be
 * one public key and nothing else.
 */
function publicBlock(pem: string): string {
  return publicKeyPattern.test(pem) ? pem : '';
}

function onlyEd25519(key: KeyObject | undefined, what: string): KeyObject {
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new CredentialError(
    'unusable',
    `${what} is not an Ed25519 key. Restore it from the backup of this installation, or enrol again.`,
  );
}

function parseKey(parse: () => KeyObject): KeyObject | undefined {
  try {
    return parse();
  } catch {
    // OpenSSL's reason says nothing an operator could use, and might quote the input.
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
