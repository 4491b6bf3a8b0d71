/** Corrections that people look at and decide on. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { fieldsFor, type Reader, wholeAgency } from '../protocol/reader.ts';
import { mayReadRecord } from './readable.ts';

export type CorrectionStanding = 'open' | 'accepted' | 'contested';

export type CorrectionLine = {
  readonly id: string;
  readonly recordId: string;
  readonly source: string;
  readonly section: string;
  readonly field: string;
  /** The day of the source's data. */
  readonly asOf: string;
  /** Of the record, as it was compared. */
  readonly version: bigint;
  readonly since: Date;
  readonly standing: CorrectionStanding;
};

export type Correction = CorrectionLine & {
  readonly unitValue: string;
  readonly sourceValue: string;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
};

const lineColumns = sql`c.id, c.record_id, c.source, c.section, c.field, k.as_of, k.version,
  c.taken_at as since,
  coalesce(s.decision, case when c.contested then 'contested' else 'open' end) as standing`;

const tables = sql`reference.correction c
  join reference.comparison k on k.record_id = c.record_id and k.source = c.source
  left join reference.settled s on s.correction = c.id`;

/** Of records and fields that the reader may see: that a field differs says something of it too. */
function seenBy(reader: Reader): RawBuilder<unknown> {
  const record = mayReadRecord(reader, sql`c.record_id`);
  if (reader.sensitive) return record;
  const open = sections.flatMap((section) =>
    fieldsFor(reader, section).map((field) => `${section.name}.${field.name}`),
  );
  return sql`(${record} and c.section || '.' || c.field = any(${open}::text[]))`;
}

/** In order of id, without any value. */
export async function listCorrections(
  db: Db,
  page: {
    /** Also those that were decided on and are not settled yet. */
    readonly all: boolean;
    readonly after?: string | undefined;
    readonly limit: number;
    /** Who asks; absent: somebody who may see all. */
    readonly reader?: Reader | undefined;
  },
): Promise<readonly CorrectionLine[]> {
  const { rows } = await sql<CorrectionLine>`
    select ${lineColumns} from ${tables}
    where c.id > ${page.after ?? ''} and (${page.all} or s.correction is null and not c.contested)
      and ${seenBy(page.reader ?? wholeAgency)}
    order by c.id limit ${page.limit}`.execute(db);
  return rows;
}

/** Undefined where there is none, or none for the reader. */
export async function readCorrection(
  db: Db,
  id: string,
  reader: Reader = wholeAgency,
): Promise<Correction | undefined> {
  const { rows } = await sql<Correction>`
    select ${lineColumns}, c.unit_value, c.source_value, s.decided_by, s.decided_at, s.reason
    from ${tables} where c.id = ${id} and ${seenBy(reader)}`.execute(db);
  return rows[0];
}

export type StandingCount = {
  readonly source: string;
  /** As on the wire, such as MATCHED. */
  readonly state: string;
  readonly records: bigint;
};

/** How many records stand how to each source. */
export async function countComparisons(db: Db): Promise<readonly StandingCount[]> {
  const { rows } = await sql<StandingCount>`
    select source, state, count(*) as records from reference.comparison
    group by source, state order by source, state`.execute(db);
  return rows;
}

export type Settlement = {
  readonly correction: string;
  readonly recordId: string;
  readonly decision: 'accepted' | 'contested';
  readonly by: string;
  readonly reason: string | null;
};

export async function storeSettlement(db: Db, settlement: Settlement): Promise<void> {
  const { correction, recordId, decision, by, reason } = settlement;
  await sql`insert into reference.settled
      (correction, record_id, decision, version, decided_by, reason)
    values (${correction}, ${recordId}, ${decision},
      coalesce((select version from sync.record where record_id = ${recordId}), 0), ${by}, ${reason})
    on conflict (correction) do update set decision = excluded.decision,
      version = excluded.version, decided_by = excluded.decided_by, decided_at = now(),
      reason = excluded.reason`.execute(db);
}
