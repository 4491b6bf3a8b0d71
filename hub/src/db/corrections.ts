/** What differs between units and reference sources, for the hub's operator. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { unitsWord } from './comparisons.ts';

export type OpenCorrection = {
  readonly id: string;
  readonly agency: string;
  readonly recordId: string;
  readonly source: string;
  readonly section: number;
  readonly field: number;
  readonly asOf: string;
  readonly version: bigint;
  readonly openedAt: Date;
  /** When the unit said that its value stays, and why; null where it has not. */
  readonly contestedAt: Date | null;
  readonly reason: string | null;
};

const lineColumns = sql`o.id, o.agency, o.record_id, o.source, o.section, o.field, o.as_of, o.version,
  o.opened_at, case when s.contested then s.said_at end as contested_at,
  case when s.contested then s.reason end as reason`;

const openOnes = sql`reference.correction o ${unitsWord}`;

export type CorrectionPage = {
  readonly agency?: string | undefined;
  readonly contested: boolean;
  readonly after?: string | undefined;
  readonly limit: number;
};

/** In order of id, without any value. */
export async function listCorrections(
  db: Db,
  { agency, contested, after, limit }: CorrectionPage,
): Promise<readonly OpenCorrection[]> {
  const { rows } = await sql<OpenCorrection>`
    select ${lineColumns} from ${openOnes} where o.agency = coalesce(${agency ?? null}, o.agency)
      and (s.contested or not ${contested}) and o.id > ${after ?? ''}
    order by o.id limit ${limit}`.execute(db);
  return rows;
}

export type CorrectionValues = { readonly unitValue: string; readonly sourceValue: string };

/** With what both sides have; undefined where nothing of the id is open. */
export async function readCorrection(
  db: Db,
  id: string,
): Promise<(OpenCorrection & CorrectionValues) | undefined> {
  const { rows } = await sql<OpenCorrection & CorrectionValues>`
    select ${lineColumns}, o.unit_value, o.source_value
    from ${openOnes} where o.id = ${id}`.execute(db);
  return rows[0];
}

export type ComparisonCount = {
  readonly agency: string;
  readonly source: string;
  readonly state: string;
  readonly records: bigint;
};

export async function countComparisons(db: Db): Promise<readonly ComparisonCount[]> {
  const { rows } = await sql<ComparisonCount>`
    select agency, source, state, count(*) as records from reference.comparison
    group by agency, source, state order by agency, source, state`.execute(db);
  return rows;
}

export type CorrectionCount = {
  readonly agency: string;
  readonly source: string;
  readonly open: bigint;
  readonly contested: bigint;
};

export async function countCorrections(
  db: Db,
  agency: string | undefined,
): Promise<readonly CorrectionCount[]> {
  const { rows } = await sql<CorrectionCount>`
    select o.agency, o.source, count(*) as open, count(*) filter (where s.contested) as contested
    from ${openOnes} where o.agency = coalesce(${agency ?? null}, o.agency)
    group by o.agency, o.source order by o.agency, o.source`.execute(db);
  return rows;
}
