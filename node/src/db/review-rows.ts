/**
 * The intake as a reviewer looks through it: imports, rows by filter page after page, one row with all
 * that is kept of it. Reading only; what is decided is written in `review-decide.ts`.
 */
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import type { Verdict } from '../intake/intake-item.ts';
import { isUnrestricted, type Reader, wholeAgency } from '../protocol/reader.ts';
import type { RowState } from '../protocol/review.ts';
import type { RowKind } from './intake.ts';
import type { RowKey } from './publish-pick.ts';
import type { Carries } from './publish-single-section.ts';
import { mayReadRow, withinUnit } from './readable.ts';

export type ImportLine = {
  readonly id: string;
  readonly source: string;
  readonly fileName: string | null;
  readonly startedAt: Date;
  readonly agedAt: Date | null;
  /** Rows of all kinds by state; states without a row are not there. */
  readonly states: Readonly<Partial<Record<RowState, number>>>;
};

/** Newest first; `before` is the id of the last one seen. */
export async function listImports(
  db: Db,
  page: {
    readonly source?: string | undefined;
    /** Only those with rows that wait or are refused. */
    readonly open?: boolean | undefined;
    /** Only imports with rows that may be seen, and of them only these are counted. */
    readonly reader?: Reader | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly ImportLine[]> {
  const { source, open, reader = wholeAgency, before, limit } = page;
  const seen = mayReadRow(reader);
  const { rows } = await sql<ImportLine>`
    with page as (
      select i.id, i.source, i.file_name, i.started_at, i.aged_at from intake.import i
      where true ${source === undefined ? sql`` : sql`and i.source = ${source}`}
        ${
          isUnrestricted(reader)
            ? sql``
            : sql`and exists (select from intake.row r where r.import_id = i.id and ${seen})`
        }
        ${
          open === true
            ? sql`and exists (select from intake.row r where r.import_id = i.id
            and r.state in ('waiting', 'refused') and ${seen})`
            : sql``
        }
        ${
          before === undefined
            ? sql``
            : sql`and (i.started_at, i.id) <
                (select b.started_at, b.id from intake.import b where b.id = ${before})`
        }
      order by i.started_at desc, i.id desc limit ${limit}
    )
    select p.id, p.source, p.file_name, p.started_at, p.aged_at, coalesce((
      select jsonb_object_agg(s.state, s.rows) from (
        select r.state, count(*) as rows from intake.row r
        where r.import_id = p.id and ${seen} group by r.state
      ) s), '{}'::jsonb) as states
    from page p order by p.started_at desc, p.id desc`.execute(db);
  return rows;
}

/** Which rows are meant; what is absent does not restrict. */
export type RowFilter = {
  readonly importId?: string | undefined;
  readonly rows?: readonly RowKey[] | undefined;
  readonly states?: readonly RowState[] | undefined;
  readonly finding?: string | undefined;
  readonly source?: string | undefined;
  /** Code of a unit: it, what is below it, its people and their lists. */
  readonly unit?: string | undefined;
  readonly kind?: RowKind | undefined;
  /** Code of a unit: only rows that bring nobody to a unit outside of it. */
  readonly staysIn?: string | undefined;
  /** Who asks; absent: somebody who may see all. */
  readonly reader?: Reader | undefined;
};

/** A condition on the row `r` and its import `i`. */
export function meets(filter: RowFilter): RawBuilder<unknown> {
  const { importId, rows, states, finding, source, unit, kind, staysIn, reader } = filter;
  const conditions = [
    ...(importId === undefined ? [] : [sql`r.import_id = ${importId}`]),
    ...(rows === undefined ? [] : [sql`(r.sheet, r.row_no) in (${keysSql(rows)})`]),
    ...(states === undefined ? [] : [sql`r.state = any(${states}::text[])`]),
    ...(finding === undefined
      ? []
      : [sql`r.findings @> ${JSON.stringify([{ code: finding }])}::jsonb`]),
    ...(source === undefined ? [] : [sql`i.source = ${source}`]),
    ...(unit === undefined ? [] : [ofUnit(unit)]),
    ...(kind === undefined ? [] : [sql`r.kind = ${kind}`]),
    ...(staysIn === undefined ? [] : [bringsNobodyOutOf(staysIn)]),
    ...(reader === undefined ? [] : [mayReadRow(reader)]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

const keysSql = (rows: readonly RowKey[]): RawBuilder<unknown> => sql`
  select k.sheet, k.row_no
  from unnest(${rows.map((one) => one.sheet)}::text[], ${rows.map((one) => one.row)}::integer[])
    as k (sheet, row_no)`;

function ofUnit(unit: string): RawBuilder<unknown> {
  const employing = sql`(o.sections -> 'employment' -> 0 ->> 'employing_unit')`;
  return sql`case when r.kind = 'unit' then ${withinUnit(sql`r.unit_code`, unit)} else exists (
    select from intake.row o
    where o.import_id = r.import_id and o.kind = 'person' and o.pin = r.pin
      and ${withinUnit(employing, unit)}
    union all
    select from profile.identity n join profile.employment e using (record_id)
    where n.pin = r.pin and ${withinUnit(sql`e.employing_unit`, unit)}) end`;
}

const bringsNobodyOutOf = (unit: string): RawBuilder<unknown> =>
  sql`coalesce(${withinUnit(sql`(r.sections -> 'employment' -> 0 ->> 'employing_unit')`, unit)}, true)`;

export type RowLine = RowKey & {
  readonly importId: string;
  readonly source: string;
  readonly stt: number | null;
  readonly kind: RowKind;
  readonly section: string | null;
  readonly action: 'put' | 'remove';
  readonly verdict: Verdict;
  readonly state: RowState;
  readonly findings: readonly Finding[];
  readonly recordId: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
};

const lineColumns = sql`r.import_id, i.source, r.sheet, r.row_no as row, r.stt, r.kind, r.section,
  r.action, r.verdict, r.state, r.findings, r.record_id, r.decided_by, r.decided_at, r.reason`;

/** In the order of imports, sheets and rows; `after` is the last one seen. */
export async function listRows(
  db: Db,
  filter: RowFilter,
  page: {
    readonly after?: (RowKey & { readonly importId: string }) | undefined;
    readonly limit: number;
  },
): Promise<readonly RowLine[]> {
  const { after, limit } = page;
  const seen =
    after === undefined
      ? sql`true`
      : sql`(r.import_id, r.sheet, r.row_no) > (${after.importId}, ${after.sheet}, ${after.row})`;
  const { rows } = await sql<RowLine>`
    select ${lineColumns} from intake.row r join intake.import i on i.id = r.import_id
    where ${meets(filter)} and ${seen}
    order by r.import_id, r.sheet, r.row_no limit ${limit}`.execute(db);
  return rows;
}

/** Keys of all rows of the filter, in order. */
export async function keysOf(db: Db, filter: RowFilter): Promise<readonly RowKey[]> {
  const { rows } = await sql<RowKey>`
    select r.sheet, r.row_no as row from intake.row r join intake.import i on i.id = r.import_id
    where ${meets(filter)} order by r.sheet, r.row_no`.execute(db);
  return rows;
}

export type WholeRow = RowLine & {
  readonly pin: string | null;
  readonly unitCode: string | null;
  readonly sections: RecordDraft['sections'];
  readonly carries: Carries;
  /** As written. */
  readonly written: unknown;
  /** Of the record when the row was judged, in hex; null where it was not there, or nobody noted it. */
  readonly recordTag: string | null;
};

export async function readRow(
  db: Db,
  importId: string,
  { sheet, row }: RowKey,
): Promise<WholeRow | undefined> {
  const { rows } = await sql<WholeRow>`
    select ${lineColumns}, r.pin, r.unit_code, r.sections, r.carries, r.source as written,
           encode(r.record_tag, 'hex') as record_tag
    from intake.row r join intake.import i on i.id = r.import_id
    where r.import_id = ${importId} and r.sheet = ${sheet} and r.row_no = ${row}`.execute(db);
  return rows[0];
}

export async function importExists(db: Db, importId: string): Promise<boolean> {
  const { rows } = await sql`select from intake.import where id = ${importId}`.execute(db);
  return rows.length > 0;
}
