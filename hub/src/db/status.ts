/** What an operator of the hub asks first, counted. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type HubCounts = {
  readonly units: number;
  readonly frozen: number;
  readonly people: number;
  readonly waitingBatches: number;
  readonly heldRecords: number;
};

export async function countHub(db: Db): Promise<HubCounts> {
  const { rows } = await sql<HubCounts>`
    select (select count(*)::integer from registry.unit) as units,
      (select count(*)::integer from registry.unit where status = 'frozen') as frozen,
      (select count(*)::integer from national.record where kind = 2) as people,
      (select count(*)::integer from sync.inbox where applied_at is null) as waiting_batches,
      (select count(*)::integer from sync.held_record) as held_records`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('the status query gave no row');
  return row;
}
