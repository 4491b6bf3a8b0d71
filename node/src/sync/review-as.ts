/**
 * The review on behalf of a key that may see only a part of the intake: what it decides is narrowed to
 * rows that it may see. Rows that it may not see are unknown to it.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import type { RowKey } from '../db/publish-pick.ts';
import { keysOf, listRows } from '../db/review-rows.ts';
import { NodeError } from '../errors.ts';
import { isUnrestricted, type Reader } from '../protocol/reader.ts';
import { type ReviewAction, startsFrom } from '../protocol/review.ts';
import type { Selection } from './review.ts';

export type SeenSelection = {
  readonly action: ReviewAction;
  readonly importId: string;
  readonly selection: Selection;
};

/** Throws NODE_IMPORT_UNKNOWN, NODE_ROW_UNKNOWN. */
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
  mustAllBeSeen(named, seen);
  return { rows: seen };
}

/** Throws NODE_IMPORT_UNKNOWN for an import of which the reader may see no row. */
export async function mustSeeImport(db: Db, reader: Reader, importId: string): Promise<void> {
  const [row] = await listRows(db, { importId, reader }, { limit: 1 });
  if (row === undefined) throw new NodeError('NODE_IMPORT_UNKNOWN');
}

function mustAllBeSeen(named: readonly RowKey[] | undefined, seen: readonly RowKey[]): void {
  const keys = new Set(seen.map(({ sheet, row }) => `${row} ${sheet}`));
  const missing = named?.find(({ sheet, row }) => !keys.has(`${row} ${sheet}`));
  if (missing !== undefined) {
    throw new NodeError('NODE_ROW_UNKNOWN', { detail: `${missing.sheet}:${missing.row}` });
  }
}
