/**
 * The records that hold a code which its list does not allow, counted and by page. One statement over
 * the tables, derived from the catalogue; nothing of it is kept.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { codeHoldersSql, type HoldersOptions } from '@lienthong/shared-schema/sql/code-holders.ts';
import { type RawBuilder, sql } from 'kysely';

export type HeldValue = {
  readonly list: string;
  readonly code: string;
  readonly section: string;
  readonly field: string;
};

export type HeldCount = HeldValue & {
  /** `unknown`: the list has no such code. `not-valid-then`: not at the date of the event, or today. */
  readonly standing: 'unknown' | 'not-valid-then';
  /** The label of the code's last entry; null where it is unknown. */
  readonly vi: string | null;
  /** The last day of that entry; null where it is open or unknown. */
  readonly closedOn: string | null;
  readonly successor: string | null;
  readonly records: number;
};

/** By list, code, section and field; the most frequent first. */
export async function countHeldValues(
  db: Db,
  options: HoldersOptions,
): Promise<readonly HeldCount[]> {
  const holders = holdersOf(options);
  if (holders === undefined) return [];
  const { rows } = await sql<HeldCount>`
    with held as (
      select list, code, section, field, count(distinct record_id)::integer as records
      from (${holders}) h group by list, code, section, field)
    select h.*, case when e.code is null then 'unknown' else 'not-valid-then' end as standing,
      e.label_vi as vi, nullif(e.valid_to, '9999-12-31') as closed_on, e.successor
    from held h left join lateral (
      select c.code, c.label_vi, c.valid_to, c.successor from catalogue.code_value c
      where c.list = h.list and c.code = h.code
      order by c.valid_from collate "C" desc limit 1) e on true
    order by h.records desc, h.list, h.code collate "C", h.section, h.field`.execute(db);
  return rows;
}

/** How many records hold such a value, by list; a list of which none does is not there. */
export async function countHolders(
  db: Db,
  options: { readonly today: string; readonly lists: readonly string[] },
): Promise<ReadonlyMap<string, bigint>> {
  const holders = holdersOf(options);
  if (holders === undefined) return new Map();
  const { rows } = await sql<{ list: string; records: bigint }>`
    select list, count(distinct record_id) as records from (${holders}) h group by list`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.list, row.records]));
}

export type Holder = HeldValue & { readonly recordId: string };

/** Where a page ended; the field says which list it is of. */
export type HolderPlace = Omit<Holder, 'list'>;

/** The next `limit` holders behind `after`, in order of record, section, field and code. */
export async function pageOfHolders(
  db: Db,
  options: HoldersOptions & { readonly after?: HolderPlace | undefined; readonly limit: number },
): Promise<readonly Holder[]> {
  const holders = holdersOf(options);
  if (holders === undefined) return [];
  const { after } = options;
  const behind =
    after === undefined
      ? sql`true`
      : sql`(record_id, section collate "C", field collate "C", code collate "C") >
          (${after.recordId}::uuid, ${after.section}, ${after.field}, ${after.code})`;
  const { rows } = await sql<Holder>`
    select distinct record_id, section collate "C" as section, field collate "C" as field,
      code collate "C" as code, list
    from (${holders}) h where ${behind}
    order by record_id, section, field, code limit ${options.limit}`.execute(db);
  return rows;
}

function holdersOf(options: HoldersOptions): RawBuilder<unknown> | undefined {
  const text = codeHoldersSql(options);
  return text === undefined ? undefined : sql.raw(text);
}
