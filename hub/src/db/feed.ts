/** Queries on `sync.feed_entry`: one ordered stream a unit, positions without gaps. */
import type { Db, Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { takeFeedPositions } from './units.ts';

/** What the apply of one batch puts on the unit's feed: its records, its verdicts, its marker. */
export async function appendBatchToFeed(
  db: Db,
  batch: { readonly agency: string; readonly seq: bigint; readonly marker: string },
  counts: { readonly accepted: number; readonly refused: number },
): Promise<void> {
  const markers = batch.marker === '' ? 0 : 1;
  const total = counts.accepted + counts.refused + markers;
  if (total === 0) return;
  const base = await takeFeedPositions(db, batch.agency, total);
  await sql`insert into sync.feed_entry (agency, position, kind, record_id, version, sections, body)
    select ${batch.agency}, ${base} + row_number() over (order by m.outcome, m.kind, m.record_id),
      case m.outcome when 'apply' then 'record' else 'verdict' end, m.record_id, m.version,
      case when m.outcome = 'apply' and not m.whole then m.sections end,
      case when m.outcome = 'refuse' then convert_to(jsonb_build_object(
        'seq', ${batch.seq.toString()}::text, 'faults', f.faults)::text, 'UTF8') end
    from ${sql.raw(stageRecord)} m
    left join (
      select record_id, jsonb_agg(jsonb_build_object('code', code, 'section', section, 'field', field)
          order by section, field, code) as faults
      from (select distinct record_id, section, field, code from pg_temp.stage_fault) d
      group by record_id) f on f.record_id = m.record_id
    where m.outcome in ('apply', 'refuse')`.execute(db);
  if (markers === 1) {
    await sql`insert into sync.feed_entry (agency, position, kind, body)
      values (${batch.agency}, ${base + BigInt(total)}, 'marker',
        ${Buffer.from(batch.marker)})`.execute(db);
  }
}

/** Asks for records of the unit whole, each once. Returns the number of records. */
export async function appendResendsToFeed(
  db: Db,
  agency: string,
  recordIds: readonly string[],
): Promise<number> {
  const records = [...new Set(recordIds)];
  if (records.length === 0) return 0;
  const base = await takeFeedPositions(db, agency, records.length);
  await sql`insert into sync.feed_entry (agency, position, kind, record_id)
    select ${agency}, ${base} + n, 'resend', record_id
    from unnest(${records}::uuid[]) with ordinality as r (record_id, n)`.execute(db);
  return records.length;
}

/**
 * Puts records on the unit's feed again, whole, as they are when the page is made; one that it does
 * not have comes down as gone. Each id is there once. Returns the new end of the feed.
 */
export async function appendRecordsToFeed(
  db: Db,
  agency: string,
  recordIds: readonly string[],
): Promise<bigint> {
  const base = await takeFeedPositions(db, agency, recordIds.length);
  await sql`insert into sync.feed_entry (agency, position, kind, record_id, version)
    select ${agency}, ${base} + i.n, 'record', i.record_id, coalesce(r.version, 1)
    from unnest(${[...recordIds]}::uuid[]) with ordinality as i (record_id, n)
    left join national.record r on r.record_id = i.record_id and r.agency = ${agency}`.execute(db);
  return base + BigInt(recordIds.length);
}

/**
 * Puts one entry on the feed of every active unit, in order of agency so that locks never cross;
 * checkpoints, policies and code lists on the feed of every unit that ever was, since each follows the
 * one before; totals only on the feeds whose newest totals are other bytes. Returns the number of feeds.
 */
export async function appendToEveryFeed(
  db: Db,
  entry: {
    readonly kind: 'totals' | 'checkpoint' | 'policy' | 'code-list';
    readonly body: Uint8Array;
    readonly version?: bigint;
  },
): Promise<number> {
  const body = Buffer.from(entry.body);
  const { rows } = await sql<{ agency: string }>`
    select agency from registry.unit
    where status = 'active' or (${entry.kind} in ('checkpoint', 'policy', 'code-list') and status <> 'invited')
    order by agency
    for no key update`.execute(db);
  // asked under the locks: of two that publish at once the second finds it done
  const { rows: due } = await sql<{ agency: string }>`
    select u.agency from unnest(${rows.map((row) => row.agency)}::text[]) as u (agency)
    where ${entry.kind} <> 'totals' or ${body} is distinct from (
      select e.body from sync.feed_entry e where e.agency = u.agency and e.kind = 'totals'
      order by e.position desc limit 1)`.execute(db);
  const agencies = due.map((row) => row.agency);
  if (agencies.length === 0) return 0;
  await sql`with moved as (
      update registry.unit set feed_head = feed_head + 1 where agency = any(${agencies})
      returning agency, feed_head)
    insert into sync.feed_entry (agency, position, kind, version, body)
    select agency, feed_head, ${entry.kind}, ${entry.version ?? null}, ${body} from moved`.execute(
    db,
  );
  return agencies.length;
}

/**
 * Notes how far the unit has applied its feed; the cursor it asks from says so. Past a marker of its
 * own that is the proof of a whole round trip.
 */
export async function recordFeedAck(db: Db, agency: string, cursor: bigint): Promise<void> {
  await sql`update registry.unit set feed_acked = ${cursor},
      proof_at = case when exists (
        select 1 from sync.feed_entry e where e.agency = ${agency} and e.kind = 'marker'
          and e.position > feed_acked and e.position <= ${cursor}) then now() else proof_at end
    where agency = ${agency} and feed_acked < ${cursor} and feed_head >= ${cursor}`.execute(db);
}

export type FeedEntry = {
  readonly position: bigint;
  readonly kind:
    | 'verdict'
    | 'marker'
    | 'totals'
    | 'checkpoint'
    | 'policy'
    | 'code-list'
    | 'comparison'
    | 'resend';
  readonly recordId: string | null;
  readonly version: bigint | null;
  readonly body: Buffer | null;
};

export type PageBounds = {
  readonly agency: string;
  readonly after: bigint;
  readonly upTo: bigint;
};

/** The entries of a page that are not records, in order. */
export async function readFeedMessages(db: Db, page: PageBounds): Promise<readonly FeedEntry[]> {
  const { rows } = await sql<FeedEntry>`
    select position, kind, record_id, version, body from sync.feed_entry
    where agency = ${page.agency} and position > ${page.after} and position <= ${page.upTo}
      and kind <> 'record' order by position`.execute(db);
  return rows;
}

/**
 * The manifest of a page in `pg_temp.page_record`: each record once, with what the unit has now. A
 * record that is gone, or is another unit's by now, is a `D`. Returns how many there are.
 */
export async function stagePageRecords(tx: Tx, page: PageBounds): Promise<number> {
  await tx.client.query(`create temporary table if not exists page_record (
    record_id uuid primary key, kind smallint not null, version bigint not null, op text not null,
    whole boolean not null, sections smallint[] not null) on commit delete rows`);
  const { numAffectedRows } = await sql`insert into pg_temp.page_record
    select e.record_id, coalesce(r.kind, 2), coalesce(r.version, e.version),
      case when r.record_id is null then 'D' else 'U' end, e.whole, e.sections
    from (
      select f.record_id, max(f.version) as version, bool_or(f.sections is null) as whole,
        coalesce(array_agg(distinct t.tag) filter (where t.tag is not null), '{}') as sections
      from sync.feed_entry f left join lateral unnest(f.sections) as t (tag) on true
      where f.agency = ${page.agency} and f.position > ${page.after} and f.position <= ${page.upTo}
        and f.kind = 'record'
      group by f.record_id) e
    left join national.record r on r.record_id = e.record_id and r.agency = ${page.agency}`.execute(
    tx.db,
  );
  await tx.client.query('analyze pg_temp.page_record');
  return Number(numAffectedRows ?? 0n);
}

/** Tags of the sections of which the page's records have payloads. */
export async function sealedTagsOfPage(db: Db): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ section: number }>`
    select distinct s.section from national.sealed s
    join pg_temp.page_record m on m.record_id = s.record_id`.execute(db);
  return new Set(rows.map((row) => row.section));
}
