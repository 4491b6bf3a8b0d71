/**
 * Publication: picked rows of an import become rows of the profile tables, by statements over whole
 * sections that are generated from the catalogue. Units first, then people, then their lists, all in the
 * caller's one transaction with the change of state of the intake rows.
 *
 * Only what differs is written, so the same data again touches nothing and no trigger has anything to
 * say. Sections and fields that a row does not carry stay as they are.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { orgPost } from '@lienthong/shared-schema/catalogue/organisation.ts';
import type { RecordKind } from '@lienthong/shared-schema/catalogue/types.ts';
import { type Db, lockName } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { sayNoOrigin, sayOrigin } from './change-origin.ts';
import { lockImport } from './intake.ts';
import { plannedFor } from './large-set.ts';
import { holdBack, holdListsOfClosed, tellHeld } from './publish-guard.ts';
import {
  clearLists,
  findDiffering,
  replaceDiffering,
  stageCarriedLists,
  stageListRows,
  stageOrgPosts,
} from './publish-list-section.ts';
import { matchListRows, matchPeople, matchUnits, mintRecords } from './publish-match.ts';
import {
  analyzeLists,
  analyzePicks,
  type Picked,
  pickRows,
  rowKind,
  type RowKey,
} from './publish-pick.ts';
import { type Carries, carriedSections, publishSingleSection } from './publish-single-section.ts';
import { removePicked } from './removed-records.ts';

export type PublishOptions = {
  readonly importId: string;
  /** By default all that wait. With a row of a list its whole list is meant. */
  readonly rows?: readonly RowKey[] | undefined;
  /** Who checked the rows; by default their source: `source:NAME`. */
  readonly decidedBy?: string | undefined;
  readonly reason?: string | undefined;
  /** A person says that what differs from closed records is a correction. Else such rows stay. */
  readonly correctsClosed?: boolean | undefined;
  /** Rows whose record is another than when they were judged stay. */
  readonly ifUnchanged?: boolean | undefined;
};

/**
 * Why a picked row was not published. `closed`: it would change a closed record; `overtaken`: newer data
 * of the same fields is published; `changed`: the record changed since the row was judged; `gone`: its
 * record was removed, or the row has a part of a person who is not here; `twice`: another picked row is of
 * the same record; `no-unit`: a unit that it names is not here; `no-person`: the person of a list is not
 * known, or a row of the person or list is refused. These wait on, with a finding where they are `closed`.
 * `refused`: a finding was added.
 */
export const heldReasons = [
  'closed',
  'overtaken',
  'changed',
  'gone',
  'twice',
  'no-unit',
  'no-person',
  'refused',
] as const;

export type HeldReason = (typeof heldReasons)[number];

export type Publication = {
  readonly published: number;
  /** Rows whose data the unit has already. */
  readonly unchanged: number;
  readonly held: Readonly<Record<HeldReason, number>>;
};

/** Publishes rows that wait; all others of `rows` are left as they are. */
export async function publishRows(db: Db, options: PublishOptions): Promise<Publication> {
  await lockImport(db, options.importId);
  // One publication at a time: two could both mint a record for the same new person.
  await lockName(db, 'intake.publish', 'wait');
  const picked = await pickRows(db, options.importId, options.rows);
  await sayOrigin(db, options.importId);
  const done = await plannedFor(db, picked.rows, () => publishPicked(db, options, picked));
  await sayNoOrigin(db);
  return done;
}

async function publishPicked(
  db: Db,
  options: PublishOptions,
  picked: Picked,
): Promise<Publication> {
  const { importId, decidedBy = null, reason = null } = options;
  if (picked.units > 0) await matchUnits(db);
  await matchPeople(db);
  await analyzePicks(db, picked);
  await holdBack(db, options);
  await mintRecords(db);
  await analyzePicks(db, picked);
  if (picked.units > 0) await publishUnits(db, importId, picked);
  if (picked.people > 0) await publishRecords(db, importId, 'person');
  await publishLists(db, options, picked);
  if (picked.removals > 0) await removePicked(db, { importId, removedBy: decidedBy, reason });
  await tellHeld(db, importId);
  await analyzePicks(db, picked);
  return await settle(db, { importId, decidedBy, reason });
}

/** Single sections and, of people, the lists that their rows carry: for each set of columns at once. */
async function publishRecords(db: Db, importId: string, kind: RecordKind): Promise<void> {
  const { rows } = await sql<{ carries: Carries }>`
    select distinct carries from pg_temp.publish_pick
    where kind = ${rowKind[kind]} and action = 'put' and held is null`.execute(db);
  for (const { carries } of rows) {
    for (const one of carriedSections(kind, carries)) {
      await publishSingleSection(db, { importId, carries, ...one });
    }
  }
}

async function publishUnits(db: Db, importId: string, picked: Picked): Promise<void> {
  await publishRecords(db, importId, 'org_unit');
  await clearLists(db);
  await stageOrgPosts(db, importId);
  await analyzeLists(db, picked);
  await findDiffering(db, orgPost);
  // posts are no list of their own in a file: they change with their unit
  await replaceDiffering(db, orgPost, '');
}

async function publishLists(
  db: Db,
  { importId, correctsClosed }: PublishOptions,
  picked: Picked,
): Promise<void> {
  await clearLists(db);
  if (picked.people > 0) await stageCarriedLists(db, importId);
  if (picked.listRows > 0) {
    await matchListRows(db, importId);
    await analyzePicks(db, picked);
    await stageListRows(db, importId);
  }
  const { rows } = await sql<{ section: string }>`
    select distinct section from pg_temp.publish_list`.execute(db);
  if (rows.length === 0) return;
  await analyzeLists(db, picked);
  const named = new Set(rows.map((row) => row.section));
  const lists = sections.filter((section) => named.has(section.name));
  for (const section of lists) await findDiffering(db, section);
  if (correctsClosed !== true) await holdListsOfClosed(db);
  for (const section of lists) await replaceDiffering(db, section, section.name);
}

type Decision = {
  readonly importId: string;
  readonly decidedBy: string | null;
  readonly reason: string | null;
};

type Outcome = { readonly outcome: string; readonly rows: number };

/** The states of the picked rows, by what was changed. */
async function settle(db: Db, { importId, decidedBy, reason }: Decision): Promise<Publication> {
  const { rows } = await sql<Outcome>`
    with settled as (
      update intake.row r
      set state = case when p.changed then 'published' else 'unchanged' end,
          record_id = coalesce(p.record_id, r.record_id),
          published_at = case when p.changed then clock_timestamp() end,
          decided_by = coalesce(${decidedBy}, 'source:' || i.source),
          decided_at = now(),
          reason = ${reason}
      from intake.import i, (
        select w.sheet, w.row_no, w.record_id, coalesce(bool_or(
          case when w.kind = 'list-row' then c.list = w.section
               else c.list = '' or w.carries ? c.list end), false) as changed
        from pg_temp.publish_pick w left join pg_temp.publish_changed c using (record_id)
        where w.held is null and (w.record_id is not null or w.action = 'remove')
        group by w.sheet, w.row_no
      ) p
      where i.id = ${importId} and r.import_id = ${importId}
        and r.sheet = p.sheet and r.row_no = p.row_no
      returning r.state
    )
    select state as outcome, count(*)::integer as rows from settled group by state
    union all
    select coalesce(held, 'no-person'), count(*)::integer from pg_temp.publish_pick
    where held is not null or (record_id is null and action = 'put') group by 1`.execute(db);
  const countOf = (name: string): number => rows.find((row) => row.outcome === name)?.rows ?? 0;
  return {
    published: countOf('published'),
    unchanged: countOf('unchanged'),
    held: {
      closed: countOf('closed'),
      overtaken: countOf('overtaken'),
      changed: countOf('changed'),
      gone: countOf('gone'),
      twice: countOf('twice'),
      'no-unit': countOf('no-unit'),
      'no-person': countOf('no-person'),
      refused: countOf('refused'),
    },
  };
}
