/** The hub's checkpoints as this node received them: what it witnessed, of every incarnation. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

export type WitnessedRow = {
  readonly same: Buffer | null;
  readonly newestNumber: bigint | null;
  readonly newestHash: Buffer | null;
  readonly isEvidence: boolean;
  readonly prevIsKnown: boolean;
  readonly oldestNumber: bigint | null;
};

/** What is kept that speaks for or against a checkpoint. */
export async function readWitnessed(
  db: Db,
  arrived: {
    readonly hubIncarnation: bigint;
    readonly number: bigint;
    readonly prevHash: Uint8Array;
    readonly bodyHash: Uint8Array;
  },
): Promise<WitnessedRow> {
  const { hubIncarnation, number } = arrived;
  const prevHash = Buffer.from(arrived.prevHash);
  const { rows } = await sql<WitnessedRow>`
    select s.body_hash as same, n.number as newest_number, n.body_hash as newest_hash,
      exists (select 1 from sync.checkpoint_conflict c
        where c.hub_incarnation = ${hubIncarnation} and c.number = ${number}
          and c.body_hash = ${Buffer.from(arrived.bodyHash)}) as is_evidence,
      exists (select 1 from (
          select hub_incarnation, number, body_hash from sync.checkpoint
          union all
          select hub_incarnation, number, body_hash from sync.checkpoint_conflict) c
        where c.hub_incarnation < ${hubIncarnation} and c.number = ${number - 1n}
          and c.body_hash = ${prevHash}) as prev_is_known,
      (select min(number) from sync.checkpoint) as oldest_number
    from (select 1) one
    left join (select body_hash from sync.checkpoint
      where hub_incarnation = ${hubIncarnation} and number = ${number}) s on true
    left join (select number, body_hash from sync.checkpoint
      where hub_incarnation = ${hubIncarnation} order by number desc limit 1) n on true`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) throw new RangeError('the checkpoint query gave no row');
  return row;
}

export type KeptCheckpoint = {
  readonly hubIncarnation: bigint;
  readonly number: bigint;
  readonly body: Uint8Array;
  readonly bodyHash: Uint8Array;
  readonly signature: Uint8Array;
};

export async function storeCheckpoint(db: Db, checkpoint: KeptCheckpoint): Promise<void> {
  await sql`insert into sync.checkpoint (hub_incarnation, number, body, body_hash, signature)
    values (${valuesOf(checkpoint)})`.execute(db);
}

/** One that does not fit what is kept: it stands beside it and replaces nothing. */
export async function storeConflict(db: Db, checkpoint: KeptCheckpoint): Promise<void> {
  await sql`insert into sync.checkpoint_conflict (hub_incarnation, number, body, body_hash, signature)
    values (${valuesOf(checkpoint)})`.execute(db);
}

const valuesOf = ({
  hubIncarnation,
  number,
  body,
  bodyHash,
  signature,
}: KeptCheckpoint): RawBuilder<unknown> =>
  sql`${hubIncarnation}, ${number}, ${Buffer.from(body)}, ${Buffer.from(bodyHash)},
    ${Buffer.from(signature)}`;
