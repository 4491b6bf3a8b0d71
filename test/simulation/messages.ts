/**
 * What travels in the simulation: the messages of the protocol with the fields that decide anything,
 * as values. A signature is who signed; nobody can write another's name. Hashes are real.
 *
 * The types are written out, not picked from `wire/messages.ts`: signatures, hashes and times are of
 * other types here, and whether a new field of the wire decides anything has to be thought of.
 */
import { hash } from 'node:crypto';

import type { PushOutcome, Relation } from '@lienthong/shared-schema/wire/messages.ts';

export type Signed<T> = { readonly signer: string; readonly body: T };

export const hubSigner = 'hub';

/** Sections of a record by tag. A section that is not there is empty. */
export type Sections = Readonly<Record<number, string>>;

/** The section that makes a person exist: its text begins with the PIN. */
export const headTag = 10;
export const travellingTags: readonly number[] = [10, 11, 12, 20];

/** In a batch as in a page of the feed. */
export type BatchRecord = {
  readonly recordId: string;
  readonly version: bigint;
  readonly op: 'U' | 'D';
  readonly whole: boolean;
  readonly tags: readonly number[];
  readonly rows: Sections;
};

export type BatchContent = { readonly records: readonly BatchRecord[]; readonly marker: string };

export type Header = {
  readonly agency: string;
  readonly seq: bigint;
  readonly prevHash: Uint8Array;
  readonly contentHash: string;
  readonly sealedAtMs: number;
};

export type Frame = {
  readonly kind: 'push';
  /** The machine, for whoever looks on: no decision sees it. */
  readonly from: string;
  readonly agency: string;
  readonly hubIncarnation: bigint;
  readonly epoch: bigint;
  readonly header: Signed<Header>;
  readonly content: BatchContent;
};

export type Hello = {
  readonly kind: 'hello';
  readonly from: string;
  readonly agency: string;
  readonly helloNonce: Uint8Array;
  readonly lineageToken: Uint8Array;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  readonly receiptedSeq: bigint;
  readonly hubIncarnation: bigint;
  readonly clockMs: number;
};

export type HelloBody = {
  readonly agency: string;
  readonly helloNonce: Uint8Array;
  readonly hubIncarnation: bigint;
  readonly epoch: bigint;
  readonly relation: Relation;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  readonly lineageToken: Uint8Array;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  /** An operator has released the unit, and no machine has come since. */
  readonly released: boolean;
  readonly clockMs: number;
};

export type Receipt = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  readonly headerHash: Uint8Array;
  readonly receivedAtMs: number;
};

export type Progress = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
};

export type PushReply = {
  readonly outcome: PushOutcome;
  readonly receipt: Signed<Receipt> | undefined;
  readonly progress: Signed<Progress>;
  readonly sendFrom: bigint;
  readonly retryAfterS: number;
};

export type FeedRequest = {
  readonly kind: 'feed';
  readonly agency: string;
  readonly after: bigint;
};

export type Verdict = {
  readonly recordId: string;
  readonly version: bigint;
  readonly seq: bigint;
  readonly codes: readonly string[];
};

export type Checkpoint = {
  readonly hubIncarnation: bigint;
  readonly number: bigint;
  readonly prevHash: Uint8Array;
  readonly root: string;
};

export type PageContent = {
  readonly records: readonly BatchRecord[];
  readonly verdicts: readonly Verdict[];
  readonly markers: readonly string[];
  readonly checkpoints: readonly Signed<Checkpoint>[];
};

export type PageHeader = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly fromCursor: bigint;
  readonly toCursor: bigint;
  readonly feedHead: bigint;
};

export type Page = {
  readonly header: Signed<PageHeader>;
  readonly content: PageContent;
  readonly progress: Signed<Progress>;
};

/** One's own batch from the archive, asked for by number. */
export type ArchiveRequest = {
  readonly kind: 'archive';
  readonly agency: string;
  readonly seq: bigint;
};

export type ArchivedBatch = {
  readonly header: Signed<Header>;
  readonly content: BatchContent;
  readonly receipt: Signed<Receipt>;
};

export type Request = Frame | Hello | FeedRequest | ArchiveRequest;

/** An answer of 400 and above: a code of the hub's catalogue. */
export type Refusal = { readonly kind: 'refusal'; readonly code: string };

export type Reply =
  | { readonly kind: 'hello'; readonly answer: Signed<HelloBody> }
  | { readonly kind: 'push'; readonly answer: PushReply }
  | { readonly kind: 'feed'; readonly answer: Page }
  | { readonly kind: 'archive'; readonly answer: ArchivedBatch }
  | Refusal;

export const nothing = new Uint8Array(0);

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

export const digest = (text: string): string => hash('sha256', text, 'hex');

const headerHashes = new WeakMap<Header, Uint8Array>();
const contentHashes = new WeakMap<BatchContent, string>();

/** The hash of a batch: that of its header, which has the hash of the content. */
export function headerHash(header: Header): Uint8Array {
  const known = headerHashes.get(header);
  if (known !== undefined) return known;
  const { agency, seq, prevHash, sealedAtMs } = header;
  const text = `${agency} ${seq} ${hex(prevHash)} ${header.contentHash} ${sealedAtMs}`;
  const made = new Uint8Array(hash('sha256', text, 'buffer'));
  headerHashes.set(header, made);
  return made;
}

/** The hash of a content as it travels; bigint has no JSON. */
export function contentHash(content: BatchContent): string {
  const known = contentHashes.get(content);
  if (known !== undefined) return known;
  let text = content.marker;
  for (const { recordId, version, op, whole, tags, rows } of content.records) {
    text += `\n${recordId}\t${version}\t${op}\t${whole}\t${tags.join()}\t${JSON.stringify(rows)}`;
  }
  const made = digest(text);
  contentHashes.set(content, made);
  return made;
}

export function checkpointHash({ hubIncarnation, number, prevHash, root }: Checkpoint): Uint8Array {
  const text = `${hubIncarnation} ${number} ${hex(prevHash)} ${root}`;
  return new Uint8Array(hash('sha256', text, 'buffer'));
}

/** The PIN of a head section; empty where it has none. */
export const pinOf = (head: string | undefined): string => head?.split(' ')[0] ?? '';
