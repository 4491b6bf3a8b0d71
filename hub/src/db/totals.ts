/** Queries on the units' reports of totals and their sums. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { publishedFigure } from '@lienthong/shared-schema/totals/published-figure.ts';
import type { Figure } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

export type StoredReport = {
  readonly agency: string;
  readonly asOf: string;
  readonly report: Uint8Array;
  readonly reportHash: Uint8Array;
  readonly signature: Uint8Array;
  readonly receipt: Uint8Array;
  readonly receiptSignature: Uint8Array;
  readonly headSeq: bigint;
  readonly figures: readonly Figure[];
};

/** A newer report of the same day replaces the older one. */
export async function storeReport(db: Db, stored: StoredReport): Promise<void> {
  await sql`delete from sync.totals_report
    where agency = ${stored.agency} and as_of = ${stored.asOf}`.execute(db);
  await sql`insert into sync.totals_report
      (agency, as_of, report, report_hash, signature, receipt, receipt_signature, head_seq)
    values (${stored.agency}, ${stored.asOf}, ${Buffer.from(stored.report)},
      ${Buffer.from(stored.reportHash)}, ${Buffer.from(stored.signature)},
      ${Buffer.from(stored.receipt)}, ${Buffer.from(stored.receiptSignature)},
      ${stored.headSeq})`.execute(db);
  await sql`insert into sync.totals_figure (agency, as_of, measure, key, value)
    select ${stored.agency}, ${stored.asOf}, f.measure, f.key, f.value
    from unnest(${stored.figures.map((f) => f.measure)}::text[],
                ${stored.figures.map((f) => f.key)}::text[],
                ${stored.figures.map((f) => f.value.toString())}::bigint[])
      as f (measure, key, value)`.execute(db);
}

export type ReportedFigure = {
  readonly agency: string;
  readonly key: string;
  readonly value: bigint;
};

/** The figures of one measure in the newest report of each unit. */
export async function reportedFigures(db: Db, measure: string): Promise<readonly ReportedFigure[]> {
  const { rows } = await sql<ReportedFigure>`
    select f.agency, f.key, f.value
    from sync.totals_figure f
    join (select agency, max(as_of) as as_of from sync.totals_report group by agency) n
      on n.agency = f.agency and n.as_of = f.as_of
    where f.measure = ${measure} order by f.agency, f.key`.execute(db);
  return rows;
}

export type NationalSum = {
  readonly asOf: string;
  readonly agencies: number;
  readonly figures: readonly Figure[];
};

/** The sum over the newest report of each unit that is not revoked; undefined while nobody has reported. */
export async function sumNewestReports(db: Db): Promise<NationalSum | undefined> {
  const newest = sql`select distinct on (r.agency) r.agency, r.as_of from sync.totals_report r
    join registry.unit u on u.agency = r.agency and u.status <> 'revoked'
    order by r.agency, r.as_of desc`;
  const { rows: heads } = await sql<{ agencies: number; asOf: string | null }>`
    select count(*)::integer as agencies, max(n.as_of) as as_of from (${newest}) n`.execute(db);
  const [head] = heads;
  if (head === undefined || head.asOf === null) return undefined;
  const { rows: figures } = await sql<Figure>`
    select f.measure, f.key, sum(f.value)::bigint as value
    from sync.totals_figure f join (${newest}) n on n.agency = f.agency and n.as_of = f.as_of
    where f.measure <> ${publishedFigure}
    group by f.measure, f.key order by f.measure, f.key`.execute(db);
  return { asOf: head.asOf, agencies: head.agencies, figures };
}

export type Reconciliation = {
  readonly agency: string;
  readonly reported: bigint;
  readonly counted: bigint;
};

/**
 * Units whose report does not fit what the hub can count itself: the people whose data travels, as
 * reported at a head that is applied, against the people in the national tables plus those held back.
 */
export async function reconcileReports(db: Db): Promise<readonly Reconciliation[]> {
  const { rows } = await sql<Reconciliation>`
    with newest as (
      select distinct on (agency) agency, as_of, head_seq from sync.totals_report
      order by agency, as_of desc)
    select n.agency, f.value as reported, coalesce(c.people, 0) as counted
    from newest n
    join registry.unit u on u.agency = n.agency and u.applied_seq = n.head_seq
    join sync.totals_figure f on f.agency = n.agency and f.as_of = n.as_of
      and f.measure = 'people' and f.key = 'travelling'
    left join (
      select agency, count(*) as people from (
        select agency, record_id from national.record where kind = 2
        union select agency, record_id from sync.held_record where kind = 2) x group by agency) c
      on c.agency = n.agency
    where f.value <> coalesce(c.people, 0)
    order by n.agency`.execute(db);
  return rows;
}
