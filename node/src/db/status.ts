/** What an operator asks of a node first. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type NodeCounts = {
  /** All records of people; of these the active ones, who count in the totals. */
  readonly people: number;
  readonly activePeople: number;
  readonly units: number;
  readonly mirrored: number;
  readonly unsealedRecords: number;
  readonly sealedBatches: number;
  readonly unreceiptedBatches: number;
  /** How far the hub says that it is: durable there, in its tables, in a verified copy of it. */
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly openVerdicts: number;
  /** Rows of the intake that wait for the reviewer, and those with errors. */
  readonly waitingRows: number;
  readonly refusedRows: number;
  readonly feedCursor: bigint;
  readonly proofAt: Date | null;
};

export async function countNode(db: Db): Promise<NodeCounts> {
  const { rows } = await sql<NodeCounts>`
    select (select count(*)::integer from profile.identity) as people,
      (select count(*)::integer from profile.identity i
        left join profile.employment e using (record_id)
        where coalesce(e.status, '1') = '1') as active_people,
      (select count(*)::integer from profile.org_unit) as units,
      (select count(*)::integer from national.record where kind = 2) as mirrored,
      (select count(distinct record_id)::integer from sync.change_log) as unsealed_records,
      (select count(*)::integer from sync.outbox_batch) as sealed_batches,
      (select count(*)::integer from sync.outbox_batch where receipted_at is null)
        as unreceipted_batches,
      (select count(distinct record_id)::integer from sync.verdict where resolved_at is null)
        as open_verdicts,
      (select count(*)::integer from intake.row where state = 'waiting') as waiting_rows,
      (select count(*)::integer from intake.row where state = 'refused') as refused_rows,
      coalesce(l.received_seq, 0) as received_seq, coalesce(l.applied_seq, 0) as applied_seq,
      coalesce(l.safe_seq, 0) as safe_seq, p.cursor as feed_cursor, p.proof_at
    from sync.feed_position p left join sync.link l on true`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('sync.feed_position has no row');
  return row;
}
