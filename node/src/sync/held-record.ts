/**
 * A record that a program is about to change: found among those that it may see, held still, and the
 * same as when the program read it. Only then is a change made, so that none is lost.
 */
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { lockRecord } from '../db/lock-record.ts';
import { recordsWith } from '../db/packets.ts';
import { readRecord } from '../db/records.ts';
import { readStoredSections, type StoredSections } from '../db/stored-sections.ts';
import { NodeError } from '../errors.ts';
import type { Reader } from '../protocol/reader.ts';

export type Expected = {
  readonly recordId: string;
  /** ETags of which one must be the record's. */
  readonly ifMatch: readonly string[];
};

export type HeldRecord =
  | { readonly kind: 'held'; readonly stored: StoredSections; readonly etag: string }
  | { readonly kind: 'changed'; readonly etag: string };

/** Throws NODE_RECORD_UNKNOWN, also for what the reader may not see. */
export async function holdRecord(
  db: Db,
  reader: Reader,
  { recordId, ifMatch }: Expected,
): Promise<HeldRecord> {
  await lockRecord(db, recordId);
  const found = await readRecord(db, reader, { recordId, of: [] });
  if (found === undefined) throw new NodeError('NODE_RECORD_UNKNOWN');
  const etag = found.tag;
  if (!ifMatch.includes(etag)) return { kind: 'changed', etag };
  const stored = (await readStoredSections(db, [recordId])).get(recordId) ?? {};
  return { kind: 'held', stored, etag };
}

/** Throws NODE_UNIT_OUTSIDE where a key for a part of the agency would write somebody of another. */
export function mustStayWithin({ unit }: Reader, employingUnit: string | undefined): void {
  if (unit !== null && employingUnit !== undefined && !isWithinAgency(employingUnit, unit)) {
    throw new NodeError('NODE_UNIT_OUTSIDE', { detail: unit });
  }
}

export type PinHolder = {
  readonly isActive: boolean;
  /** Whether the reader may see the record. */
  readonly isSeen: boolean;
};

/** Who else has the number: an active record rather than a closed one. */
export async function holderOfPin(
  db: Db,
  reader: Reader,
  { pin, recordId }: { readonly pin: string; readonly recordId: string | null },
): Promise<PinHolder | undefined> {
  const holders = await recordsWith(db, 'pin', pin);
  const first = holders.find((one) => one.recordId !== recordId);
  if (first === undefined) return undefined;
  const seen = await readRecord(db, reader, { recordId: first.recordId, of: [] });
  return { isActive: first.active, isSeen: seen !== undefined };
}

/** Of the draft, else of what is stored. */
export const pinOf = (draft: StoredSections, stored: StoredSections = {}): string | undefined =>
  (draft[identity.name] ?? stored[identity.name])?.[0]?.['pin'];

export const unitOf = (draft: StoredSections, stored: StoredSections = {}): string | undefined =>
  (draft[employment.name] ?? stored[employment.name])?.[0]?.['employing_unit'];
