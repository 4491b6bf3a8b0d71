/**
 * What writer and reader of a bundle agree on: its beginning, its end, and where each item belongs.
 * The layout is in `sync.proto`.
 */
import type { BundleHeader, BundleItem } from '../wire/messages.ts';
import type { SealedPlace } from './sealing.ts';

/** The bytes before the first frame. */
export const bundleMagic = Buffer.from('lienthong bundle 1\n', 'ascii');
export const lengthBytes = 4;
export const headerBytesMax = 4_096;
/** Number of items and hash: what is signed. */
export const signedBytes = 8 + 32;
export const signatureBytes = 64;

export type BundleFault =
  /** It is no whole bundle of its sender, as it was made. */
  | 'invalid'
  /** There is a file of this name already. */
  | 'exists'
  /** The file could not be written. */
  | 'unwritten';

/** A bundle cannot be read or written; the message says what is wrong. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly fault: BundleFault;

  constructor(fault: BundleFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** The number of items and the SHA-256 of everything before the end. */
export function signedTrailer(items: number, hash: Uint8Array): Buffer {
  const bytes = Buffer.alloc(signedBytes);
  bytes.writeBigUInt64BE(BigInt(items));
  bytes.set(hash, 8);
  return bytes;
}

/** A sealed item opens only in its own bundle, at its own place, as what it is. */
export function placeOfItem(
  header: Pick<BundleHeader, 'agency' | 'bundleId'>,
  item: Pick<BundleItem, 'part'>,
  index: number,
): SealedPlace {
  return {
    agency: header.agency,
    recordId: `${Buffer.from(header.bundleId).toString('hex')}/${index}`,
    section: partNumbers[item.part],
  };
}

const partNumbers: Readonly<Record<BundleItem['part'], number>> = {
  HELLO: 1,
  BATCH: 2,
  TOTALS: 3,
  FEED_REQUEST: 4,
  HELLO_REPLY: 5,
  PUSH_REPLY: 6,
  TOTALS_REPLY: 7,
  FEED_PAGE: 8,
};

/** A number as a subject names it: 8 bytes, big endian. */
export function subjectOfNumber(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** The subject of an answer to a hello: whose nonce it is, and which head it stated. */
export function subjectOfHello(hello: {
  readonly helloNonce: Uint8Array;
  readonly headSeq: bigint;
}): Buffer {
  return Buffer.concat([hello.helloNonce, subjectOfNumber(hello.headSeq)]);
}
