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
  readonly receiptedSeq: bigint;
  readonly bundleKey: Uint8Array;
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
  readonly released: boolean;
  readonly bundleKey: Uint8Array;
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
  readonly policyVersion: bigint;
};

export type Block = {
  readonly section: number;
  readonly catalogueVersion: number;
  readonly columns: readonly number[];
  readonly rowCount: number;
  readonly rows: Uint8Array;
};

export type CorrectionAnswer = {
  readonly recordId: string;
  readonly correction: string;
  readonly contested: boolean;
  readonly reason: string;
};

export type BatchContent = {
  readonly blocks: readonly Block[];
  readonly marker: string;
  readonly answers: readonly CorrectionAnswer[];
};

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

export type ArchivedBatch = {
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly content: Uint8Array;
  readonly receipt: Uint8Array;
  readonly receiptSignature: Uint8Array;
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

export type WireReach = 'NATIONAL' | 'SEALED' | 'UNIT';

export type SectionReach = { readonly section: number; readonly reach: WireReach };

export type PolicyBody = {
  readonly hubIncarnation: bigint;
  readonly version: bigint;
  readonly audience: Uint8Array;
  readonly reaches: readonly SectionReach[];
  readonly asOf: string;
};

export type WireCorrection = {
  readonly id: string;
  readonly section: number;
  readonly field: number;
  readonly unitValue: string;
  readonly sourceValue: string;
  readonly contested: boolean;
};

export type ComparisonState = 'MATCHED' | 'DIFFERS' | 'NOT_FOUND' | 'WITHHELD' | 'STALE';

export type WireComparison = {
  readonly recordId: string;
  readonly source: string;
  readonly state: ComparisonState;
  readonly asOf: string;
  readonly version: bigint;
  readonly corrections: readonly WireCorrection[];
};

export type FeedContent = {
  readonly blocks: readonly Block[];
  readonly verdicts: readonly Verdict[];
  readonly markers: readonly string[];
  readonly totals: readonly NationalTotals[];
  readonly checkpoints: readonly Checkpoint[];
  readonly resends: readonly string[];
  readonly policies: readonly SignedBody[];
  readonly codeLists: readonly SignedBody[];
  readonly comparisons: readonly WireComparison[];
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

export type DigestTreeRequest = {
  readonly prefixes: readonly Uint8Array[];
  readonly records: readonly Uint8Array[];
};

export type DigestBranch = {
  readonly prefix: Uint8Array;
  readonly records: bigint;
  readonly rows: bigint;
  readonly digest: Uint8Array;
};

export type RecordDigest = {
  readonly recordId: Uint8Array;
  readonly digest: Uint8Array;
  readonly kind: number;
  readonly version: bigint;
  readonly held: boolean;
  readonly sections: readonly SectionDigest[];
};

export type DigestTreeBody = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly requestHash: Uint8Array;
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly feedHead: bigint;
  readonly heldBack: bigint;
  readonly branches: readonly DigestBranch[];
  readonly leaves: readonly RecordDigest[];
};

export type ResendRequest = { readonly records: readonly Uint8Array[] };

export type ResendReply = { readonly feedHead: bigint };

export type VerificationReport = {
  readonly protocol: number;
  readonly audience: Uint8Array;
  readonly agency: string;
  readonly hubIncarnation: bigint;
  readonly headSeq: bigint;
  readonly feedCursor: bigint;
  readonly root: Uint8Array;
  readonly mirrorRoot: Uint8Array;
  readonly records: bigint;
  readonly differing: bigint;
  readonly heldBack: bigint;
  readonly repaired: bigint;
  readonly deep: boolean;
  readonly madeAtMs: bigint;
};

export type VerificationFrame = { readonly report: Uint8Array; readonly signature: Uint8Array };

export type VerificationReceiptBody = {
  readonly hubIncarnation: bigint;
  readonly agency: string;
  readonly reportHash: Uint8Array;
  readonly appliedSeq: bigint;
  readonly feedHead: bigint;
  readonly root: Uint8Array;
  readonly confirmed: boolean;
};

export type VerificationReply = { readonly receipt: Uint8Array; readonly signature: Uint8Array };

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

export type BundleDirection = 'TO_HUB' | 'TO_NODE';

export type BundleHeader = {
  readonly protocol: number;
  readonly audience: Uint8Array;
  readonly agency: string;
  readonly direction: BundleDirection;
  readonly bundleId: Uint8Array;
  readonly answers: Uint8Array;
  readonly madeAtMs: bigint;
  readonly hubIncarnation: bigint;
};

export type BundlePart =
  | 'HELLO'
  | 'BATCH'
  | 'TOTALS'
  | 'FEED_REQUEST'
  | 'HELLO_REPLY'
  | 'PUSH_REPLY'
  | 'TOTALS_REPLY'
  | 'FEED_PAGE';

export type BundleItem = {
  readonly part: BundlePart;
  readonly subject: Uint8Array;
  readonly sealed: boolean;
  readonly body: Uint8Array;
};

export type BundleFeedRequest = { readonly hubIncarnation: bigint; readonly cursor: bigint };

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
export const archivedBatch = codec<ArchivedBatch>('ArchivedBatch');
export const verdict = codec<Verdict>('Verdict');
export const nationalTotals = codec<NationalTotals>('NationalTotals');
export const checkpoint = codec<Checkpoint>('Checkpoint');
export const checkpointBody = codec<CheckpointBody>('CheckpointBody');
export const policyBody = codec<PolicyBody>('PolicyBody');
export const policy = codec<SignedBody>('Policy');
/** A page has up to 10,000 verdicts, and a verdict as many faults as a record has fields. */
export const feedContent = codec<FeedContent>('FeedContent', { fieldsMax: 20_000_000 });
export const feedHeader = codec<FeedHeader>('FeedHeader');
export const feedPage = codec<FeedPage>('FeedPage');
export const digestTreeRequest = codec<DigestTreeRequest>('DigestTreeRequest');
export const digestTreeBody = codec<DigestTreeBody>('DigestTreeBody');
export const digestTreeReply = codec<SignedBody>('DigestTreeReply');
export const resendRequest = codec<ResendRequest>('ResendRequest');
export const resendReply = codec<ResendReply>('ResendReply');
export const verificationReport = codec<VerificationReport>('VerificationReport');
export const verificationFrame = codec<VerificationFrame>('VerificationFrame');
export const verificationReceiptBody = codec<VerificationReceiptBody>('VerificationReceiptBody');
export const verificationReply = codec<VerificationReply>('VerificationReply');
export const totalsReport = codec<TotalsReport>('TotalsReport');
export const totalsFrame = codec<TotalsFrame>('TotalsFrame');
export const totalsReceiptBody = codec<TotalsReceiptBody>('TotalsReceiptBody');
export const totalsReply = codec<TotalsReply>('TotalsReply');
export const bundleHeader = codec<BundleHeader>('BundleHeader');
export const bundleItem = codec<BundleItem>('BundleItem');
export const bundleFeedRequest = codec<BundleFeedRequest>('BundleFeedRequest');
export const refusal = codec<Refusal>('Refusal');
