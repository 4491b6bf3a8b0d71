/**
 * The quality of a unit's data, in sets: what is counted and every fault of it go into temporary tables,
 * from which figures by unit and lists of records follow. Each side hands in where its rows lie. Runs in
 * the caller's transaction; writes nothing else.
 */
import { type RawBuilder, sql } from 'kysely';

import { expectedFields, expectedLists } from '../rules/completeness-rules.ts';
import { codeHoldersSql } from '../sql/code-holders.ts';
import { literal } from '../sql/names.ts';
import { addDays } from '../text/hanoi-day.ts';
import type { QualityMeasureName } from '../totals/quality-measures.ts';
import type { Db } from './database.ts';
import { withDue } from './due-changes.ts';

export type QualitySide = {
  readonly schema: 'profile' | 'national';
  /** `record_id, unit, object_class, pin, full_name, birth_date` of everybody who counts. */
  readonly people: RawBuilder<unknown>;
  /** `record_id, section, field` of all who were compared; section null where nothing differs. */
  readonly compared: RawBuilder<unknown>;
  /** As of `DueQuery`. */
  readonly changes: RawBuilder<unknown>;
  /** `record_id, good` of those whose digests are there; absent where this side cannot say. */
  readonly digests?: RawBuilder<unknown>;
  /** `record_id` of those whom the unit does not have back in their current version. */
  readonly notBack: RawBuilder<unknown>;
};

export type QualityFigure = {
  /** The unit that employs; not those below it. */
  readonly unit: string;
  readonly measure: QualityMeasureName;
  readonly good: bigint;
  readonly of: bigint;
};

const yearDays = 365;

/** Fills the tables; `today` is the day in Hanoi, for which the due days are kept. */
export async function measureQuality(db: Db, side: QualitySide, today: string): Promise<void> {
  await createTables(db);
  await sql`insert into pg_temp.quality_person ${side.people}`.execute(db);
  await sql`analyze pg_temp.quality_person`.execute(db);
  await measureCorrect(db, side);
  await measureSufficient(db, side);
  await measureClean(db, side, today);
  await measureLive(db, side, today);
  if (side.digests !== undefined) await measureUnified(db, side.digests);
  await countPeople(db, 'shared', sql`true`);
  await sql`insert into pg_temp.quality_fault
    select 'shared', p.unit, p.record_id, p.record_id::text, '', ''
    from (${side.notBack}) n join pg_temp.quality_person p using (record_id)`.execute(db);
}

async function createTables(db: Db): Promise<void> {
  await sql`create temporary table if not exists quality_person (
    record_id uuid primary key, unit text not null, object_class text, pin text, full_name text,
    birth_date text) on commit delete rows`.execute(db);
  await sql`create temporary table if not exists quality_base (
    measure text not null, unit text not null, total bigint not null) on commit delete rows`.execute(
    db,
  );
  // item: what is counted once, however many faults it has
  await sql`create temporary table if not exists quality_fault (
    measure text not null, unit text not null, record_id uuid not null, item text not null,
    section text not null, field text not null) on commit delete rows`.execute(db);
  await sql`truncate pg_temp.quality_person, pg_temp.quality_base, pg_temp.quality_fault`.execute(
    db,
  );
}

async function countPeople(
  db: Db,
  measure: QualityMeasureName,
  which: RawBuilder<unknown>,
): Promise<void> {
  await sql`insert into pg_temp.quality_base
    select ${measure}, p.unit, count(*) from pg_temp.quality_person p where ${which}
    group by p.unit`.execute(db);
}

/** Faults from a query of `record_id, section, field`. */
async function addFaults(
  db: Db,
  measure: QualityMeasureName,
  faults: RawBuilder<unknown>,
): Promise<void> {
  await sql`insert into pg_temp.quality_fault
    select distinct ${measure}::text, p.unit, p.record_id, p.record_id::text, f.section, f.field
    from (${faults}) f join pg_temp.quality_person p on p.record_id = f.record_id`.execute(db);
}

async function measureCorrect(db: Db, { compared }: QualitySide): Promise<void> {
  await countPeople(db, 'correct', sql`p.record_id in (select c.record_id from (${compared}) c)`);
  await addFaults(
    db,
    'correct',
    sql`select c.record_id, c.section, c.field from (${compared}) c where c.section is not null`,
  );
}

async function measureSufficient(db: Db, { schema }: QualitySide): Promise<void> {
  await countPeople(db, 'sufficient', sql`true`);
  const classes = Object.keys(expectedFields);
  const missing = classes.flatMap((one) => [
    ...(expectedFields[one] ?? []).map((path) => missingField(schema, one, path)),
    ...(expectedLists[one] ?? []).map((section) => missingList(schema, one, section)),
  ]);
  for (const query of missing) await addFaults(db, 'sufficient', sql.raw(query));
}

function missingField(schema: string, objectClass: string, path: string): string {
  const [section = '', field = ''] = path.split('.');
  return `select q.record_id, ${literal(section)} as section, ${literal(field)} as field
    from pg_temp.quality_person q left join ${schema}.${section} s on s.record_id = q.record_id
    where q.object_class = ${literal(objectClass)} and s.${field} is null`;
}

const missingList = (schema: string, objectClass: string, section: string): string =>
  `select q.record_id, ${literal(section)} as section, '' as field from pg_temp.quality_person q
    where q.object_class = ${literal(objectClass)}
      and not exists (select from ${schema}.${section} s where s.record_id = q.record_id)`;

async function measureClean(db: Db, { schema }: QualitySide, today: string): Promise<void> {
  await countPeople(db, 'clean', sql`true`);
  await addFaults(
    db,
    'clean',
    sql`select record_id, 'identity' as section, 'pin' as field from (
        select record_id, pin, count(*) over (partition by pin) as holders
        from pg_temp.quality_person) q
      where q.pin is not null and q.holders > 1`,
  );
  await addFaults(
    db,
    'clean',
    sql`select record_id, 'identity' as section, 'full_name' as field from (
        select record_id, count(*) over (partition by lower(full_name), birth_date) as holders
        from pg_temp.quality_person where char_length(birth_date) = 10) q
      where q.holders > 1`,
  );
  const holders = codeHoldersSql({ today, schema, plainOnly: true });
  if (holders === undefined) return;
  await addFaults(
    db,
    'clean',
    sql`select h.record_id, h.section, h.field from (${sql.raw(holders)}) h`,
  );
}

/** Changes that are not due yet do not count. */
async function measureLive(db: Db, { changes }: QualitySide, today: string): Promise<void> {
  const due = withDue({ changes, today });
  const since = addDays(today, -yearDays);
  await sql`insert into pg_temp.quality_base
    select 'live', c.unit, count(*) from (${due}) c
    where c.event_on >= ${since} and (c.arrived_on is not null or c.days_late > 0)
    group by c.unit`.execute(db);
  await sql`insert into pg_temp.quality_fault
    select 'live', c.unit, c.record_id,
      concat_ws('/', c.record_id, c.section, c.noted_on, row_number() over ()),
      c.section::text, c.kind
    from (${due}) c where c.event_on >= ${since} and c.days_late > 0`.execute(db);
}

async function measureUnified(db: Db, digests: RawBuilder<unknown>): Promise<void> {
  await sql`insert into pg_temp.quality_base
    select 'unified', p.unit, count(*)
    from (${digests}) d join pg_temp.quality_person p using (record_id) group by p.unit`.execute(
    db,
  );
  await addFaults(
    db,
    'unified',
    sql`select d.record_id, '' as section, '' as field from (${digests}) d where not d.good`,
  );
}

/** By unit and measure, as measured in this transaction. */
export async function readQuality(db: Db): Promise<readonly QualityFigure[]> {
  const { rows } = await sql<QualityFigure>`
    select b.unit, b.measure, b.total - coalesce(f.bad, 0) as good, b.total as of
    from pg_temp.quality_base b
    left join (
      select measure, unit, count(distinct item) as bad from pg_temp.quality_fault
      group by measure, unit) f on f.measure = b.measure and f.unit = b.unit
    order by b.unit, b.measure`.execute(db);
  return rows;
}

export type QualityFault = {
  readonly recordId: string;
  readonly unit: string;
  /** Empty where the fault is of the record as a whole. Of `live` the tag of the section. */
  readonly section: string;
  /** Empty where the fault is of a section as a whole. Of `live` the kind of change. */
  readonly field: string;
};

export type FaultPage = {
  readonly measure: QualityMeasureName;
  readonly unit?: string | undefined;
  readonly after?: QualityFault['recordId'] | undefined;
  /** Records; each comes with all its faults. */
  readonly limit: number;
};

/** The faults of the next records, as measured in this transaction. */
export async function listFaults(db: Db, page: FaultPage): Promise<readonly QualityFault[]> {
  const { measure, unit, after, limit } = page;
  const within =
    unit === undefined ? sql`true` : sql`(f.unit = ${unit} or starts_with(f.unit, ${`${unit}.`}))`;
  const seen = after === undefined ? sql`true` : sql`f.record_id > ${after}::uuid`;
  const { rows } = await sql<QualityFault>`
    select f.record_id, f.unit, f.section, f.field from pg_temp.quality_fault f
    where f.measure = ${measure} and ${within} and f.record_id in (
      select distinct f.record_id from pg_temp.quality_fault f
      where f.measure = ${measure} and ${within} and ${seen}
      order by f.record_id limit ${limit})
    order by f.record_id, f.section, f.field`.execute(db);
  return rows;
}
