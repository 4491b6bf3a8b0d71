/** Since when the unit is live: its changes have due days from then on. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

/** The day in Hanoi of a time, as text. */
export const hanoiDayOf = (time: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_char(${time} at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')`;

/** Undefined before the first proof of a round trip with people in it. */
export async function readLiveSince(db: Db): Promise<string | undefined> {
  const { rows } = await sql<{ liveSince: string | null }>`
    select live_since from sync.link`.execute(db);
  return rows[0]?.liveSince ?? undefined;
}

export async function setLiveSince(db: Db, day: string): Promise<void> {
  await sql`update sync.link set live_since = ${day}`.execute(db);
}

/** After a proof: where people have made the round trip, the unit is live from this day. */
export async function beginLife(db: Db): Promise<void> {
  await sql`update sync.link set live_since = ${hanoiDayOf(sql`now()`)}
    where live_since is null
      and exists (select from sync.record where kind = 2 and present)`.execute(db);
}
