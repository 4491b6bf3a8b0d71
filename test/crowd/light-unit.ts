/**
 * A unit without a database: the node's own way to the hub, its own waits and retries, with a
 * certificate of its own, and a chain of signed batches that are made as they are sent. It does what a
 * night's run does: hello, push, feed until its own marker is back, a question about the tree.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { compress, expand } from '@lienthong/shared-schema/runtime/compress.ts';
import {
  publicKeyId,
  sha256,
  signBytes,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchContent,
  batchFrame,
  batchHeader,
  digestTreeBody,
  digestTreeReply,
  digestTreeRequest,
  feedContent,
  feedHeader,
  feedPage,
  helloBody,
  helloReply,
  helloRequest,
  pushReply,
  receiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';

import { NodeError } from '../../node/src/errors.ts';
import { type HubLink, openHubLink } from '../../node/src/link/hub-link.ts';
import { withRetries } from '../../node/src/sync/with-retries.ts';
import { blocksOf, type TestRecord } from '../support/test-records.ts';
import type { CrowdHub, CrowdUnit } from './crowd-hub.ts';

export type LightRun = {
  readonly agency: string;
  readonly receipts: number;
  /** Waits that the hub or the line made necessary. */
  readonly waits: number;
  /** From the start to the last receipt, and to the end. */
  readonly receiptedMs: number;
  readonly endedMs: number;
};

const feedPauseMs = 500;

/** Throws what a node would end with: refused, or busy beyond the deadline. */
export async function runLightUnit(
  hub: CrowdHub,
  unit: CrowdUnit,
  batches: readonly (readonly TestRecord[])[],
  deadlineMs: number,
): Promise<LightRun> {
  const startMs = performance.now();
  let waits = 0;
  const options = { deadline: startMs + deadlineMs, onWait: () => void (waits += 1) };
  using link = openHubLink(hub.address, {
    key: unit.key,
    cert: unit.cert,
    ca: hub.rootPem,
  });
  const { epoch, hubIncarnation } = await withRetries(() => greet(link, unit), options);
  const marker = `end of ${unit.agency}`;
  let prevHash: Uint8Array = new Uint8Array(0);
  let receipts = 0;
  for (const [index, records] of batches.entries()) {
    const seq = BigInt(index + 1);
    const last = seq === BigInt(batches.length);
    const blocks = blocksOf(records);
    const raw = batchContent.encode({ blocks, marker: last ? marker : '', answers: [] });
    const content = await compress(raw);
    const header = batchHeader.encode({
      protocol: 1,
      audience: hub.audience,
      agency: unit.agency,
      signingKey: publicKeyId(unit.signing.publicKey),
      seq,
      prevHash,
      catalogueVersion,
      codec: 'ZSTD',
      contentHash: sha256(content),
      contentBytes: BigInt(content.length),
      rawBytes: BigInt(raw.length),
      recordCount: records.length,
      sealedAtMs: BigInt(Date.now()),
      policyVersion: 0n,
    });
    const signature = signBytes(unit.signing.privateKey, domains.batch, header);
    const frame = batchFrame.encode({ hubIncarnation, epoch, header, signature, content });
    prevHash = sha256(header);
    const receipt = await withRetries(() => push(link, frame), options);
    assert.ok(
      verifyBytes(hub.signingKey, domains.receipt, receipt.receipt, receipt.receiptSignature),
    );
    const body = receiptBody.decode(receipt.receipt);
    assert.deepEqual([body.seq, body.agency], [seq, unit.agency]);
    assert.deepEqual(Buffer.from(body.headerHash), Buffer.from(prevHash));
    receipts += 1;
  }
  const receiptedMs = performance.now() - startMs;
  await readUntil(hub, link, marker, options);
  const question = digestTreeRequest.encode({ prefixes: [new Uint8Array(0)], records: [] });
  const tree = await withRetries(() => link.post('/sync/v1/digest/tree', question), options);
  assert.equal(digestTreeBody.decode(digestTreeReply.decode(tree).body).agency, unit.agency);
  const endedMs = performance.now() - startMs;
  return { agency: unit.agency, receipts, waits, receiptedMs, endedMs };
}

async function greet(
  link: HubLink,
  unit: CrowdUnit,
): Promise<{ readonly epoch: bigint; readonly hubIncarnation: bigint }> {
  const reply = await link.post(
    '/sync/v1/hello',
    helloRequest.encode({
      protocol: 1,
      agency: unit.agency,
      // as stored before it is sent: a repeat after a lost answer gets the same welcome
      helloNonce: unit.nonce,
      lineageToken: new Uint8Array(0),
      headSeq: 0n,
      headHash: new Uint8Array(0),
      hubIncarnation: 0n,
      feedCursor: 0n,
      catalogueVersion,
      software: 'crowd',
      clockMs: BigInt(Date.now()),
      unsealed: 0n,
      receiptedSeq: 0n,
      bundleKey: new Uint8Array(0),
    }),
  );
  return helloBody.decode(helloReply.decode(reply).body);
}

async function push(
  link: HubLink,
  frame: Uint8Array,
): Promise<{ readonly receipt: Uint8Array; readonly receiptSignature: Uint8Array }> {
  using way = await link.openSendingWay();
  const reply = pushReply.decode(await way.post('/sync/v1/batches', frame).answer);
  if (reply.outcome === 'BUSY') {
    throw new NodeError('NODE_HUB_BUSY', { retryAfterS: reply.retryAfterS });
  }
  assert.ok(['ACCEPTED', 'DUPLICATE'].includes(reply.outcome), reply.outcome);
  return reply;
}

async function readUntil(
  hub: CrowdHub,
  link: HubLink,
  marker: string,
  options: Parameters<typeof withRetries>[1],
): Promise<void> {
  for (let cursor = 0n; ;) {
    const bytes = await withRetries(() => link.get(`/sync/v1/feed?after=${cursor}`), options);
    const page = feedPage.decode(bytes);
    assert.ok(verifyBytes(hub.signingKey, domains.feed, page.header, page.signature));
    const header = feedHeader.decode(page.header);
    const raw = await expand(page.content, Number(header.rawBytes));
    assert.ok(raw !== undefined);
    if (feedContent.decode(raw).markers.includes(marker)) return;
    if (performance.now() > options.deadline) throw new NodeError('NODE_SYNC_TIMEOUT');
    if (header.toCursor === cursor) await sleep(feedPauseMs);
    cursor = header.toCursor;
  }
}

export const newNonce = (): Buffer => randomBytes(16);
