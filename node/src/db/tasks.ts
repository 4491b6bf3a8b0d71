/**
 * What waits for people, in one list: whatever part of the node has something for a person to do adds a
 * query here, and so it shows in `status`, in `tasks` and wherever tasks are listed. No value of a person
 * is in it: a task names a record, an import and its row, or a code list.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { type Reader, wholeAgency } from '../protocol/reader.ts';
import { overdueNow } from './due-changes.ts';
import { mayReadRecord, mayReadRow } from './readable.ts';

/**
 * `record-refused`: the hub holds the record back; `row-waiting`: a row waits for the reviewer;
 * `row-refused`: a row has errors; `code-list`: values of a changed code list are to be looked at;
 * `correction`: a reference source has another value, to be accepted or contested; `not-found`: it does
 * not know the person; `overdue`: something of a record is not at the hub although its due day is over.
 */
export const taskKinds = [
  'record-refused',
  'row-waiting',
  'row-refused',
  'code-list',
  'correction',
  'not-found',
  'overdue',
] as const;
export type TaskKind = (typeof taskKinds)[number];

export type Task = {
  readonly kind: TaskKind;
  /** What tells it from others of its kind: a record, `IMPORT SHEET:ROW`, a code list, a correction. */
  readonly subject: string;
  readonly recordId: string | null;
  readonly importId: string | null;
  readonly since: Date;
  /** When it is to be done; null where no law says. */
  readonly due: Date | null;
  /** Codes of the findings or verdicts; of a correction the field; not found, the source; overdue, the kinds of change. */
  readonly codes: readonly string[];
};

const rowTask = (kind: TaskKind, state: string, reader: Reader): RawBuilder<unknown> => sql`
  select ${kind} as kind, r.import_id || ' ' || r.sheet || ':' || r.row_no as subject, r.record_id,
         r.import_id, i.started_at as since, null::timestamptz as due, null::text[] as codes,
         r.findings
  from intake.row r join intake.import i on i.id = r.import_id
  where r.state = ${state} and ${mayReadRow(reader)}`;

/** Of each kind what the reader may see. The codes of rows are made from their findings, of a page only. */
const queries = (reader: Reader): Readonly<Record<TaskKind, RawBuilder<unknown>>> => ({
  'record-refused': sql`
    select 'record-refused' as kind, v.record_id::text as subject, v.record_id,
           null::uuid as import_id, min(v.received_at) as since, null::timestamptz as due,
           array_agg(distinct v.code order by v.code) as codes, null::jsonb as findings
    from sync.verdict v where v.resolved_at is null and ${mayReadRecord(reader, sql`v.record_id`)}
    group by v.record_id`,
  'row-waiting': rowTask('row-waiting', 'waiting', reader),
  'row-refused': rowTask('row-refused', 'refused', reader),
  'code-list': sql`
    select 'code-list' as kind, t.list as subject, null::uuid as record_id, null::uuid as import_id,
           t.raised_at as since, null::timestamptz as due, array[]::text[] as codes,
           null::jsonb as findings
    from sync.code_list_task t where t.acknowledged_at is null`,
  'not-found': sql`
    select 'not-found' as kind, c.record_id || ' ' || c.source as subject, c.record_id,
           null::uuid as import_id, c.taken_at as since, null::timestamptz as due,
           array[c.source] as codes, null::jsonb as findings
    from reference.comparison c
    where c.state = 'NOT_FOUND' and ${mayReadRecord(reader, sql`c.record_id`)}`,
  correction: sql`
    select 'correction' as kind, c.id as subject, c.record_id, null::uuid as import_id,
           c.taken_at as since, null::timestamptz as due, array[c.section || '.' || c.field] as codes,
           null::jsonb as findings
    from reference.correction c
    where not c.contested and not exists (
        select from reference.settled s where s.correction = c.id)
      and ${mayReadRecord(reader, sql`c.record_id`)}`,
  // by the due days as they were last kept
  overdue: sql`
    select 'overdue' as kind, c.record_id::text as subject, c.record_id, null::uuid as import_id,
           min(${startOf(sql`c.noted_on::date`)}) as since,
           min(${startOf(sql`c.due_on::date + 1`)}) as due,
           array_agg(distinct c.kind order by c.kind) as codes, null::jsonb as findings
    from (${overdueNow}) c where ${mayReadRecord(reader, sql`c.record_id`)}
    group by c.record_id`,
});

/** The first moment of a day in Hanoi. */
const startOf = (day: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(${day})::timestamp at time zone 'Asia/Ho_Chi_Minh'`;

function unionOf(kinds: readonly TaskKind[], reader: Reader): RawBuilder<unknown> {
  const all = queries(reader);
  return sql.join(
    kinds.map((kind) => all[kind]),
    sql` union all `,
  );
}

export type TaskPage = {
  readonly kinds?: readonly TaskKind[] | undefined;
  readonly after?: Pick<Task, 'kind' | 'subject'> | undefined;
  readonly limit: number;
  /** Who asks; absent: somebody who may see all. */
  readonly reader?: Reader | undefined;
};

/** By kind and subject; `after` is the last one seen. */
export async function listTasks(
  db: Db,
  { kinds = taskKinds, after, limit, reader = wholeAgency }: TaskPage,
): Promise<readonly Task[]> {
  const seen =
    after === undefined ? sql`true` : sql`(t.kind, t.subject) > (${after.kind}, ${after.subject})`;
  const { rows } = await sql<Task>`
    select p.kind, p.subject, p.record_id, p.import_id, p.since, p.due, coalesce(p.codes, array(
      select distinct f.finding ->> 'code'
      from jsonb_array_elements(p.findings) as f (finding) order by 1)) as codes
    from (
      select t.* from (${unionOf(kinds, reader)}) t where ${seen}
      order by t.kind, t.subject limit ${limit}
    ) p
    order by p.kind, p.subject`.execute(db);
  return rows;
}

export type TaskCounts = Readonly<Record<TaskKind, number>>;

export async function countTasks(db: Db): Promise<TaskCounts> {
  const { rows } = await sql<{ kind: TaskKind; tasks: number }>`
    select t.kind, count(*)::integer as tasks from (${unionOf(taskKinds, wholeAgency)}) t
    group by t.kind`.execute(db);
  const countOf = (kind: TaskKind): number => rows.find((row) => row.kind === kind)?.tasks ?? 0;
  return {
    'record-refused': countOf('record-refused'),
    'row-waiting': countOf('row-waiting'),
    'row-refused': countOf('row-refused'),
    'code-list': countOf('code-list'),
    correction: countOf('correction'),
    'not-found': countOf('not-found'),
    overdue: countOf('overdue'),
  };
}
