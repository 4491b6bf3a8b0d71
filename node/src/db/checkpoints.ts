/** The hub's checkpoints as this node received them: what it witnessed. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { Checkpoint } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

export async function lastCheckpoint(
  db: Db,
): Promise<{ readonly number: bigint; readonly body: Buffer } | undefined> {
  const { rows } = await sql<{ number: bigint; body: Buffer }>`
    select number, body from sync.checkpoint order by number desc limit 1`.execute(db);
  return rows[0];
}

export async function storeCheckpoint(db: Db, checkpoint: Checkpoint): Promise<void> {
  await sql`insert into sync.checkpoint (number, body, signature)
    values (${checkpoint.number}, ${Buffer.from(checkpoint.body)},
      ${Buffer.from(checkpoint.signature)}) on conflict (number) do nothing`.execute(db);
}
