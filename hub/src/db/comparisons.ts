/**
 * How records stand to the reference sources, and the corrections that follow. Whatever becomes of a
 * comparison goes on the feed of the unit that has the record, and on no other.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import type {
  ComparisonState,
  CorrectionAnswer,
  WireComparison,
  WireCorrection,
} from '@lienthong/shared-schema/wire/messages.ts';
import { type RawBuilder, sql } from 'kysely';

import { referenceNames } from '../protocol/reference-fields.ts';
import { comparedDigest, type RunKey } from './reference-runs.ts';
import { takeFeedPositions } from './units.ts';

export type NewComparison = {
  readonly recordId: string;
  /** Another version since: the comparison is not stored. */
  readonly version: bigint;
  readonly digest: Uint8Array;
  readonly state: Exclude<ComparisonState, 'STALE'>;
  readonly asOf: string;
  readonly validUntil: Date;
  readonly corrections: readonly Omit<WireCorrection, 'contested'>[];
};

/**
 * Stores what was found, removes corrections that are not among it, and tells the unit where something
 * is another than before. Returns those whose record was still as it was compared.
 */
export async function storeComparisons(
  db: Db,
  { source, agency }: RunKey,
  found: readonly NewComparison[],
): Promise<readonly NewComparison[]> {
  if (found.length === 0) return [];
  await stageFound(db, agency, found);
  // who is told: state, version or open corrections are others than before
  const { rows } = await sql<{ recordId: string }>`
    select f.record_id from pg_temp.reference_found f
    left join reference.comparison c on c.record_id = f.record_id and c.source = ${source}
    where c.record_id is null or c.state <> f.state or c.version <> f.version
      or (select array_agg(o.id order by o.id) from reference.correction o
          where o.record_id = f.record_id and o.source = ${source})
        is distinct from (select array_agg(n.id order by n.id)
          from jsonb_to_recordset(f.corrections) as n (id text))
    order by f.record_id`.execute(db);
  const { rows: stored } = await sql<{ recordId: string }>`insert into reference.comparison
      (record_id, source, agency, state, as_of, version, compared, compared_at, valid_until)
    select record_id, ${source}, ${agency}, state, as_of, version, compared, clock_timestamp(), valid_until
    from pg_temp.reference_found
    on conflict (record_id, source) do update set agency = excluded.agency, state = excluded.state,
      as_of = excluded.as_of, version = excluded.version, compared = excluded.compared,
      compared_at = excluded.compared_at, valid_until = excluded.valid_until
    returning record_id`.execute(db);
  await removeSettled(db, source);
  await sql`insert into reference.correction (id, record_id, source, agency, section, field,
      unit_value, source_value, as_of, version, opened_at)
    select n.id, f.record_id, ${source}, ${agency}, n.section, n.field, n."unitValue",
      n."sourceValue", f.as_of, f.version, now()
    from pg_temp.reference_found f cross join jsonb_to_recordset(f.corrections)
      as n (id text, section smallint, field smallint, "unitValue" text, "sourceValue" text)
    on conflict (id) do update set unit_value = excluded.unit_value, as_of = excluded.as_of,
      version = excluded.version, agency = excluded.agency`.execute(db);
  const told = rows.map((row) => row.recordId);
  await appendComparisons(
    db,
    agency,
    told.map((recordId) => ({ recordId, source })),
  );
  const kept = new Set(stored.map((row) => row.recordId));
  return found.filter((one) => kept.has(one.recordId));
}

/**
 * Those whose record is as it was compared. The share lock makes an apply of it wait, which then finds
 * the comparison and calls it stale.
 */
async function stageFound(db: Db, agency: string, found: readonly NewComparison[]): Promise<void> {
  await sql`create temporary table if not exists reference_found (
    record_id uuid primary key, version bigint not null, compared bytea not null,
    state text not null, as_of text not null, valid_until timestamptz not null,
    corrections jsonb not null) on commit delete rows`.execute(db);
  await sql`delete from pg_temp.reference_found`.execute(db);
  const rows = found.map(({ digest, ...one }) => ({
    ...one,
    version: one.version.toString(),
    digest: Buffer.from(digest).toString('hex'),
  }));
  await sql`insert into pg_temp.reference_found
    select f."recordId", f.version, decode(f.digest, 'hex'), f.state, f."asOf", f."validUntil",
      f.corrections
    from (
      select record_id, version from national.record
      where agency = ${agency} and record_id = any(${found.map((one) => one.recordId)}::uuid[])
      order by record_id for share) r
    join jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as f ("recordId" uuid, version bigint,
      digest text, state text, "asOf" text, "validUntil" timestamptz, corrections jsonb)
      on f."recordId" = r.record_id and f.version = r.version`.execute(db);
}

/** Both sides agree, or the source says something else: the values of a person are not kept for nothing. */
async function removeSettled(db: Db, source: string): Promise<void> {
  await sql`delete from reference.correction c using pg_temp.reference_found f
    where c.record_id = f.record_id and c.source = ${source}
      and not exists (select from jsonb_to_recordset(f.corrections) as n (id text)
        where n.id = c.id)`.execute(db);
}

type ComparisonKey = { readonly recordId: string; readonly source: string };

async function appendComparisons(
  db: Db,
  agency: string,
  keys: readonly ComparisonKey[],
): Promise<void> {
  if (keys.length === 0) return;
  const base = await takeFeedPositions(db, agency, keys.length);
  await sql`insert into sync.feed_entry (agency, position, kind, record_id, body)
    select ${agency}, ${base} + n, 'comparison', record_id, convert_to(source, 'UTF8')
    from unnest(${keys.map((one) => one.recordId)}::uuid[], ${keys.map((one) => one.source)}::text[])
      with ordinality as k (record_id, source, n)`.execute(db);
}

/**
 * After a batch was written: comparisons of its records whose compared values are others now are stale,
 * and the unit is told. In the transaction of the batch.
 */
export async function noteStale(db: Db, agency: string): Promise<void> {
  const { rows: some } = await sql<{ found: boolean }>`
    select exists (select from reference.comparison where agency = ${agency}) as found`.execute(db);
  if (some[0]?.found !== true) return;
  const stale: ComparisonKey[] = [];
  for (const source of referenceNames) {
    const { digest, tables } = comparedDigest(source);
    const { rows } = await sql<ComparisonKey>`
      update reference.comparison c set state = 'STALE'
      from (
        select identity.record_id, ${digest} as digest
        from ${sql.raw(stageRecord)} m
        join national.identity on identity.record_id = m.record_id ${tables}
        where m.kind = 2 and m.outcome = 'apply') now_there
      where c.record_id = now_there.record_id and c.source = ${source} and c.agency = ${agency}
        and c.state <> 'STALE' and c.compared <> now_there.digest
      returning c.record_id, c.source`.execute(db);
    stale.push(...rows);
  }
  await appendComparisons(db, agency, stale);
}

/**
 * The corrections of sections that a policy takes out of the hub's plain tables: their values go, their
 * comparisons are stale, and the units are told. In the transaction that sets the policy.
 */
export async function removeCorrections(db: Db, sections: readonly number[]): Promise<void> {
  if (sections.length === 0) return;
  await sql`with gone as (
      delete from reference.correction where section = any(${sections}::smallint[])
      returning record_id, source),
    stale as (
      update reference.comparison c set state = 'STALE'
      from (select distinct record_id, source from gone) g
      where c.record_id = g.record_id and c.source = g.source
      returning c.agency, c.record_id, c.source),
    moved as (
      update registry.unit u set feed_head = feed_head + s.comparisons
      from (select agency, count(*) as comparisons from stale group by agency) s
      where u.agency = s.agency returning u.agency, u.feed_head - s.comparisons as base)
    insert into sync.feed_entry (agency, position, kind, record_id, body)
    select s.agency,
      m.base + row_number() over (partition by s.agency order by s.record_id, s.source),
      'comparison', s.record_id, convert_to(s.source, 'UTF8')
    from stale s join moved m on m.agency = s.agency`.execute(db);
}

/**
 * What the unit says to its corrections, the last word on each; where one is open the unit is told what
 * counts. It is kept for corrections that this hub does not have as well: a restored one may lack them.
 */
export async function noteAnswers(
  db: Db,
  { agency, seq }: { readonly agency: string; readonly seq: bigint },
  answers: readonly CorrectionAnswer[],
): Promise<void> {
  if (answers.length === 0) return;
  await sql`insert into reference.said as k
      (agency, correction, record_id, contested, reason, seq)
    select distinct on (correction) ${agency}, correction, record_id, contested, reason, ${seq}
    from unnest(${answers.map((one) => one.correction)}::text[],
      ${answers.map((one) => one.recordId)}::text[],
      ${answers.map((one) => one.contested)}::boolean[],
      ${answers.map((one) => one.reason)}::text[])
      with ordinality as s (correction, record_id, contested, reason, n)
    order by correction, n desc
    on conflict (agency, correction) do update set record_id = excluded.record_id,
      contested = excluded.contested, reason = excluded.reason, seq = excluded.seq, said_at = now()
    where k.seq <= excluded.seq`.execute(db);
  const { rows } = await sql<ComparisonKey>`
    select distinct c.record_id, c.source from reference.correction c
    join national.record r on r.record_id = c.record_id and r.agency = ${agency}
    where c.agency = ${agency} and c.id = any(${answers.map((one) => one.correction)})
    order by c.record_id, c.source`.execute(db);
  await appendComparisons(db, agency, rows);
}

const amongKeys = (keys: readonly ComparisonKey[]): RawBuilder<unknown> =>
  sql`(c.record_id, c.source) in (
    select record_id, source from unnest(${keys.map((one) => one.recordId)}::uuid[],
      ${keys.map((one) => one.source)}::text[]) as k (record_id, source))`;

/** What the unit of the correction `o` has said to it, as `s`. */
export const unitsWord = sql`left join reference.said s
  on s.agency = o.agency and s.correction = o.id and s.record_id = o.record_id::text`;

/** The comparisons of these records of the unit as they stand, for a page of its feed. */
export async function readComparisons(
  db: Db,
  agency: string,
  keys: readonly ComparisonKey[],
): Promise<readonly WireComparison[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<WireComparison>`
    select c.record_id, c.source, c.state, c.as_of, c.version,
      coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'section', o.section,
          'field', o.field, 'unitValue', o.unit_value, 'sourceValue', o.source_value,
          'contested', s.contested is not distinct from true) order by o.section, o.field)
        from reference.correction o ${unitsWord}
        where o.record_id = c.record_id and o.source = c.source), '[]')
        as corrections
    from reference.comparison c
    join national.record r on r.record_id = c.record_id and r.agency = ${agency}
    where c.agency = ${agency} and ${amongKeys(keys)}
    order by c.record_id, c.source`.execute(db);
  return rows;
}
