/**
 * A unit as the hub meets it, written from the published contract: it signs, chains and sends
 * batches, and reads its feed, checking every signature of the hub. It keeps no tables.
 */
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { compress, expand } from '@lienthong/shared-schema/runtime/compress.ts';
import {
  createSigningKeyPair,
  publicKeyId,
  publicKeyToPem,
  sha256,
  signBytes,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchRawBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  batchContent,
  batchFrame,
  type BatchFrame,
  batchHeader,
  type BatchHeader,
  type Block,
  type CorrectionAnswer,
  feedContent,
  type FeedContent,
  feedHeader,
  type FeedHeader,
  feedPage,
  progressBody,
  type ProgressBody,
  pushReply,
  type PushReply,
} from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

import { applyBatches } from '../../hub/src/sync/apply-batches.ts';
import type { Caller } from '../../hub/src/sync/context.ts';
import { receiveBatch } from '../../hub/src/sync/receive-batch.ts';
import { serveFeed } from '../../hub/src/sync/serve-feed.ts';
import type { TestHub } from './test-hub.ts';
import { blocksOf, type TestRecord } from './test-records.ts';

export type TestBatch = {
  readonly seq: bigint;
  readonly header: Buffer;
  readonly headerHash: Buffer;
  readonly signature: Uint8Array;
  readonly content: Buffer;
  /** The frame to be sent; parts of it may be replaced. */
  readonly frame: (changes?: Partial<BatchFrame>) => Buffer;
};

export type BatchOptions = {
  readonly records?: readonly TestRecord[];
  /** In place of the blocks that the records make. */
  readonly blocks?: readonly Block[];
  readonly recordCount?: number;
  readonly marker?: string;
  readonly answers?: readonly CorrectionAnswer[];
  /** In place of the compressed content. */
  readonly content?: Buffer;
  /** Parts of the header to be replaced before it is signed. */
  readonly header?: Partial<BatchHeader>;
};

export type TestPage = {
  readonly header: FeedHeader;
  readonly content: FeedContent;
  readonly progress: ProgressBody;
};

export class TestUnit {
  readonly agency: string;
  readonly keys = createSigningKeyPair();
  epoch = 1n;
  seq = 0n;
  headHash: Uint8Array = new Uint8Array(0);
  readonly #hub: TestHub;

  constructor(hub: TestHub, agency: string) {
    this.#hub = hub;
    this.agency = agency;
  }

  /** What the hub's registry would say of this unit's certificate. */
  get caller(): Caller {
    return { agency: this.agency, signingKeyPem: publicKeyToPem(this.keys.publicKey) };
  }

  /** The next batch of the chain. */
  async seal(options: BatchOptions): Promise<TestBatch> {
    const batch = await this.makeBatch(this.seq + 1n, this.headHash, options);
    this.seq = batch.seq;
    this.headHash = batch.headerHash;
    return batch;
  }

  async makeBatch(seq: bigint, prevHash: Uint8Array, options: BatchOptions): Promise<TestBatch> {
    const { records = [], marker = '', answers = [] } = options;
    const blocks = options.blocks ?? blocksOf(records);
    const raw = batchContent.encode({ blocks, marker, answers });
    const content = options.content ?? (await compress(raw));
    const header = batchHeader.encode({
      protocol: 1,
      audience: this.#hub.audience,
      agency: this.agency,
      signingKey: publicKeyId(this.keys.publicKey),
      seq,
      prevHash,
      catalogueVersion,
      codec: 'ZSTD',
      contentHash: sha256(content),
      contentBytes: BigInt(content.length),
      rawBytes: BigInt(raw.length),
      recordCount: options.recordCount ?? records.length,
      sealedAtMs: BigInt(this.#hub.now().getTime()),
      policyVersion: 0n,
      ...options.header,
    });
    const signature = signBytes(this.keys.privateKey, domains.batch, header);
    const frame = (changes: Partial<BatchFrame> = {}): Buffer =>
      batchFrame.encode({
        hubIncarnation: this.#hub.incarnation,
        epoch: this.epoch,
        header,
        signature,
        content,
        ...changes,
      });
    return { seq, header, headerHash: sha256(header), signature, content, frame };
  }

  async push(batch: TestBatch, changes: Partial<BatchFrame> = {}): Promise<PushReply> {
    return pushReply.decode(await receiveBatch(this.#hub, this.caller, batch.frame(changes)));
  }

  /** Seals, pushes and has the hub apply what waits. Throws unless the batch is accepted. */
  async send(records: readonly TestRecord[], options: BatchOptions = {}): Promise<TestBatch> {
    const batch = await this.seal({ records, ...options });
    const reply = await this.push(batch);
    assert.equal(reply.outcome, 'ACCEPTED');
    await applyBatches(this.#hub, this.agency);
    return batch;
  }

  async pull(after = 0n, entries = 10_000, rawBytes = batchRawBytesMax): Promise<TestPage> {
    const bytes = await serveFeed(this.#hub, this.caller, after, { entries, rawBytes });
    return readPage(bytes, this.#hub.signingKey);
  }
}

/** Reads a page as a careful unit does: signatures, hash and size of the content. */
export async function readPage(bytes: Uint8Array, hubKey: KeyObject): Promise<TestPage> {
  const page = feedPage.decode(bytes);
  const key = createPublicKey(hubKey);
  assert.ok(verifyBytes(key, domains.feed, page.header, page.signature), 'page is signed');
  assert.ok(
    verifyBytes(key, domains.progress, page.progress, page.progressSignature),
    'progress is signed',
  );
  const header = feedHeader.decode(page.header);
  assert.deepEqual(sha256(page.content), Buffer.from(header.contentHash));
  const raw = await expand(page.content, Number(header.rawBytes));
  assert.ok(raw !== undefined, 'the page expands to the size stated');
  return {
    header,
    content: feedContent.decode(raw),
    progress: progressBody.decode(page.progress),
  };
}

/** A unit that is active in the registry under epoch 1, without the calls of an enrolment. */
export async function enrolTestUnit(hub: TestHub, agency = 'H52'): Promise<TestUnit> {
  const unit = new TestUnit(hub, agency);
  await sql`insert into registry.unit (agency, name, status, signing_key, slot, epoch)
    values (${agency}, ${`Test unit ${agency}`}, 'active', ${unit.caller.signingKeyPem},
      '0 0 1 * * *', 1)`.execute(hub.database.db);
  return unit;
}
