/**
 * The review of what came in (Decree 27/2026 art. 30: the unit checks before it sends): looking at rows,
 * publishing some or all of them, rejecting them with a reason, taking rejected ones up again. Each
 * decision names who made it, on the row and in the journal, in one transaction with what it does.
 */
import { type Database, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { type Decision, decisionsOnRow } from '../db/decisions.ts';
import { lockImport } from '../db/intake.ts';
import { type Publication, publishRows } from '../db/publish-intake.ts';
import type { RowKey } from '../db/publish-pick.ts';
import { readRecordTags } from '../db/record-tags.ts';
import { notePublished, readStandings, rejectRows, takeUpRows } from '../db/review-decide.ts';
import { importExists, keysOf, readRow, type RowFilter, type WholeRow } from '../db/review-rows.ts';
import { findRecord, readFiled } from '../db/row-drafts.ts';
import { countChangedSince } from '../db/seen-records.ts';
import { readStoredSections } from '../db/stored-sections.ts';
import { NodeError } from '../errors.ts';
import { type Changes, changesOf } from '../intake/row-changes.ts';
import { type ReviewAction, sortOut, type Standing, startsFrom } from '../protocol/review.ts';

export type ShownRow = WholeRow & {
  /** The record that it is about; null where it would be a new one. */
  readonly record: { readonly id: string; readonly tag: string | null } | null;
  /** Whether the row waits, and its record is another than when it was judged. */
  readonly changedSince: boolean;
  readonly changes: Changes;
  readonly decisions: readonly Decision[];
};

/** One row with all that a reviewer asks of it. Throws NODE_ROW_UNKNOWN. */
export async function showRow({ db }: Database, importId: string, key: RowKey): Promise<ShownRow> {
  const row = await readRow(db, importId, key);
  if (row === undefined) throw new NodeError('NODE_ROW_UNKNOWN');
  const id = await findRecord(db, row);
  const tag = id === undefined ? null : ((await readRecordTags(db, [id])).get(id) ?? null);
  const stored = id === undefined ? undefined : (await readStoredSections(db, [id])).get(id);
  const filed = await readFiled(db, row);
  return {
    ...row,
    record: id === undefined ? null : { id, tag },
    changedSince: row.state === 'waiting' && row.recordTag !== tag,
    changes: changesOf(row.carries, filed, stored),
    decisions: await decisionsOnRow(db, importId, key),
  };
}

/** Rows by name, or all that the other parts of the filter let through; nothing given: all. */
export type Selection = Pick<RowFilter, 'rows' | 'finding' | 'unit' | 'kind'>;

export type ReviewOptions = {
  readonly importId: string;
  readonly selection: Selection;
  /** Who decides: a name that others know. */
  readonly by: string;
  readonly reason?: string | undefined;
};

export type Reviewed = {
  /** Named rows for which it was too late, or too early: as they stand, with who decided and when. */
  readonly past: readonly Standing[];
};

export type Published = Reviewed & Publication & { readonly changedSince: number };

export type PublishReview = ReviewOptions & {
  readonly correctsClosed?: boolean | undefined;
  readonly ifUnchanged?: boolean | undefined;
};

/** Publishes rows that wait. Throws NODE_IMPORT_UNKNOWN, NODE_ROW_UNKNOWN. */
export async function publishReviewed(
  database: Database,
  { importId, selection, by, reason, correctsClosed, ifUnchanged }: PublishReview,
): Promise<Published> {
  return await transaction(database, async (tx) => {
    await lockImport(tx.db, importId);
    const { rows, past } = await selectRows(tx, 'publish', importId, selection);
    const changedSince = await countChangedSince(tx.db, importId, rows);
    const done = await publishRows(tx.db, {
      importId,
      rows,
      decidedBy: by,
      reason,
      correctsClosed,
      ifUnchanged,
    });
    await notePublished(tx.db, { importId, by, reason });
    return { ...done, changedSince, past };
  });
}

export type Decided = Reviewed & { readonly rows: number };

/** Sets rows aside, with a reason; they stay for ever. Throws as `publishReviewed`. */
export async function rejectReviewed(
  database: Database,
  options: ReviewOptions & { readonly reason: string },
): Promise<Decided> {
  return await decide(database, 'reject', options);
}

/** Takes rejected rows up again: they wait, or are refused where they have errors. */
export async function takeUpReviewed(database: Database, options: ReviewOptions): Promise<Decided> {
  return await decide(database, 'take-up', options);
}

async function decide(
  database: Database,
  action: 'reject' | 'take-up',
  { importId, selection, by, reason }: ReviewOptions,
): Promise<Decided> {
  const write = action === 'reject' ? rejectRows : takeUpRows;
  return await transaction(database, async (tx) => {
    await lockImport(tx.db, importId);
    const { rows, past } = await selectRows(tx, action, importId, selection);
    return { rows: await write(tx.db, { importId, rows, by, reason }), past };
  });
}

type Selected = {
  /** Undefined: all of the import. */
  readonly rows: readonly RowKey[] | undefined;
  readonly past: readonly Standing[];
};

async function selectRows(
  { db }: Pick<Database, 'db'>,
  action: ReviewAction,
  importId: string,
  { rows, ...filter }: Selection,
): Promise<Selected> {
  if (!(await importExists(db, importId))) throw new NodeError('NODE_IMPORT_UNKNOWN');
  if (rows !== undefined) {
    const found = await readStandings(db, importId, rows);
    mustAllBeAmong(found, rows);
    const { due, past } = sortOut(action, found);
    return { rows: due, past };
  }
  const isAll = Object.values(filter).every((one) => one === undefined);
  if (isAll) return { rows: undefined, past: [] };
  return {
    rows: await keysOf(db, { ...filter, importId, states: startsFrom[action] }),
    past: [],
  };
}

const keyOf = ({ sheet, row }: RowKey): string => `${row} ${sheet}`;

/** Throws NODE_ROW_UNKNOWN with the first of the named rows that is not there. */
export function mustAllBeAmong(found: readonly RowKey[], named: readonly RowKey[]): void {
  const keys = new Set(found.map(keyOf));
  const missing = named.find((one) => !keys.has(keyOf(one)));
  if (missing !== undefined) {
    throw new NodeError('NODE_ROW_UNKNOWN', { detail: `${missing.sheet}:${missing.row}` });
  }
}
