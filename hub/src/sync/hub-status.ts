/** What an operator asks first: what waits, what is held back, whether the totals fit. */
import { sql } from 'kysely';

import { type Reconciliation, reconcileReports } from '../db/totals.ts';
import type { HubContext } from './context.ts';

export type HubStatus = {
  readonly incarnation: string;
  readonly units: number;
  readonly frozen: number;
  readonly people: number;
  readonly waitingBatches: number;
  readonly heldRecords: number;
  readonly unreconciled: readonly Reconciliation[];
};

export async function hubStatus(
  hub: Pick<HubContext, 'database' | 'incarnation'>,
): Promise<HubStatus> {
  const { db } = hub.database;
  const { rows } = await sql<Omit<HubStatus, 'incarnation' | 'unreconciled'>>`
    select (select count(*)::integer from registry.unit) as units,
      (select count(*)::integer from registry.unit where status = 'frozen') as frozen,
      (select count(*)::integer from national.record where kind = 2) as people,
      (select count(*)::integer from sync.inbox where applied_at is null) as waiting_batches,
      (select count(*)::integer from sync.held_record) as held_records`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('the status query gave no row');
  return {
    incarnation: hub.incarnation.toString(),
    ...row,
    unreconciled: await reconcileReports(db),
  };
}
