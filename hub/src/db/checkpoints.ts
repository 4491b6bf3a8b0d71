/** Queries on `sync.checkpoint`. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type LastCheckpoint = {
  readonly number: bigint;
  readonly bodyHash: Buffer;
  readonly asOf: string;
};

/** Locks the table's end: two makers at once would number the same. */
export async function lastCheckpoint(db: Db): Promise<LastCheckpoint | undefined> {
  await sql`lock table sync.checkpoint in exclusive mode`.execute(db);
  const { rows } = await sql<LastCheckpoint>`
    select number, body_hash, as_of from sync.checkpoint order by number desc limit 1`.execute(db);
  return rows[0];
}

export async function storeCheckpoint(
  db: Db,
  made: {
    readonly number: bigint;
    readonly body: Uint8Array;
    readonly bodyHash: Uint8Array;
    readonly signature: Uint8Array;
    readonly asOf: string;
  },
): Promise<void> {
  await sql`insert into sync.checkpoint (number, body, body_hash, signature, as_of)
    values (${made.number}, ${Buffer.from(made.body)}, ${Buffer.from(made.bodyHash)},
      ${Buffer.from(made.signature)}, ${made.asOf})`.execute(db);
}

export type UnitHead = {
  readonly agency: string;
  readonly headSeq: bigint;
  readonly headHash: Buffer;
};

export async function unitHeads(db: Db): Promise<readonly UnitHead[]> {
  const { rows } = await sql<UnitHead>`
    select agency, head_seq, head_hash from registry.unit order by agency collate "C"`.execute(db);
  return rows;
}
