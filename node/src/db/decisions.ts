/**
 * The journal of what people decided: who, when, about which rows or record, and why. Rows are only
 * added; a trigger sees to it. Rows of an import stand as ranges of row numbers by sheet, so that a
 * decision about 200,000 rows is one small line. Of what a row or a record says nothing stands here, but
 * for how a record stood before and after it was closed or reopened: that is kept nowhere else.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import type { RowKey } from './publish-pick.ts';

export type DecisionAction =
  | 'publish'
  | 'reject'
  | 'take-up'
  | 'recheck'
  | 'age-out'
  | 'close'
  | 'reopen'
  | 'remove'
  | 'restore'
  | 'accept-correction'
  | 'contest-correction';

export type NewDecision = {
  readonly by: string;
  readonly action: DecisionAction;
  readonly importId?: string | undefined;
  readonly recordId?: string | undefined;
  readonly reason?: string | undefined;
  /** Counts and codes; of a record closed or reopened, its status, day and decision. */
  readonly details?: object | undefined;
};

/** A decision about one record, or about no rows by name. */
export async function noteDecision(
  db: Db,
  { by, action, importId, recordId, reason, details }: NewDecision,
): Promise<void> {
  await sql`
    insert into intake.decision (decided_by, action, import_id, record_id, reason, details)
    values (${by}, ${action}, ${importId ?? null}, ${recordId ?? null}, ${reason ?? null},
            ${details === undefined ? null : JSON.stringify(details)}::jsonb)`.execute(db);
}

/**
 * A decision about the rows of `rows`, a query of sheet and row number that may write. Returns how many
 * there were; about none nothing is noted.
 */
export async function noteRows(
  db: Db,
  { by, action, importId, reason, details }: NewDecision,
  rows: RawBuilder<unknown>,
): Promise<number> {
  const { rows: noted } = await sql<{ rowCount: bigint }>`
    with decided (sheet, row_no) as (${rows}),
    ranges as (
      select sheet, range_agg(int4range(row_no, row_no, '[]')) as numbers, count(*) as rows
      from decided group by sheet
    )
    insert into intake.decision (decided_by, action, import_id, rows, row_count, reason, details)
    select ${by}, ${action}, ${importId ?? null}, jsonb_object_agg(sheet, numbers::text),
           sum(ranges.rows), ${reason ?? null},
           ${details === undefined ? null : JSON.stringify(details)}::jsonb
    from ranges having count(*) > 0
    returning row_count`.execute(db);
  return Number(noted[0]?.rowCount ?? 0n);
}

export type Decision = {
  readonly decidedAt: Date;
  readonly decidedBy: string;
  readonly action: DecisionAction;
  readonly reason: string | null;
  readonly details: unknown;
};

/** What was decided about one row, oldest first. */
export async function decisionsOnRow(
  db: Db,
  importId: string,
  { sheet, row }: RowKey,
): Promise<readonly Decision[]> {
  const { rows } = await sql<Decision>`
    select decided_at, decided_by, action, reason, details from intake.decision
    where import_id = ${importId} and (rows ->> ${sheet}::text)::int4multirange @> ${row}::integer
    order by id`.execute(db);
  return rows;
}

/** What was decided about one record, oldest first. */
export async function decisionsOnRecord(db: Db, recordId: string): Promise<readonly Decision[]> {
  const { rows } = await sql<Decision>`
    select decided_at, decided_by, action, reason, details from intake.decision
    where record_id = ${recordId} order by id`.execute(db);
  return rows;
}
