/**
 * The review on behalf of a key that may see only a part of the intake: what it decides is narrowed to
 * rows that it may see. Rows that it may not see are unknown to it.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { keysOf, listRows } from '../db/review-rows.ts';
import { NodeError } from '../errors.ts';
import { isUnrestricted, type Reader } from '../protocol/reader.ts';
import { type ReviewAction, startsFrom } from '../protocol/review.ts';
import { mustAllBeAmong, type Selection } from './review.ts';

export type SeenSelection = {
  readonly action: ReviewAction;
  readonly importId: string;
  readonly selection: Selection;
};

/**
 * A key for a part of the agency moves nobody out of it either. Throws NODE_IMPORT_UNKNOWN,
 * NODE_ROW_UNKNOWN, and NODE_UNIT_OUTSIDE where a row that is named would.
 */
export async function seenSelection(
  db: Db,
  reader: Reader,
  { action, importId, selection }: SeenSelection,
): Promise<Selection> {
  if (isUnrestricted(reader)) return selection;
  await mustSeeImport(db, reader, importId);
  const { rows: named } = selection;
  const states = named === undefined ? startsFrom[action] : undefined;
  const seen = await keysOf(db, { ...selection, importId, states, reader });
  if (named !== undefined) mustAllBeAmong(seen, named);
  if (action !== 'publish' || reader.unit === null) return { rows: seen };
  const staysIn = reader.unit;
  const staying = await keysOf(db, { ...selection, importId, states, reader, staysIn });
  if (named !== undefined && staying.length < seen.length) {
    throw new NodeError('NODE_UNIT_OUTSIDE', { detail: staysIn });
  }
  return { rows: staying };
}

/** Throws NODE_IMPORT_UNKNOWN for an import of which somebody who may not see all may see no row. */
export async function mustSeeImport(db: Db, reader: Reader, importId: string): Promise<void> {
  if (isUnrestricted(reader)) return;
  const [row] = await listRows(db, { importId, reader }, { limit: 1 });
  if (row === undefined) throw new NodeError('NODE_IMPORT_UNKNOWN');
}
