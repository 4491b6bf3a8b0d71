import { createPublicKey } from 'node:crypto';

/**
 * Checks the archive of one unit from its first batch on: numbers without gap, each batch chained to
 * the one before, header and content as hashed, signed by the unit, receipted by this hub, and its
 * records accounted for. Reads one batch at a time.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import {
  publicKeyFromPem,
  sha256,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchHeader, receiptBody } from '@lienthong/shared-schema/wire/messages.ts';

import { type ArchivedBatch, archivedBatch, unitSigningKey } from '../db/archive.ts';
import { HubError } from '../errors.ts';
import type { HubContext } from './context.ts';

export type ArchiveResult = {
  readonly agency: string;
  readonly batches: number;
  readonly faults: readonly { readonly seq: string; readonly reason: string }[];
};

export async function verifyArchive(
  hub: Pick<HubContext, 'database' | 'signingKey'>,
  agency: string,
): Promise<ArchiveResult> {
  const { db } = hub.database;
  const pem = await unitSigningKey(db, agency);
  if (pem === undefined) throw new HubError('HUB_AGENCY_UNKNOWN', { detail: agency });
  const unitKey = publicKeyFromPem(pem);
  const hubKey = createPublicKey(hub.signingKey);
  const faults: { seq: string; reason: string }[] = [];
  let prevHash: Uint8Array = new Uint8Array(0);
  let batches = 0;
  for (let seq = 1n; ; seq++) {
    const batch = await archivedBatch(db, agency, seq);
    if (batch === undefined) break;
    batches += 1;
    const reasons = [
      ...chainFaults(batch, prevHash),
      ...(verifyBytes(unitKey, domains.batch, batch.header, batch.signature)
        ? []
        : ['not signed by the unit']),
      ...(verifyBytes(hubKey, domains.receipt, batch.receipt, batch.receiptSignature)
        ? []
        : ['receipt not signed by this hub']),
    ];
    for (const reason of reasons) faults.push({ seq: seq.toString(), reason });
    prevHash = batch.headerHash;
  }
  return { agency, batches, faults };
}

function chainFaults(batch: ArchivedBatch, prevHash: Uint8Array): readonly string[] {
  const header = batchHeader.decode(batch.header);
  const receipt = receiptBody.decode(batch.receipt);
  const counted =
    batch.appliedAt === null ||
    (batch.recordsAccepted ?? 0) + (batch.recordsRefused ?? 0) + (batch.recordsIgnored ?? 0) ===
      header.recordCount;
  const checks: readonly (readonly [boolean, string])[] = [
    [header.seq === batch.seq, 'the header has another number'],
    [equalBytes(header.prevHash, prevHash), 'not chained to the batch before'],
    [equalBytes(sha256(batch.header), batch.headerHash), 'header and hash differ'],
    [equalBytes(sha256(batch.content), header.contentHash), 'content and hash differ'],
    [equalBytes(receipt.headerHash, batch.headerHash), 'receipted for other bytes'],
    [counted, 'records accepted, refused and ignored do not add up to those sent'],
  ];
  return checks.filter(([holds]) => !holds).map(([, reason]) => reason);
}
