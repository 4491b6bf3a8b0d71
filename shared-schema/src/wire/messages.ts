/** The messages of `sync.proto` as types, and a codec for each. */
import { codec } from './codec.ts';

export type Relation = 'EQUAL' | 'NODE_AHEAD' | 'NODE_BEHIND' | 'FORKED' | 'HUB_BEHIND' | 'CLONED';

export type PushOutcome = 'ACCEPTED' | 'DUPLICATE' | 'GAP' | 'FORK' | 'FENCED' | 'BUSY';

export type HelloRequest = {
  readonly protocol: number;
  readonly agency: string;
  readonly helloNonce: Uint8Array;
  readonly lineageToken: Uint8Array;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  readonly hubIncarnation: bigint;
  readonly feedCursor: bigint;
  readonly catalogueVersion: number;
  readonly software: string;
  readonly clockMs: bigint;
  readonly unsealed: bigint;
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
  readonly nightSlot: string;
  readonly batchRecordsMax: number;
  readonly batchBytesMax: bigint;
  readonly catalogueVersion: number;
  readonly clockMs: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly feedHead: bigint;
};

/** Signed bytes: what the body's codec wrote, and the signature over exactly these bytes. */
export type SignedBody = { readonly body: Uint8Array; readonly signature: Uint8Array };

export type BatchHeader = {
  readonly protocol: number;
  readonly audience: Uint8Array;
  readonly agency: string;
  readonly signingKey: string;
  readonly seq: bigint;
  readonly prevHash: Uint8Array;
  readonly catalogueVersion: number;
  readonly codec: 'ZSTD';
  readonly contentHash: Uint8Array;
  readonly contentBytes: bigint;
  readonly rawBytes: bigint;
  readonly recordCount: number;
  readonly sealedAtMs: bigint;
};

export type Block = {
  readonly section: number;
  readonly catalogueVersion: number;
  readonly columns: readonly number[];
  readonly rowCount: number;
  readonly rows: Uint8Array;
};

export type BatchContent = { readonly blocks: readonly Block[]; readonly marker: string };

export type BatchFrame = {
  readonly hubIncarnation: bigint;
  readonly epoch: bigint;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly content: Uint8Array;
};

export type ReceiptBody = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  readonly headerHash: Uint8Array;
  readonly receivedAtMs: bigint;
};

export type ProgressBody = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
};

export type PushReply = {
  readonly outcome: PushOutcome;
  readonly receipt: Uint8Array;
  readonly receiptSignature: Uint8Array;
  readonly progress: Uint8Array;
  readonly progressSignature: Uint8Array;
  readonly sendFrom: bigint;
  readonly retryAfterS: number;
};

export type Fault = { readonly code: string; readonly section: number; readonly field: string };

export type Verdict = {
  readonly recordId: string;
  readonly version: bigint;
  readonly seq: bigint;
  readonly faults: readonly Fault[];
};

export type Figure = { readonly measure: string; readonly key: string; readonly value: bigint };

export type NationalTotals = {
  readonly asOf: string;
  readonly agencies: number;
  readonly figures: readonly Figure[];
};

export type Checkpoint = {
  readonly number: bigint;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
};

export type CheckpointBody = {
  readonly hubIncarnation: bigint;
  readonly number: bigint;
  readonly prevHash: Uint8Array;
  readonly root: Uint8Array;
  readonly agencies: number;
  readonly asOf: string;
};

export type FeedContent = {
  readonly blocks: readonly Block[];
  readonly verdicts: readonly Verdict[];
  readonly markers: readonly string[];
  readonly totals: readonly NationalTotals[];
  readonly checkpoints: readonly Checkpoint[];
  readonly resends: readonly string[];
};

export type FeedHeader = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly fromCursor: bigint;
  readonly toCursor: bigint;
  readonly feedHead: bigint;
  readonly codec: 'ZSTD';
  readonly contentHash: Uint8Array;
  readonly rawBytes: bigint;
};

export type FeedPage = {
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly content: Uint8Array;
  readonly progress: Uint8Array;
  readonly progressSignature: Uint8Array;
};

export type SectionDigest = {
  readonly section: number;
  readonly rows: bigint;
  readonly digest: Uint8Array;
};

export type DigestBody = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly feedHead: bigint;
  readonly sections: readonly SectionDigest[];
  readonly heldBack: bigint;
};

export type TotalsReport = {
  readonly protocol: number;
  readonly audience: Uint8Array;
  readonly agency: string;
  readonly asOf: string;
  readonly headSeq: bigint;
  readonly figures: readonly Figure[];
};

export type TotalsFrame = { readonly report: Uint8Array; readonly signature: Uint8Array };

export type TotalsReceiptBody = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly asOf: string;
  readonly reportHash: Uint8Array;
};

export type TotalsReply = { readonly receipt: Uint8Array; readonly signature: Uint8Array };

export type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly retryAfterS: number;
};

export const helloRequest = codec<HelloRequest>('HelloRequest');
export const helloBody = codec<HelloBody>('HelloBody');
export const helloReply = codec<SignedBody>('HelloReply');
export const block = codec<Block>('Block');
export const batchHeader = codec<BatchHeader>('BatchHeader');
export const batchContent = codec<BatchContent>('BatchContent');
export const batchFrame = codec<BatchFrame>('BatchFrame');
export const receiptBody = codec<ReceiptBody>('ReceiptBody');
export const progressBody = codec<ProgressBody>('ProgressBody');
export const pushReply = codec<PushReply>('PushReply');
export const verdict = codec<Verdict>('Verdict');
export const nationalTotals = codec<NationalTotals>('NationalTotals');
export const checkpoint = codec<Checkpoint>('Checkpoint');
export const checkpointBody = codec<CheckpointBody>('CheckpointBody');
export const feedContent = codec<FeedContent>('FeedContent');
export const feedHeader = codec<FeedHeader>('FeedHeader');
export const feedPage = codec<FeedPage>('FeedPage');
export const digestBody = codec<DigestBody>('DigestBody');
export const digestReply = codec<SignedBody>('DigestReply');
export const totalsReport = codec<TotalsReport>('TotalsReport');
export const totalsFrame = codec<TotalsFrame>('TotalsFrame');
export const totalsReceiptBody = codec<TotalsReceiptBody>('TotalsReceiptBody');
export const totalsReply = codec<TotalsReply>('TotalsReply');
export const refusal = codec<Refusal>('Refusal');
