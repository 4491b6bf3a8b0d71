/**
 * Reads a bundle. `openBundle` goes through the whole file once: it is the sender's, unchanged and
 * complete, or it is refused before anything of it is used. Afterwards items are read one by one, by
 * their place in the file; each is hashed again, so that a file which is exchanged meanwhile is found.
 * In memory are one item and some hundred bytes for each.
 */
import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

import { equalBytes } from '../protocol/equal-bytes.ts';
import { type Codec, WireError } from '../wire/codec.ts';
import { domains } from '../wire/domains.ts';
import { bundleItemBytesMax, bundleItemsMax } from '../wire/limits.ts';
import {
  bundleHeader,
  type BundleHeader,
  bundleItem,
  type BundleItem,
  type BundlePart,
} from '../wire/messages.ts';
import {
  BundleError,
  bundleMagic,
  headerBytesMax,
  lengthBytes,
  placeOfItem,
  signatureBytes,
  signedBytes,
  signedTrailer,
} from './bundle-format.ts';
import { openPayload } from './sealing.ts';
import { sha256, verifyBytes } from './signature.ts';

export type BundleEntry = {
  readonly index: number;
  readonly part: BundlePart;
  readonly subject: Uint8Array;
};

export type OpenBundle = AsyncDisposable & {
  readonly header: BundleHeader;
  /** SHA-256 of everything but the end: one bundle has one. */
  readonly hash: Buffer;
  readonly entries: readonly BundleEntry[];
  /** The body of an item in plain bytes. Throws a BundleError where `key` does not open it. */
  readonly read: (entry: BundleEntry, key: KeyObject) => Promise<Uint8Array>;
};

type Found = BundleEntry & { readonly at: number; readonly bytes: number; readonly hash: Buffer };

/**
 * `keyOf` is asked for the sender's key as soon as the header is read, and may refuse the bundle.
 * Throws a BundleError where the file is not a whole, unchanged bundle of this sender.
 */
export async function openBundle(
  path: string,
  keyOf: (header: BundleHeader) => Promise<KeyObject>,
): Promise<OpenBundle> {
  const file = await openFile(path);
  try {
    const input = new HashedInput(file);
    if (!(await input.read(bundleMagic.length)).equals(bundleMagic)) {
      throw new BundleError('invalid', 'this is no bundle, or one of another version');
    }
    const headerBytes = await input.read(await input.frameLength(headerBytesMax));
    const header = decoded(bundleHeader, headerBytes);
    const senderKey = await keyOf(header);
    const found = await readIndex(input);
    const hash = input.digest();
    await readTrailer(input, senderKey, signedTrailer(found.length, hash));
    const byIndex = new Map(found.map((one) => [one.index, one]));
    return {
      header,
      hash,
      entries: found.map(({ index, part, subject }) => ({ index, part, subject })),
      read: async ({ index }, key) => {
        const place = byIndex.get(index);
        if (place === undefined) throw new RangeError(`the bundle has no item ${index}`);
        return readBody(file, header, place, key);
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new BundleError('invalid', `${path} cannot be read`, { cause });
  }
}

async function readIndex(input: HashedInput): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (;;) {
    const bytes = await input.frameLength(bundleItemBytesMax);
    if (bytes === 0) return found;
    if (found.length === bundleItemsMax) throw new BundleError('invalid', 'it has too many items');
    const at = input.at;
    const frame = await input.read(bytes);
    const { part, subject } = readItem(frame);
    // a copy: the subject is a view on the whole item
    const own = { part, subject: Buffer.from(subject) };
    found.push({ ...own, index: found.length, at, bytes, hash: sha256(frame) });
  }
}

async function readTrailer(input: HashedInput, key: KeyObject, expected: Buffer): Promise<void> {
  const signed = await input.read(signedBytes);
  const signature = await input.read(signatureBytes);
  if (!signed.equals(expected))
    throw new BundleError('invalid', 'it was changed after it was made');
  if (!verifyBytes(key, domains.bundle, signed, signature)) {
    throw new BundleError('invalid', 'it is not signed by who it says');
  }
  if (!(await input.ends())) throw new BundleError('invalid', 'something follows its end');
}

async function readBody(
  file: FileHandle,
  header: BundleHeader,
  place: Found,
  key: KeyObject,
): Promise<Uint8Array> {
  const frame = Buffer.alloc(place.bytes);
  const { bytesRead } = await file.read(frame, 0, frame.length, place.at);
  if (bytesRead < frame.length || !equalBytes(sha256(frame), place.hash)) {
    throw new BundleError('invalid', 'the file was exchanged while it was read');
  }
  const item = readItem(frame);
  if (!item.sealed) return item.body;
  const body = openPayload(item.body, placeOfItem(header, item, place.index), key);
  if (body === undefined) throw new BundleError('invalid', 'it is encrypted for another key');
  return body;
}

const readItem = (frame: Uint8Array): BundleItem => decoded(bundleItem, frame);

function decoded<T>(codec: Codec<T>, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new BundleError('invalid', 'it is damaged', { cause });
  }
}

/** Reads on from where it is, and hashes what it read. */
class HashedInput {
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  at = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(bytes: number): Promise<Buffer> {
    const buffer = await this.#take(bytes);
    this.#hash.update(buffer);
    return buffer;
  }

  /** 0: the end. The length of the end is not part of what is hashed before it. */
  async frameLength(max: number): Promise<number> {
    const bytes = await this.#take(lengthBytes);
    const length = bytes.readUInt32BE();
    if (length > max) throw new BundleError('invalid', 'it is damaged, or an item is too large');
    if (length > 0) this.#hash.update(bytes);
    return length;
  }

  digest(): Buffer {
    return this.#hash.copy().digest();
  }

  async ends(): Promise<boolean> {
    const { bytesRead } = await this.#file.read(Buffer.alloc(1), 0, 1, this.at);
    return bytesRead === 0;
  }

  async #take(bytes: number): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await this.#file.read(buffer, 0, bytes, this.at);
    if (bytesRead < bytes) throw new BundleError('invalid', 'it is cut off');
    this.at += bytes;
    return buffer;
  }
}
