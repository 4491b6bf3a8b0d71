/**
 * Checks the archive of one unit from its first batch to its head: numbers without gap, each batch
 * chained to the one before, header and content as hashed, signed by the unit, receipted by this
 * hub, and its records accounted for. Reads one batch at a time; a fault never ends the check.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import {
  publicKeyFromPem,
  publicKeyId,
  sha256,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { type Codec, WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchHeader, receiptBody } from '@lienthong/shared-schema/wire/messages.ts';

import {
  type ArchivedBatch,
  archivedBatch,
  archiveBounds,
  unitSigningKeys,
} from '../db/archive.ts';
import { HubError } from '../errors.ts';
import type { HubContext } from './context.ts';

export type ArchiveFault = { readonly seq: string; readonly reason: string };

export type ArchiveResult = {
  readonly agency: string;
  /** Batches found and checked. */
  readonly batches: number;
  readonly faults: readonly ArchiveFault[];
};

export async function verifyArchive(
  hub: Pick<HubContext, 'database' | 'signingKey'>,
  agency: string,
): Promise<ArchiveResult> {
  const { db } = hub.database;
  // the head first: what is received meanwhile lies beyond it
  const bounds = await archiveBounds(db, agency);
  const unitKeys = (await unitSigningKeys(db, agency)).map((pem) => publicKeyFromPem(pem));
  if (bounds === undefined || unitKeys.length === 0) {
    throw new HubError('HUB_AGENCY_UNKNOWN', { detail: agency });
  }
  const keys = { unit: unitKeys, hub: createPublicKey(hub.signingKey) };
  const faults: ArchiveFault[] = [];
  const note = (seq: bigint, reason: string): void => {
    faults.push({ seq: seq.toString(), reason });
  };
  // undefined after a missing batch: what comes next cannot be held against it
  let prevHash: Uint8Array | undefined = new Uint8Array(0);
  let batches = 0;
  for (let seq = 1n; seq <= bounds.headSeq; seq++) {
    const batch = await archivedBatch(db, agency, seq);
    if (batch === undefined) {
      note(seq, 'missing');
      prevHash = undefined;
      continue;
    }
    batches += 1;
    for (const reason of faultsOfBatch(batch, { ...keys, agency, prevHash })) note(seq, reason);
    prevHash = batch.headerHash;
  }
  if (prevHash !== undefined && !equalBytes(prevHash, bounds.headHash)) {
    note(bounds.headSeq, 'the last batch is not the head that the unit was told of');
  }
  return { agency, batches, faults };
}

export type Expected = {
  readonly agency: string;
  readonly prevHash: Uint8Array | undefined;
  readonly unit: readonly KeyObject[];
  readonly hub: KeyObject;
};

/** Why a batch of an archive cannot be trusted; empty where everything about it fits. */
export function faultsOfBatch(batch: ArchivedBatch, expected: Expected): readonly string[] {
  const header = decoded(batchHeader, batch.header);
  if (header === undefined) return ['the header cannot be read'];
  const receipt = decoded(receiptBody, batch.receipt);
  const key = expected.unit.find((one) => publicKeyId(one) === header.signingKey);
  const counted =
    (batch.recordsAccepted ?? 0) + (batch.recordsRefused ?? 0) + (batch.recordsIgnored ?? 0);
  const checks: readonly (readonly [boolean, string])[] = [
    [header.seq === batch.seq, 'the header has another number'],
    [header.agency === expected.agency, 'the header names another unit'],
    [
      expected.prevHash === undefined || equalBytes(header.prevHash, expected.prevHash),
      'not chained to the batch before',
    ],
    [equalBytes(sha256(batch.header), batch.headerHash), 'header and hash differ'],
    [equalBytes(sha256(batch.content), header.contentHash), 'content and hash differ'],
    [
      key !== undefined && verifyBytes(key, domains.batch, batch.header, batch.signature),
      'not signed by the unit',
    ],
    [
      verifyBytes(expected.hub, domains.receipt, batch.receipt, batch.receiptSignature),
      'receipt not signed by this hub',
    ],
    [
      receipt?.agency === expected.agency &&
        receipt.seq === batch.seq &&
        equalBytes(receipt.headerHash, batch.headerHash),
      'receipted for other bytes',
    ],
    [
      batch.recordsSent === header.recordCount &&
        (batch.appliedAt === null || counted === header.recordCount),
      'records accepted, refused and ignored do not add up to those sent',
    ],
  ];
  return checks.filter(([holds]) => !holds).map(([, reason]) => reason);
}

function decoded<T>(codec: Codec<T>, bytes: Uint8Array): T | undefined {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
