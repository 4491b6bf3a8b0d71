/**
 * What the hub is to have, on a medium: everything sealed that has no receipt, the report of totals,
 * the next hello and the cursor of the feed. The hello comes last, since a welcome ends the epoch
 * under which the batches before it were sent. It is the one of its nonce until it is answered, so
 * that several bundles may be made, lost, or arrive in any order.
 */
import { randomBytes, randomUUID } from 'node:crypto';

import { BundleError } from '@lienthong/shared-schema/runtime/bundle-format.ts';
import { type AddItem, writeBundle } from '@lienthong/shared-schema/runtime/bundle-writer.ts';
import { lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { publicKeyOfBytes } from '@lienthong/shared-schema/runtime/sealing.ts';
import { sha256 } from '@lienthong/shared-schema/runtime/signature.ts';
import {
  batchFrame,
  bundleFeedRequest,
  totalsFrame,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { readFeedPosition } from '../db/feed-position.ts';
import type { Link } from '../db/link.ts';
import { nextUnreceipted, readSealed } from '../db/outbox.ts';
import { NodeError, type NodeErrorCode } from '../errors.ts';
import { maySealOffline } from '../protocol/offline.ts';
import type { EnrolledNode } from './context.ts';
import { makeReport } from './report-totals.ts';
import { composeHello, requireLink } from './say-hello.ts';
import { sealBatch } from './seal-batches.ts';

export type ExportedBundle = {
  readonly agency: string;
  readonly bundle: string;
  /** False where the answer to an earlier hello has to come first: what changed since waits for it. */
  readonly sealed: boolean;
  readonly recordsSealed: number;
  readonly batches: number;
  readonly bytes: number;
};

const empty = new Uint8Array(0);

/** Throws NODE_BUNDLE_… where the file is there or cannot be written; what was sealed stays sealed. */
export async function exportBundle(
  node: EnrolledNode,
  file: { readonly path: string; readonly force: boolean },
): Promise<ExportedBundle> {
  const { hubBundleKey, hubIncarnation } = await requireLink(node);
  const bundleId = randomBytes(16);
  const header = {
    protocol: protocolVersion,
    audience: node.audience,
    agency: node.agency,
    direction: 'TO_HUB',
    bundleId,
    answers: empty,
    madeAtMs: BigInt(node.now().getTime()),
    hubIncarnation,
  } as const;
  const recipient = hubBundleKey === null ? undefined : publicKeyOfBytes(hubBundleKey);
  const { signingKey } = node;
  let counts = { sealed: false, recordsSealed: 0, batches: 0 };
  try {
    const { bytes } = await writeBundle({ ...file, header, signingKey, recipient }, async (add) => {
      // before the hub has told its key nothing but the hello leaves the machine
      if (recipient !== undefined) counts = await addRecords(node, add);
      await addHello(node, add);
    });
    return { agency: node.agency, bundle: bundleId.toString('hex'), ...counts, bytes };
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new NodeError(codes[cause.fault], { cause, detail: cause.message });
  }
}

const codes = {
  invalid: 'NODE_BUNDLE_INVALID',
  exists: 'NODE_BUNDLE_EXISTS',
  unwritten: 'NODE_BUNDLE_UNWRITTEN',
} as const satisfies Record<BundleError['fault'], NodeErrorCode>;

async function addRecords(
  node: EnrolledNode,
  add: AddItem,
): Promise<Pick<ExportedBundle, 'sealed' | 'recordsSealed' | 'batches'>> {
  const { link, recordsSealed } = await sealOffline(node);
  const batches = link.epoch === 0n ? 0 : await addBatches(node, link, add);
  const { report, signature } = await makeReport(node);
  await add('TOTALS', sha256(report), totalsFrame.encode({ report, signature }));
  return { sealed: recordsSealed !== undefined, recordsSealed: recordsSealed ?? 0, batches };
}

/** Seals what may be sealed, with a marker; the link is that under which it was. */
async function sealOffline(
  node: EnrolledNode,
): Promise<{ readonly link: Link; readonly recordsSealed: number | undefined }> {
  // no hello of another process between the question and the seal
  return transaction(node.database, async ({ db }) => {
    await lockName(db, 'hello', 'wait');
    const link = await requireLink(node);
    if (!maySealOffline(link)) return { link, recordsSealed: undefined };
    const greeted = { ...node, session: { ready: true } };
    const marker = randomUUID();
    let recordsSealed = 0;
    for (;;) {
      const sealed = await sealBatch(greeted, marker);
      recordsSealed += sealed?.records ?? 0;
      if (sealed?.more !== true) return { link, recordsSealed };
    }
  });
}

async function addBatches(
  node: EnrolledNode,
  { hubIncarnation, epoch }: Link,
  add: AddItem,
): Promise<number> {
  const { db } = node.database;
  let after = 0n;
  for (let batches = 0; ; batches++) {
    const next = await nextUnreceipted(db, after);
    if (next === undefined) return batches;
    const { header, signature, content, headerHash } = await readSealed(db, next.seq);
    const frame = { hubIncarnation, epoch, header, signature, content };
    await add('BATCH', headerHash, batchFrame.encode(frame));
    after = next.seq;
  }
}

async function addHello(node: EnrolledNode, add: AddItem): Promise<void> {
  const { bytes, helloNonce } = await transaction(node.database, async ({ db }) => {
    await lockName(db, 'hello', 'wait');
    // the nonce is stored by its own transaction, before it is in the file
    return composeHello(node);
  });
  await add('HELLO', helloNonce, bytes);
  const { hubIncarnation, cursor } = await readFeedPosition(node.database.db);
  await add('FEED_REQUEST', empty, bundleFeedRequest.encode({ hubIncarnation, cursor }));
}
