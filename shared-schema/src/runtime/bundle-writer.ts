/**
 * Writes a bundle: item by item into a draft beside the file, which gets its name only when it is
 * whole and on the disk. Whatever goes wrong, a file that was there stays as it was, and no half
 * one is left. In memory is one item.
 */
import { createHash, type Hash, type KeyObject, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { domains } from '../wire/domains.ts';
import { bundleItemBytesMax, bundleItemsMax } from '../wire/limits.ts';
import { bundleHeader, type BundleHeader, bundleItem, type BundlePart } from '../wire/messages.ts';
import {
  BundleError,
  bundleMagic,
  lengthBytes,
  placeOfItem,
  signedTrailer,
} from './bundle-format.ts';
import { sealPayload } from './sealing.ts';
import { signBytes } from './signature.ts';

export type NewBundle = {
  readonly path: string;
  /** Whether a file that is there is replaced. */
  readonly force: boolean;
  readonly header: BundleHeader;
  readonly signingKey: KeyObject;
  /** Whose key opens the items; undefined: they stay open, and nothing in them may be personal. */
  readonly recipient: KeyObject | undefined;
};

export type AddItem = (part: BundlePart, subject: Uint8Array, body: Uint8Array) => Promise<void>;

export type WrittenBundle = { readonly items: number; readonly bytes: number };

/**
 * `fill` adds the items, once it is known that the file may be written. Throws a BundleError where
 * the file is there and may not be replaced, where the disk does not take it, or at a limit.
 */
export async function writeBundle(
  bundle: NewBundle,
  fill: (add: AddItem) => Promise<void>,
): Promise<WrittenBundle> {
  await refuseExisting(bundle);
  const folder = dirname(bundle.path);
  const draft = join(folder, `.${basename(bundle.path)}.${randomBytes(8).toString('hex')}.draft`);
  try {
    const written = await writeDraft(draft, bundle, fill);
    // a medium may know no links: who else writes this name in this moment is not found
    await refuseExisting(bundle);
    await onDisk(async () => {
      await rename(draft, bundle.path);
      await using handle = await open(folder, 'r');
      await handle.sync();
    });
    return written;
  } finally {
    await rm(draft, { force: true });
  }
}

/** What the file system says becomes a fault of the bundle; with the name of the error, such as ENOSPC. */
async function onDisk<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new BundleError('unwritten', code, { cause });
  }
}

async function refuseExisting({ path, force }: NewBundle): Promise<void> {
  if (force) return;
  const present = await stat(path).then(
    () => true,
    () => false,
  );
  if (present) throw new BundleError('exists', path);
}

async function writeDraft(
  path: string,
  { header, signingKey, recipient }: NewBundle,
  fill: (add: AddItem) => Promise<void>,
): Promise<WrittenBundle> {
  await using file = await onDisk(() => open(path, 'wx', 0o600));
  const out = new HashedFile(file);
  let items = 0;
  await out.write(bundleMagic);
  await out.writeFrame(bundleHeader.encode(header));
  await fill(async (part, subject, body) => {
    if (items === bundleItemsMax)
      throw new BundleError('unwritten', 'there is too much for one bundle');
    const sealed = recipient !== undefined;
    const bytes = bundleItem.encode({
      part,
      subject,
      sealed,
      body: sealed ? sealPayload(body, placeOfItem(header, { part }, items), [recipient]) : body,
    });
    if (bytes.length > bundleItemBytesMax)
      throw new BundleError('unwritten', 'an item is too large');
    items += 1;
    await out.writeFrame(bytes);
  });
  const signed = signedTrailer(items, out.digest());
  await out.write(Buffer.alloc(lengthBytes));
  await out.write(signed);
  await out.write(signBytes(signingKey, domains.bundle, signed));
  await onDisk(() => file.sync());
  return { items, bytes: out.bytes };
}

/** Writes, and hashes what it wrote. */
class HashedFile {
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await onDisk(() => this.#file.appendFile(bytes));
    this.bytes += bytes.length;
  }

  async writeFrame(bytes: Uint8Array): Promise<void> {
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(bytes.length);
    await this.write(length);
    await this.write(bytes);
  }

  /** Of what was written so far. */
  digest(): Buffer {
    return this.#hash.copy().digest();
  }
}
