/**
 * How each reference source may be asked, and what it said last. One row a source, locked for a moment
 * by whoever wants to ask, so that all processes of the hub keep one pace; by the database's clock.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { ReferenceName } from '../protocol/reference-fields.ts';
import { freshPace, type PaceState } from '../protocol/reference-pace.ts';

const stateColumns = sql`tokens, tokens_at_ms, blocked_until_ms, failures`;

/** The state of the source, locked until the transaction ends, and the time. */
export async function lockSource(
  db: Db,
  name: ReferenceName,
): Promise<{ readonly state: PaceState; readonly nowMs: number }> {
  const { rows: times } = await sql<{ nowMs: number }>`
    select extract(epoch from clock_timestamp())::double precision * 1000 as now_ms`.execute(db);
  const { tokens, tokensAtMs } = freshPace(times[0]?.nowMs ?? 0);
  await sql`insert into reference.source (name, tokens, tokens_at_ms)
    values (${name}, ${tokens}, ${tokensAtMs}) on conflict do nothing`.execute(db);
  const { rows } = await sql<PaceState>`
    select ${stateColumns} from reference.source where name = ${name} for update`.execute(db);
  // the time after the lock was had: another process may have drawn meanwhile
  const { rows: after } = await sql<{ nowMs: number }>`
    select extract(epoch from clock_timestamp())::double precision * 1000 as now_ms`.execute(db);
  const nowMs = after[0]?.nowMs ?? 0;
  return { state: rows[0] ?? freshPace(nowMs), nowMs };
}

/** `fault`: why there was no answer; null: there was one; undefined: nothing was asked yet. */
export async function storeSource(
  db: Db,
  name: ReferenceName,
  state: PaceState,
  fault?: string | null,
): Promise<void> {
  await sql`update reference.source set tokens = ${state.tokens}, tokens_at_ms = ${state.tokensAtMs},
      blocked_until_ms = ${state.blockedUntilMs}, failures = ${state.failures},
      last_fault = case when ${fault === undefined} then last_fault else ${fault ?? null} end,
      answered_at = case when ${fault === null} then clock_timestamp() else answered_at end
    where name = ${name}`.execute(db);
}

export type SourceOverview = PaceState & {
  readonly name: string;
  readonly lastFault: string | null;
  readonly answeredAt: Date | null;
  /** Milliseconds until it may be asked; 0: now. */
  readonly blockedForMs: number;
};

export async function listSources(db: Db): Promise<readonly SourceOverview[]> {
  const { rows } = await sql<SourceOverview>`
    select name, ${stateColumns}, last_fault, answered_at,
      greatest(0, blocked_until_ms - extract(epoch from clock_timestamp()) * 1000)::double precision
        as blocked_for_ms
    from reference.source order by name`.execute(db);
  return rows;
}
