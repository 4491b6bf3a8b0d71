/** Digests of what the hub holds of one unit. */
import { nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import {
  type DigestView,
  payloadDigestsSql,
  sectionDigestsSql,
} from '@lienthong/shared-schema/sql/record-digests.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

/** Whatever lies in the tables counts, plain or sealed, also where a policy has changed since. */
export function digestView(agency: string): DigestView {
  return {
    digests: 'sync.record_digest',
    buckets: 'sync.bucket_digest',
    dirty: 'sync.digest_dirty',
    agency,
    records: `select r.record_id from national.record r where r.agency = ${literal(agency)}`,
    sections: [
      ...nationalSections.map((section) => sectionDigestsSql(section, 'national')),
      payloadDigestsSql,
    ],
  };
}

/**
 * Marks the staged records that are about to be written, each once, and spares the triggers on
 * `national` the same for every section; `unmark` must follow. For 20,000 people that is 20,000 marks
 * in place of some 700,000.
 */
export async function markStaged(db: Db, agency: string, kind: 1 | 2): Promise<void> {
  await sql`insert into sync.digest_dirty (agency, record_id)
    select ${agency}, record_id from ${sql.raw(stageRecord)}
    where kind = ${kind} and outcome = 'apply'`.execute(db);
  await sql`select set_config('lienthong.marked', 'on', true)`.execute(db);
}

/** From here on the triggers mark what statements touch. */
export async function unmark(db: Db): Promise<void> {
  await sql`select set_config('lienthong.marked', 'off', true)`.execute(db);
}

export async function countHeld(db: Db, agency: string): Promise<bigint> {
  const { rows } = await sql<{ held: bigint }>`
    select count(*) as held from sync.held_record where agency = ${agency}`.execute(db);
  return rows[0]?.held ?? 0n;
}

export type RecordFacts = {
  readonly recordId: string;
  /** Null where the unit has no such record here. */
  readonly digest: Buffer | null;
  readonly kind: number;
  readonly version: bigint;
  readonly held: boolean;
};

/** What the hub knows of each of these records as records of this unit, in their order. */
export async function readRecordFacts(
  db: Db,
  agency: string,
  recordIds: readonly string[],
): Promise<readonly RecordFacts[]> {
  const { rows } = await sql<RecordFacts>`
    select i.record_id, d.digest, coalesce(r.kind, 0)::integer as kind,
      coalesce(r.version, 0) as version, h.record_id is not null as held
    from unnest(${[...recordIds]}::uuid[]) with ordinality as i (record_id, n)
    left join national.record r on r.record_id = i.record_id and r.agency = ${agency}
    left join sync.record_digest d on d.record_id = r.record_id and d.agency = ${agency}
    left join sync.held_record h on h.record_id = i.record_id and h.agency = ${agency}
    order by i.n`.execute(db);
  return rows;
}
