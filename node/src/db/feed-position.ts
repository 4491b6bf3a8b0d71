/** `sync.feed_position`: how far the mirror is, and the last proof of a whole round trip. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { beginLife } from './live-since.ts';

export type FeedPosition = {
  readonly hubIncarnation: bigint;
  readonly cursor: bigint;
  /** Whether the feed of a restored hub is being read from its start. */
  readonly rebuilding: boolean;
  readonly proofMarker: string | null;
  readonly proofAt: Date | null;
};

export async function readFeedPosition(db: Db): Promise<FeedPosition> {
  const { rows } = await sql<FeedPosition>`
    select hub_incarnation, cursor, rebuilding, proof_marker, proof_at
    from sync.feed_position`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('sync.feed_position has no row');
  return row;
}

/** Locks the row: pages are applied one after the other, whoever pulls. */
export async function lockCursor(db: Db): Promise<bigint> {
  const { rows } = await sql<{ cursor: bigint }>`
    select cursor from sync.feed_position for update`.execute(db);
  return rows[0]?.cursor ?? 0n;
}

export async function moveCursor(
  db: Db,
  to: { readonly cursor: bigint; readonly hubIncarnation: bigint },
): Promise<void> {
  await sql`update sync.feed_position set cursor = ${to.cursor},
    hub_incarnation = ${to.hubIncarnation}`.execute(db);
}

/**
 * A marker of ours came back: everything before it made the whole round trip. One that came before,
 * in a feed that is read again, proves nothing new.
 */
export async function recordMarkers(db: Db, markers: readonly string[]): Promise<void> {
  if (markers.length === 0) return;
  const { rows } = await sql<{ marker: string }>`insert into sync.marker_seen (marker)
    select distinct unnest(${[...markers]}::text[])
    on conflict do nothing returning marker`.execute(db);
  const fresh = new Set(rows.map((row) => row.marker));
  const last = markers.findLast((marker) => fresh.has(marker));
  if (last === undefined) return;
  await sql`update sync.feed_position set proof_marker = ${last}, proof_at = now()`.execute(db);
  await beginLife(db);
}

export async function hasSeenMarker(db: Db, marker: string): Promise<boolean> {
  const { rows } = await sql<{ seen: boolean }>`
    select exists (select 1 from sync.marker_seen where marker = ${marker}) as seen`.execute(db);
  return rows[0]?.seen === true;
}
