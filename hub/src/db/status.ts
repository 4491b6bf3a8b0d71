/** What an operator of the hub asks first, counted. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type HubCounts = {
  readonly units: number;
  readonly frozen: number;
  readonly people: number;
  /** Batches of all units: durable here, in the national tables, in a verified copy. */
  readonly receivedBatches: bigint;
  readonly appliedBatches: bigint;
  readonly safeBatches: bigint;
  readonly waitingBatches: number;
  readonly heldRecords: number;
};

export type ForkEvidence = {
  readonly agency: string;
  /** The first number under which another batch came, how many came, and when the last one. */
  readonly seq: bigint;
  readonly batches: number;
  readonly receivedAt: Date;
};

/** The second histories of units that are frozen: kept when they came, never applied. */
export async function forkEvidence(db: Db): Promise<readonly ForkEvidence[]> {
  const { rows } = await sql<ForkEvidence>`
    select e.agency, min(e.seq) as seq, count(*)::integer as batches, max(e.received_at) as received_at
    from sync.fork_evidence e join registry.unit u on u.agency = e.agency and u.status = 'frozen'
    group by e.agency order by e.agency`.execute(db);
  return rows;
}

export async function countHub(db: Db): Promise<HubCounts> {
  const { rows } = await sql<HubCounts>`
    select (select count(*)::integer from registry.unit) as units,
      (select count(*)::integer from registry.unit where status = 'frozen') as frozen,
      (select count(*)::integer from national.record where kind = 2) as people,
      (select coalesce(sum(head_seq), 0)::bigint from registry.unit) as received_batches,
      (select coalesce(sum(applied_seq), 0)::bigint from registry.unit) as applied_batches,
      (select coalesce(sum(safe_seq), 0)::bigint from registry.unit) as safe_batches,
      (select count(*)::integer from sync.inbox where applied_at is null) as waiting_batches,
      (select count(*)::integer from sync.held_record) as held_records`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('the status query gave no row');
  return row;
}
