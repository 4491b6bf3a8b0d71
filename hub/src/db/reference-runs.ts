/**
 * The runs of comparisons: how far each is, whom it is to look at next, and the answers that need not
 * be asked for again. A run of millions is pages of some hundred people behind a stored record.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import { type RawBuilder, sql } from 'kysely';

import type { ReferenceAnswer } from '../protocol/compare-reference.ts';
import {
  type ComparedField,
  comparedFields,
  fieldPath,
  type ReferenceName,
} from '../protocol/reference-fields.ts';

export type RunKey = { readonly source: ReferenceName; readonly agency: string };

export type Run = {
  readonly startedAt: Date;
  /** Answers from before the run do not count for it. */
  readonly fresh: boolean;
  readonly doneTo: string | null;
  readonly compared: bigint;
};

/** The run that was not finished, else a new one. One that asks anew is not the end of one that does not. */
export async function beginRun(db: Db, { source, agency }: RunKey, fresh: boolean): Promise<Run> {
  const { rows } = await sql<Run>`
    insert into reference.run as r (source, agency, fresh, started_at)
    values (${source}, ${agency}, ${fresh}, clock_timestamp())
    on conflict (source, agency) do update set
      fresh = excluded.fresh or r.finished_at is null and r.fresh,
      started_at = case when ${goesOn} then r.started_at else excluded.started_at end,
      done_to = case when ${goesOn} then r.done_to end,
      compared = case when ${goesOn} then r.compared else 0 end,
      finished_at = null
    returning started_at, fresh, done_to, compared`.execute(db);
  const [run] = rows;
  if (run === undefined) throw new RangeError(`no unit ${agency}`);
  return run;
}

const goesOn = sql`r.finished_at is null and (r.fresh or not excluded.fresh)`;

export async function moveRun(
  db: Db,
  { source, agency }: RunKey,
  step: { readonly doneTo: string; readonly compared: number },
): Promise<void> {
  await sql`update reference.run
    set done_to = ${step.doneTo}, compared = compared + ${step.compared}
    where source = ${source} and agency = ${agency}`.execute(db);
}

export async function finishRun(db: Db, { source, agency }: RunKey): Promise<void> {
  await sql`update reference.run set finished_at = clock_timestamp(), done_to = null
    where source = ${source} and agency = ${agency}`.execute(db);
}

/** Of every source: nothing is kept of a person longer than it may be used. */
export async function dropOldAnswers(db: Db, now: Date): Promise<void> {
  await sql`delete from reference.answer where valid_until <= ${now}`.execute(db);
}

/** Names of the tables that a source is compared with, each with one row a person. */
const tablesOf = (fields: readonly ComparedField[]): readonly string[] => [
  ...new Set(fields.map(({ section }) => section.name)),
];

const joins = (fields: readonly ComparedField[], record: string): RawBuilder<unknown> =>
  sql.raw(
    tablesOf(fields)
      .filter((name) => name !== 'identity')
      .map((name) => `left join national.${name} on ${name}.record_id = ${record}`)
      .join(' '),
  );

/** The digest of what the unit has in the fields of a source: another one is to be compared again. */
export function comparedDigest(source: ReferenceName): {
  readonly digest: RawBuilder<unknown>;
  /** Joins the tables of the digest to `national.identity`, called `identity`. */
  readonly tables: RawBuilder<unknown>;
} {
  const fields = comparedFields(source);
  const values = fields.map((one) => fieldPath(one)).join(', ');
  return {
    digest: sql.raw(`sha256(convert_to(row(identity.pin, ${values})::text, 'UTF8'))`),
    tables: joins(fields, 'identity.record_id'),
  };
}

export type DueRecord = {
  readonly recordId: string;
  readonly version: bigint;
  readonly pin: string;
  /** By path; null where the unit has none. */
  readonly values: Readonly<Record<string, string | null>>;
  /** Tags of the sections of which the hub has ciphertext only. */
  readonly sealed: readonly number[];
  readonly digest: Buffer;
  /** An answer that may be used again. */
  readonly answer: (ReferenceAnswer & { readonly validUntil: Date }) | null;
};

/** Records that one query looks at: whatever is due among a million, each costs the same. */
const windowRecords = 500;
const firstRecord = '00000000-0000-0000-0000-000000000000';

async function endOfWindow(db: Db, agency: string, after: string): Promise<string | undefined> {
  const { rows } = await sql<{ recordId: string }>`
    select record_id from (
      select record_id from national.record
      where agency = ${agency} and kind = 2 and record_id > ${after}
      order by record_id limit ${windowRecords}) w
    order by record_id desc limit 1`.execute(db);
  return rows[0]?.recordId;
}

export type DuePage = {
  readonly due: readonly DueRecord[];
  /** Up to here everybody who is due has been seen, with these. */
  readonly doneTo: string;
};

/**
 * The next active people of the unit who were not compared yet, have changed since, or whose answer is
 * too old, in order of record; there may be none in a page. Undefined at the end.
 */
export async function nextDue(
  db: Db,
  { source, agency }: RunKey,
  page: { readonly doneTo: string | null; readonly now: Date; readonly limit: number },
): Promise<DuePage | undefined> {
  const fields = comparedFields(source);
  const pairs = fields.map((one) => `${literal(fieldPath(one))}, ${fieldPath(one)}::text`);
  const sectionTags = tablesOf(fields).map((name) => sectionNamed(name).tag);
  const { digest, tables } = comparedDigest(source);
  const { now, limit } = page;
  const after = page.doneTo ?? firstRecord;
  const end = await endOfWindow(db, agency, after);
  if (end === undefined) return undefined;
  const { rows } = await sql<
    Omit<DueRecord, 'answer'> & {
      kind: ReferenceAnswer['kind'] | null;
      fields: ReferenceAnswer['fields'];
      asOf: string;
      validUntil: Date;
    }
  >`
    select r.record_id, r.version, identity.pin,
      jsonb_build_object(${sql.raw(pairs.join(', '))}) as values,
      array(select s.section from national.sealed s where s.record_id = r.record_id
        and s.section = any(${sectionTags}::smallint[])) as sealed,
      ${digest} as digest, a.kind, a.fields, a.as_of, a.valid_until
    from reference.run q
    join national.record r on r.agency = q.agency and r.kind = 2
    join national.identity on identity.record_id = r.record_id ${tables}
    left join national.employment e on e.record_id = r.record_id
    left join reference.comparison c on c.record_id = r.record_id and c.source = ${source}
    left join reference.answer a on a.source = ${source} and a.pin = identity.pin
      and a.valid_until > ${now} and (not q.fresh or a.asked_at > q.started_at)
    where q.source = ${source} and q.agency = ${agency}
      and r.record_id > ${after} and r.record_id <= ${end}
      and coalesce(e.status, '1') = '1'
      and (c.record_id is null or c.state = 'STALE' or c.valid_until <= ${now}
        or q.fresh and c.compared_at < q.started_at)
    order by r.record_id limit ${limit}`.execute(db);
  const due = rows.map(({ kind, fields: told, asOf, validUntil, ...record }) => ({
    ...record,
    answer: kind === null ? null : { kind, fields: told, asOf, validUntil },
  }));
  const last = due.length < limit ? undefined : due.at(-1);
  return { due, doneTo: last?.recordId ?? end };
}

/** Of a person only the fields that are compared. */
export async function storeAnswers(
  db: Db,
  source: ReferenceName,
  answers: ReadonlyMap<string, ReferenceAnswer>,
  validUntil: Date,
): Promise<void> {
  const paths = new Set(comparedFields(source).map((one) => fieldPath(one)));
  const rows = [...answers].map(([pin, { kind, fields, asOf }]) => ({
    pin,
    kind,
    fields: Object.fromEntries(Object.entries(fields).filter(([path]) => paths.has(path))),
    as_of: asOf,
  }));
  await sql`insert into reference.answer
      (source, pin, kind, fields, as_of, asked_at, valid_until)
    select ${source}, pin, kind, fields, as_of, clock_timestamp(), ${validUntil}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as a (pin text, kind text, fields jsonb, as_of text)
    on conflict (source, pin) do update set kind = excluded.kind, fields = excluded.fields,
      as_of = excluded.as_of, asked_at = excluded.asked_at,
      valid_until = excluded.valid_until`.execute(db);
}

export type RunOverview = Run & {
  readonly source: string;
  readonly agency: string;
  readonly finishedAt: Date | null;
};

export async function listRuns(db: Db): Promise<readonly RunOverview[]> {
  const { rows } = await sql<RunOverview>`
    select source, agency, started_at, fresh, done_to, compared, finished_at
    from reference.run order by source, agency`.execute(db);
  return rows;
}

/** The units whose people may be compared; of one agency at most that one. */
export async function unitsToCompare(
  db: Db,
  agency: string | undefined,
): Promise<readonly string[]> {
  const { rows } = await sql<{ agency: string }>`
    select agency from registry.unit
    where status in ('active', 'frozen') and agency = coalesce(${agency ?? null}, agency)
    order by agency`.execute(db);
  return rows.map((row) => row.agency);
}
