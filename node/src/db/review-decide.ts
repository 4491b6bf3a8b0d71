/** What reviewers decide about rows, written set by set. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { type ReviewAction, startsFrom, type Standing, stateTakenUp } from '../protocol/review.ts';
import { noteRows } from './decisions.ts';
import { asked, type RowKey } from './publish-pick.ts';

export type RowDecision = {
  readonly importId: string;
  /** By default all rows of the import from which the action starts. */
  readonly rows?: readonly RowKey[] | undefined;
  readonly by: string;
  readonly reason?: string | undefined;
};

/** How the named rows stand; of a row of a list the whole list. */
export async function readStandings(
  db: Db,
  importId: string,
  rows: readonly RowKey[],
): Promise<readonly Standing[]> {
  const { rows: found } = await sql<Standing>`
    select r.sheet, r.row_no as row, r.state, r.decided_by, r.decided_at from intake.row r
    where r.import_id = ${importId} and ${asked(importId, rows)}
    order by r.sheet, r.row_no`.execute(db);
  return found;
}

/** Rejected rows stay for ever, and may be taken up again. Returns how many were decided. */
export async function rejectRows(db: Db, decision: RowDecision): Promise<number> {
  const { importId, rows, by, reason } = decision;
  return await noteRows(
    db,
    { action: 'reject', by, importId, reason },
    // a list stands and falls together: one row of it rejected is the list rejected
    sql`update intake.row r
      set state = 'rejected', decided_by = ${by}, decided_at = now(), reason = ${reason}
      where r.import_id = ${importId} and r.state = any(${startsFrom.reject}::text[])
        and ${asked(importId, rows)}
      returning r.sheet, r.row_no`,
  );
}

export async function takeUpRows(db: Db, decision: RowDecision): Promise<number> {
  const { importId, rows, by, reason } = decision;
  return await noteRows(
    db,
    { action: 'take-up', by, importId, reason },
    sql`update intake.row r
      set state = case verdict when 'error' then ${stateTakenUp('error')} else ${stateTakenUp('ok')} end,
          decided_by = null, decided_at = null, reason = null
      where r.import_id = ${importId} and r.state = any(${startsFrom['take-up']}::text[])
        and ${asked(importId, rows)}
      returning r.sheet, r.row_no`,
  );
}

/** The rows of the publication that was just made in this transaction. */
export async function notePublished(db: Db, decision: RowDecision): Promise<number> {
  const { importId, by, reason } = decision;
  return await noteRows(
    db,
    { action: 'publish' satisfies ReviewAction, by, importId, reason },
    sql`select sheet, row_no from pg_temp.publish_pick
      where held is null and (record_id is not null or action = 'remove')`,
  );
}
