/** How far the database is, in numbers that only rise: what the witness outside of it keeps. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { DatabaseMarks, UnitMark } from '../protocol/restored.ts';

/** The newest checkpoint, and every unit. */
export async function readMarks(db: Db): Promise<DatabaseMarks> {
  const { rows } = await sql<{ number: bigint; hash: string }>`
    select number, encode(body_hash, 'hex') as hash from sync.checkpoint
    order by number desc limit 1`.execute(db);
  const { rows: units } = await sql<UnitMark>`
    select agency, epoch, head_seq, feed_head from registry.unit order by agency`.execute(db);
  return { checkpoint: rows[0] ?? { number: 0n, hash: '' }, units };
}

/** Hash of the checkpoint with this number, in hex; empty where there is none. */
export async function checkpointHash(db: Db, number: bigint): Promise<string> {
  const { rows } = await sql<{ hash: string }>`
    select encode(body_hash, 'hex') as hash from sync.checkpoint
    where number = ${number}`.execute(db);
  return rows[0]?.hash ?? '';
}
