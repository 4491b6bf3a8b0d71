/**
 * Sealed sections: what travels and is stored at the hub as ciphertext only.
 *
 * Each payload has a key of its own (AES-256-GCM), wrapped for every recipient by an ephemeral X25519
 * agreement and HKDF-SHA256. The additional data names the unit, the record and the section, so a
 * payload moved to another row does not open. Nonces are random and keys are used once.
 *
 *   0x01 · n · n × (key id 16 · ephemeral public key 32 · wrapped key 48) · nonce 12 · text · tag 16
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

import { sha256 } from './signature.ts';

const version = 1;
const keyIdBytes = 16;
const publicKeyBytes = 32;
const dataKeyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const wrappedBytes = dataKeyBytes + tagBytes;
const recipientBytes = keyIdBytes + publicKeyBytes + wrappedBytes;
const cipher = 'aes-256-gcm';
const info = 'lienthong sealed section v1';
/** DER of an X25519 public key up to its 32 bytes (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex');
/** A wrapping key is derived for one payload and one recipient and used once. */
const wrappingNonce = Buffer.alloc(nonceBytes);

/** Where a payload belongs; all three are authenticated with it. */
export type SealedPlace = {
  readonly agency: string;
  readonly recordId: string;
  readonly section: number;
};

export function createSealingKey(): KeyObject {
  return generateKeyPairSync('x25519').privateKey;
}

/** The 32 bytes by which a key is told to the other side; of a private key, those of its public half. */
export function rawPublicKeyOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(spkiPrefix.length);
}

/** The public key of 32 bytes. Throws a RangeError where they are not 32. */
export function publicKeyOfBytes(bytes: Uint8Array): KeyObject {
  if (bytes.length !== publicKeyBytes) throw new RangeError('an X25519 public key has 32 bytes');
  return createPublicKey({
    key: Buffer.concat([spkiPrefix, bytes]),
    format: 'der',
    type: 'spki',
  });
}

export function sealPayload(
  text: Uint8Array,
  place: SealedPlace,
  recipients: readonly KeyObject[],
): Buffer {
  const aad = placeBytes(place);
  const dataKey = randomBytes(dataKeyBytes);
  const nonce = randomBytes(nonceBytes);
  return Buffer.concat([
    Buffer.from([version, recipients.length]),
    ...recipients.map((recipient) => wrapKey(dataKey, rawPublicKeyOf(recipient), aad)),
    nonce,
    encrypt(dataKey, nonce, aad, text),
  ]);
}

/** The text, or undefined where the payload is not for this key, was moved or was changed. */
export function openPayload(
  payload: Uint8Array,
  place: SealedPlace,
  privateKey: KeyObject,
): Buffer | undefined {
  const bytes = Buffer.from(payload);
  const count = bytes[1] ?? 0;
  const textAt = 2 + count * recipientBytes + nonceBytes;
  if (bytes[0] !== version || bytes.length < textAt + tagBytes) return undefined;
  const aad = placeBytes(place);
  const ownKey = rawPublicKeyOf(privateKey);
  const ownId = keyIdOf(ownKey);
  for (let i = 0; i < count; i++) {
    const entry = bytes.subarray(2 + i * recipientBytes, 2 + (i + 1) * recipientBytes);
    if (!entry.subarray(0, keyIdBytes).equals(ownId)) continue;
    const ephemeral = entry.subarray(keyIdBytes, keyIdBytes + publicKeyBytes);
    const wrapping = tryWrappingKey(privateKey, ephemeral, ownKey);
    if (wrapping === undefined) return undefined;
    const wrapped = entry.subarray(keyIdBytes + publicKeyBytes);
    const dataKey = decrypt(wrapping, wrappingNonce, aad, wrapped);
    if (dataKey === undefined) return undefined;
    return decrypt(
      dataKey,
      bytes.subarray(textAt - nonceBytes, textAt),
      aad,
      bytes.subarray(textAt),
    );
  }
  return undefined;
}

function wrapKey(dataKey: Uint8Array, recipient: Buffer, aad: Uint8Array): Buffer {
  const pair = generateKeyPairSync('x25519');
  const ephemeral = rawPublicKeyOf(pair.publicKey);
  const wrapping = wrappingKey(pair.privateKey, recipient, { ephemeral, recipient });
  return Buffer.concat([
    keyIdOf(recipient),
    ephemeral,
    encrypt(wrapping, wrappingNonce, aad, dataKey),
  ]);
}

/** Undefined for a point of low order: OpenSSL refuses to agree on a key that everybody knows. */
function tryWrappingKey(own: KeyObject, ephemeral: Buffer, recipient: Buffer): Buffer | undefined {
  try {
    return wrappingKey(own, ephemeral, { ephemeral, recipient });
  } catch {
    return undefined;
  }
}

function wrappingKey(
  own: KeyObject,
  other: Buffer,
  keys: { readonly ephemeral: Buffer; readonly recipient: Buffer },
): Buffer {
  const publicKey = publicKeyOfBytes(other);
  const shared = diffieHellman({ privateKey: own, publicKey });
  const salt = Buffer.concat([keys.ephemeral, keys.recipient]);
  return Buffer.from(hkdfSync('sha256', shared, salt, info, dataKeyBytes));
}

function encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): Buffer {
  const sealing = createCipheriv(cipher, key, nonce).setAAD(aad);
  return Buffer.concat([sealing.update(text), sealing.final(), sealing.getAuthTag()]);
}

function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Buffer,
): Buffer | undefined {
  try {
    const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
      .setAAD(aad)
      .setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return Buffer.concat([
      opening.update(sealed.subarray(0, sealed.length - tagBytes)),
      opening.final(),
    ]);
  } catch {
    return undefined;
  }
}

const placeBytes = ({ agency, recordId, section }: SealedPlace): Buffer =>
  Buffer.from([agency, recordId, String(section)].join('\0'));

const keyIdOf = (raw: Buffer): Buffer => sha256(raw).subarray(0, keyIdBytes);
