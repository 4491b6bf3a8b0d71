/**
 * The third level of acknowledgement: a batch is safe once it was read, whole and verified, in a
 * restored backup or in a replica of this hub. Only then may a node drop its copy. Reads one batch
 * at a time.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { openDatabase, sqlState } from '@lienthong/shared-schema/runtime/database.ts';
import { publicKeyFromPem } from '@lienthong/shared-schema/runtime/signature.ts';

import { archivedBatch, unitSigningKeys } from '../db/archive.ts';
import { isSameDatabase, newestCopied, raiseSafe, type SafeUnit, safeUnits } from '../db/copy.ts';
import { archivedHash } from '../db/inbox.ts';
import { HubError } from '../errors.ts';
import { afterCopied, beginSafe, type SafeVerdict } from '../protocol/safe.ts';
import type { HubContext } from './context.ts';
import { faultsOfBatch } from './verify-archive.ts';

export type SafeResult = {
  readonly agency: string;
  /** What was safe before, and what is now: the same in a dry run as without. */
  readonly before: bigint;
  readonly safeSeq: bigint;
  /** Applied here and not yet safe. */
  readonly unsafe: bigint;
  readonly fault: SafeVerdict['fault'];
};

export type SafeOptions = {
  /** The URL of the restored backup or of the replica. */
  readonly url: string;
  readonly dryRun: boolean;
  /** Batches of each unit that one run reads at most. */
  readonly batchesMax?: number;
};

type Hub = Pick<HubContext, 'database' | 'signingKey' | 'log'>;

/** Throws HUB_COPY_UNUSABLE where the database is no copy, or this one itself. */
export async function markSafe(hub: Hub, options: SafeOptions): Promise<readonly SafeResult[]> {
  await using copy = openDatabase(options.url, { max: 2, applicationName: 'lienthong-hub-safe' });
  try {
    if (await isSameDatabase(hub.database, copy)) throw new HubError('HUB_COPY_UNUSABLE');
    const results: SafeResult[] = [];
    for (const unit of await safeUnits(hub.database.db)) {
      results.push(await markUnit(hub, copy, unit, options));
    }
    return results;
  } catch (cause) {
    // no such table: a database of something else
    if (sqlState(cause) === '42P01') throw new HubError('HUB_COPY_UNUSABLE', { cause });
    throw cause;
  }
}

async function markUnit(
  hub: Hub,
  copy: Hub['database'],
  unit: SafeUnit,
  options: SafeOptions,
): Promise<SafeResult> {
  const { agency, appliedSeq } = unit;
  const verdict = await readCopy(hub, copy, unit, options.batchesMax ?? Number.MAX_SAFE_INTEGER);
  if (verdict.fault !== undefined) {
    const { seq, reason } = verdict.fault;
    hub.log.error({ agency, seq: seq.toString(), reason }, 'a batch of the copy is not good');
  }
  if (!options.dryRun) await raiseSafe(hub.database.db, agency, verdict.safeSeq);
  return {
    agency,
    before: unit.safeSeq,
    safeSeq: verdict.safeSeq,
    unsafe: appliedSeq - verdict.safeSeq,
    fault: verdict.fault,
  };
}

async function readCopy(
  hub: Hub,
  copy: Hub['database'],
  unit: SafeUnit,
  batchesMax: number,
): Promise<SafeVerdict> {
  const { agency, safeSeq, appliedSeq } = unit;
  const { db } = hub.database;
  const keys = {
    // the keys that we know, not those that the copy knows
    unit: (await unitSigningKeys(db, agency)).map((pem): KeyObject => publicKeyFromPem(pem)),
    hub: createPublicKey(hub.signingKey),
  };
  const newest = await newestCopied(copy.db, agency);
  const end = [newest, appliedSeq, safeSeq + BigInt(batchesMax)].reduce((a, b) => (a < b ? a : b));
  let prevHash = (await archivedHash(db, agency, safeSeq)) ?? new Uint8Array(0);
  let verdict = beginSafe(unit);
  for (let seq = safeSeq + 1n; seq <= end && verdict.fault === undefined; seq++) {
    const batch = await archivedBatch(copy.db, agency, seq);
    // what is missing below the newest shows at the next one
    if (batch === undefined) continue;
    const own = await archivedHash(db, agency, seq);
    verdict = afterCopied(verdict, unit, {
      seq,
      fault: faultsOfBatch(batch, { ...keys, agency, prevHash })[0],
      same: own !== undefined && equalBytes(own, batch.headerHash),
    });
    prevHash = batch.headerHash;
  }
  return verdict;
}
