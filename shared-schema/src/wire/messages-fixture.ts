/**
 * For tests: one example of every message, every field with a value, and the codec that writes it.
 * `golden-messages.json` holds the bytes of each. Not imported by hub or node.
 */
import * as codeLists from './code-list-messages.ts';
import type { Codec } from './codec.ts';
import * as messages from './messages.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const hash = (text: string): Buffer => Buffer.alloc(32, text);

const block: messages.Block = {
  section: 10,
  catalogueVersion: 1,
  columns: [1001, 1, 2],
  rowCount: 1,
  rows: bytes('01900000-0000-7000-8000-000000000001\t001080000001\tNgười Thử\n'),
};
const figure: messages.Figure = { measure: 'people', key: 'travelling', value: 12_345n };
const verdict: messages.Verdict = {
  recordId: '01900000-0000-7000-8000-000000000001',
  version: 3n,
  seq: 7n,
  faults: [{ code: 'required', section: 10, field: 'full_name' }],
};
const totals: messages.NationalTotals = { asOf: '2026-09-01', agencies: 60, figures: [figure] };
const checkpoint: messages.Checkpoint = {
  number: 9n,
  body: bytes('checkpoint body'),
  signature: bytes('signature'),
};
const signed: messages.SignedBody = { body: bytes('signed body'), signature: bytes('signature') };

/** Some codec: what it decodes is an object, and it encodes only what is of its message. */
export type AnyCodec = {
  readonly encode: (message: never) => Buffer;
  readonly decode: (bytes: Uint8Array) => object;
};

export type MessageExample = { readonly codec: AnyCodec; readonly message: object };

function example<T extends object>(codec: Codec<T>, message: T): MessageExample {
  return { codec, message };
}

/** By the name of the message in `sync.proto`. */
export const messageExamples: Readonly<Record<string, MessageExample>> = {
  HelloRequest: example(messages.helloRequest, {
    protocol: 1,
    agency: 'H52',
    helloNonce: bytes('sixteen bytes ok'),
    lineageToken: hash('l'),
    headSeq: 5n,
    headHash: hash('h'),
    hubIncarnation: 1n,
    feedCursor: 2n ** 53n + 1n,
    catalogueVersion: 1,
    software: 'lienthong 0.1.0',
    clockMs: 1_790_000_000_000n,
    unsealed: 8n,
    receiptedSeq: 4n,
    bundleKey: hash('k'),
  }),
  HelloBody: example(messages.helloBody, {
    agency: 'H52',
    helloNonce: bytes('sixteen bytes ok'),
    hubIncarnation: 1n,
    epoch: 4n,
    relation: 'NODE_AHEAD',
    headSeq: 5n,
    headHash: hash('h'),
    lineageToken: hash('l'),
    nightSlot: '0 15 1 * * *',
    batchRecordsMax: 10_000,
    batchBytesMax: 33_554_432n,
    catalogueVersion: 1,
    clockMs: 1_790_000_000_000n,
    appliedSeq: 4n,
    safeSeq: 3n,
    feedHead: 99n,
    released: true,
    bundleKey: hash('k'),
  }),
  HelloReply: example(messages.helloReply, signed),
  BatchHeader: example(messages.batchHeader, {
    protocol: 1,
    audience: hash('a'),
    agency: 'H52',
    signingKey: '0123456789abcdef0123456789abcdef',
    seq: 6n,
    prevHash: hash('p'),
    catalogueVersion: 1,
    codec: 'ZSTD',
    contentHash: hash('c'),
    contentBytes: 1234n,
    rawBytes: 5678n,
    recordCount: 9,
    sealedAtMs: 1_790_000_000_000n,
    policyVersion: 2n,
  }),
  BatchContent: example(messages.batchContent, {
    blocks: [block],
    marker: 'round trip',
    answers: [
      {
        recordId: '0199d5c0-0000-7000-8000-000000000001',
        correction: '0123456789abcdef',
        contested: true,
        reason: 'Theo giấy khai sinh gốc',
      },
    ],
  }),
  BatchFrame: example(messages.batchFrame, {
    hubIncarnation: 1n,
    epoch: 4n,
    header: bytes('header'),
    signature: bytes('signature'),
    content: bytes('content'),
  }),
  ReceiptBody: example(messages.receiptBody, {
    hubIncarnation: 1n,
    agency: 'H52',
    epoch: 4n,
    seq: 6n,
    headerHash: hash('h'),
    receivedAtMs: 1_790_000_000_000n,
  }),
  ProgressBody: example(messages.progressBody, {
    hubIncarnation: 1n,
    agency: 'H52',
    receivedSeq: 6n,
    appliedSeq: 5n,
    safeSeq: 4n,
  }),
  PushReply: example(messages.pushReply, {
    outcome: 'GAP',
    receipt: bytes('receipt'),
    receiptSignature: bytes('receipt signature'),
    progress: bytes('progress'),
    progressSignature: bytes('progress signature'),
    sendFrom: 5n,
    retryAfterS: 30,
  }),
  ArchivedBatch: example(messages.archivedBatch, {
    header: bytes('header'),
    signature: bytes('signature'),
    content: bytes('content'),
    receipt: bytes('receipt'),
    receiptSignature: bytes('receipt signature'),
  }),
  Verdict: example(messages.verdict, verdict),
  NationalTotals: example(messages.nationalTotals, totals),
  Checkpoint: example(messages.checkpoint, checkpoint),
  CheckpointBody: example(messages.checkpointBody, {
    hubIncarnation: 1n,
    number: 9n,
    prevHash: hash('p'),
    root: hash('r'),
    agencies: 60,
    asOf: '2026-09-01',
  }),
  PolicyBody: example(messages.policyBody, {
    hubIncarnation: 1n,
    version: 2n,
    audience: hash('a'),
    reaches: [
      { section: 22, reach: 'SEALED' },
      { section: 24, reach: 'UNIT' },
    ],
    asOf: '2026-09-01',
  }),
  Policy: example(messages.policy, signed),
  CodeListBody: example(codeLists.codeListBody, {
    hubIncarnation: 1n,
    name: 'HINH_THUC_KY_LUAT',
    version: 2,
    audience: hash('a'),
    vi: 'Hình thức kỷ luật',
    en: 'Forms of discipline',
    source: 'Decree 172/2025/NĐ-CP',
    entries: [
      {
        code: '4',
        vi: 'Giáng chức',
        en: 'Demotion',
        from: '',
        to: '2025-06-30',
        status: 'verified',
        aliases: ['Giáng chức vụ'],
        parent: '',
        successor: '5',
        salaryGroup: '',
        note: '',
      },
    ],
    asOf: '2026-09-01',
  }),
  CodeList: example(codeLists.codeList, signed),
  Block: example(messages.block, block),
  FeedContent: example(messages.feedContent, {
    blocks: [block],
    verdicts: [verdict],
    markers: ['round trip'],
    totals: [totals],
    checkpoints: [checkpoint],
    resends: ['0199d5c0-0000-7000-8000-000000000001'],
    policies: [signed],
    codeLists: [signed],
    comparisons: [
      {
        recordId: '0199d5c0-0000-7000-8000-000000000001',
        source: 'population',
        state: 'DIFFERS',
        asOf: '2026-09-01',
        version: 3n,
        corrections: [
          {
            id: '0123456789abcdef',
            section: 10,
            field: 4,
            unitValue: '1980-05',
            sourceValue: '1980-05-12',
            contested: true,
          },
        ],
      },
    ],
  }),
  FeedHeader: example(messages.feedHeader, {
    hubIncarnation: 1n,
    agency: 'H52',
    fromCursor: 10n,
    toCursor: 20n,
    feedHead: 30n,
    codec: 'ZSTD',
    contentHash: hash('c'),
    rawBytes: 5678n,
  }),
  FeedPage: example(messages.feedPage, {
    header: bytes('header'),
    signature: bytes('signature'),
    content: bytes('content'),
    progress: bytes('progress'),
    progressSignature: bytes('progress signature'),
  }),
  DigestTreeRequest: example(messages.digestTreeRequest, {
    prefixes: [bytes('ab')],
    records: [bytes('sixteen bytes ok')],
  }),
  DigestTreeBody: example(messages.digestTreeBody, {
    hubIncarnation: 1n,
    agency: 'H52',
    requestHash: hash('q'),
    receivedSeq: 6n,
    appliedSeq: 5n,
    feedHead: 30n,
    heldBack: 2n,
    branches: [{ prefix: bytes('ab'), records: 15n, rows: 300n, digest: hash('b') }],
    leaves: [
      {
        recordId: bytes('sixteen bytes ok'),
        digest: hash('d'),
        kind: 2,
        version: 3n,
        held: true,
        sections: [{ section: 10, rows: 1000n, digest: hash('s') }],
      },
    ],
  }),
  DigestTreeReply: example(messages.digestTreeReply, signed),
  ResendRequest: example(messages.resendRequest, { records: [bytes('sixteen bytes ok')] }),
  ResendReply: example(messages.resendReply, { feedHead: 31n }),
  VerificationReport: example(messages.verificationReport, {
    protocol: 1,
    audience: hash('a'),
    agency: 'H52',
    hubIncarnation: 1n,
    headSeq: 6n,
    feedCursor: 30n,
    root: hash('r'),
    mirrorRoot: hash('m'),
    records: 1000n,
    differing: 1n,
    heldBack: 2n,
    repaired: 3n,
    deep: true,
    madeAtMs: 1_790_000_000_000n,
  }),
  VerificationFrame: example(messages.verificationFrame, {
    report: bytes('report'),
    signature: bytes('signature'),
  }),
  VerificationReceiptBody: example(messages.verificationReceiptBody, {
    hubIncarnation: 1n,
    agency: 'H52',
    reportHash: hash('h'),
    appliedSeq: 6n,
    feedHead: 30n,
    root: hash('r'),
    confirmed: true,
  }),
  VerificationReply: example(messages.verificationReply, {
    receipt: bytes('receipt'),
    signature: bytes('signature'),
  }),
  TotalsReport: example(messages.totalsReport, {
    protocol: 1,
    audience: hash('a'),
    agency: 'H52',
    asOf: '2026-09-01',
    headSeq: 6n,
    figures: [figure],
  }),
  TotalsFrame: example(messages.totalsFrame, {
    report: bytes('report'),
    signature: bytes('signature'),
  }),
  TotalsReceiptBody: example(messages.totalsReceiptBody, {
    hubIncarnation: 1n,
    agency: 'H52',
    asOf: '2026-09-01',
    reportHash: hash('r'),
  }),
  TotalsReply: example(messages.totalsReply, {
    receipt: bytes('receipt'),
    signature: bytes('signature'),
  }),
  BundleHeader: example(messages.bundleHeader, {
    protocol: 1,
    audience: hash('a'),
    agency: 'H52',
    direction: 'TO_NODE',
    bundleId: bytes('sixteen bytes ok'),
    answers: bytes('sixteen bytes in'),
    madeAtMs: 1_790_000_000_000n,
    hubIncarnation: 2n,
  }),
  BundleItem: example(messages.bundleItem, {
    part: 'PUSH_REPLY',
    subject: hash('h'),
    sealed: true,
    body: bytes('body'),
  }),
  BundleFeedRequest: example(messages.bundleFeedRequest, { hubIncarnation: 2n, cursor: 7n }),
  Refusal: example(messages.refusal, {
    code: 'HUB_BUSY',
    message: 'The hub has too much waiting: try again after Retry-After.',
    retryAfterS: 30,
  }),
};
