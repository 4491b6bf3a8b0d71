/**
 * Sealing: one transaction takes what changed, reads it, and appends it as the next batch of the
 * chain, signed and immutable. The number exists only with the bytes (I3), and the commit is
 * synchronous, which makes every change in the batch durable with it.
 */

import { createPublicKey } from 'node:crypto';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { type ReachTable, sectionsOfReach } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { compress } from '@lienthong/shared-schema/runtime/compress.ts';
import { copyOut } from '@lienthong/shared-schema/runtime/copy.ts';
import { transaction, type Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { publicKeyId, sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { projectionSql } from '@lienthong/shared-schema/sql/projection.ts';
import {
  batchManifestColumns,
  manifestBlock,
  sealedBlock,
  sectionBlock,
} from '@lienthong/shared-schema/wire/blocks.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  answersMax,
  batchContentBytesMax,
  batchRawBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import { batchContent, batchHeader, type Block } from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { noteSealedAnswers, unsealedAnswers } from '../db/answers.ts';
import { forgetPayloads, markSealed, rememberPayloads } from '../db/digests.ts';
import { readLiveSince } from '../db/live-since.ts';
import { noteChanges } from '../db/note-changes.ts';
import { appendToOutbox, readChain } from '../db/outbox.ts';
import { readPolicy } from '../db/policy.ts';
import { raiseVersions, sealerLock, sealManifest, takeChanges } from '../db/seal.ts';
import { NodeError } from '../errors.ts';
import type { EnrolledNode } from './context.ts';
import { ensureHello, requireLink } from './say-hello.ts';
import { sealRows } from './seal-rows.ts';

export type Sealed = { readonly seq: bigint; readonly records: number; readonly more: boolean };

/** Thrown inside the transaction to undo it: the same work is done again with fewer records. */
class BatchTooLarge extends Error {
  readonly records: number;

  constructor(records: number) {
    super();
    this.records = records;
  }
}

/**
 * Seals the next batch: changes, and answers to corrections. With a `marker` the batch is sealed even if nothing changed, and the marker
 * rides on the last one. Returns undefined when there was nothing to seal.
 */
export async function sealBatch(node: EnrolledNode, marker = ''): Promise<Sealed | undefined> {
  await ensureHello(node);
  let recordsMax = (await requireLink(node)).batchRecordsMax;
  for (;;) {
    try {
      const limit = recordsMax;
      return await transaction(node.database, (tx) => sealOne(node, tx, limit, marker), {
        isolation: 'repeatable read',
        firstly: sealerLock,
      });
    } catch (error) {
      if (!(error instanceof BatchTooLarge)) throw error;
      if (error.records <= 1) throw new NodeError('NODE_RECORD_TOO_LARGE');
      recordsMax = Math.floor(error.records / 2);
    }
  }
}

async function sealOne(
  node: EnrolledNode,
  tx: Tx,
  recordsMax: number,
  marker: string,
): Promise<Sealed | undefined> {
  const { taken, records } = await takeChanges(tx, recordsMax);
  if (taken > 0) await markSealed(tx.db);
  const answers = await unsealedAnswers(tx.db);
  const more = (taken > 0 && (await hasMore(tx))) || answers.length === answersMax;
  if (records === 0 && answers.length === 0 && (marker === '' || more)) {
    return taken === 0 ? undefined : { seq: 0n, records: 0, more };
  }
  await raiseVersions(tx);
  const policy = await readPolicy(tx.db);
  const chain = await readChain(tx.db);
  const seq = chain.headSeq + 1n;
  const liveSince = await readLiveSince(tx.db);
  if (liveSince !== undefined) {
    const plain = sectionsOfReach('national', policy.reaches);
    await noteChanges(tx.db, { liveSince, seq, plain });
  }
  const blocks = await readBlocks(node, tx, { records, reaches: policy.reaches });
  const raw = batchContent.encode({ blocks, marker: more ? '' : marker, answers });
  const content = raw.length > batchRawBytesMax ? undefined : await compress(raw);
  if (content === undefined || content.length > batchContentBytesMax) {
    throw new BatchTooLarge(records);
  }
  const sealedAt = node.now();
  const header = batchHeader.encode({
    protocol: protocolVersion,
    audience: node.audience,
    agency: node.agency,
    signingKey: publicKeyId(createPublicKey(node.signingKey)),
    seq,
    prevHash: chain.headHash,
    catalogueVersion,
    codec: 'ZSTD',
    contentHash: sha256(content),
    contentBytes: BigInt(content.length),
    rawBytes: BigInt(raw.length),
    recordCount: records,
    sealedAtMs: BigInt(sealedAt.getTime()),
    policyVersion: policy.version,
  });
  await appendToOutbox(tx.db, {
    seq,
    prevHash: chain.headHash,
    headerHash: sha256(header),
    header,
    signature: signBytes(node.signingKey, domains.batch, header),
    content,
    recordCount: records,
    rawBytes: raw.length,
    sealedAt,
  });
  await noteSealedAnswers(
    tx.db,
    answers.map((one) => one.id),
    seq,
  );
  return { seq, records, more };
}

async function hasMore({ client }: Tx): Promise<boolean> {
  const { rows } = await client.query<{ more: boolean }>(
    'select exists (select 1 from sync.change_log) as more',
  );
  return rows[0]?.more === true;
}

/** A section that the policy keeps at the unit is named in the manifest, and has no rows. */
async function readBlocks(
  node: EnrolledNode,
  tx: Tx,
  { records, reaches }: { readonly records: number; readonly reaches: ReachTable },
): Promise<readonly Block[]> {
  const columns = batchManifestColumns.join(', ');
  const manifest = await copyOut(
    tx,
    `select ${columns} from ${sealManifest} order by kind, record_id`,
  );
  const blocks = [manifestBlock(manifest.bytes, manifest.count, batchManifestColumns)];
  let size = manifest.bytes.length;
  for (const section of sectionsOfReach('national', reaches)) {
    const rows = await copyOut(tx, projectionSql(section, 'profile', sealManifest));
    size += rows.bytes.length;
    if (size > batchRawBytesMax) throw new BatchTooLarge(records);
    if (rows.count > 0) blocks.push(sectionBlock(section, rows.bytes, rows.count));
  }
  await forgetPayloads(tx.db);
  for (const section of sectionsOfReach('sealed', reaches)) {
    const plain = await copyOut(tx, projectionSql(section, 'profile', sealManifest));
    if (plain.count === 0) continue;
    const sealed = sealRows(node, section, plain.bytes);
    await rememberPayloads(tx.db, section.tag, sealed.digests);
    size += sealed.bytes.length;
    if (size > batchRawBytesMax) throw new BatchTooLarge(records);
    blocks.push(sealedBlock(section, sealed.bytes, sealed.count));
  }
  return blocks;
}
