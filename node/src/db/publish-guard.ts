/**
 * What is picked and yet not published, with the reason. Most of it waits on; what no reviewer can let
 * through gets a finding and is refused, and is judged again once the cause is mended.
 *
 * A closed record (left, retired, transferred, deceased) is changed by nobody but a person who says
 * that it is a correction, and becomes active by reopening alone: a list of people at work that still
 * has a retired one must not bring that one back.
 */
import { orgUnit } from '@lienthong/shared-schema/catalogue/organisation.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { FindingCode } from '@lienthong/shared-schema/rules/rules.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import type { Verdict } from '../intake/intake-item.ts';
import { pinHeldElsewhere, recordClosed } from '../intake/standing-findings.ts';
import { activeStatus } from '../protocol/record-life.ts';
import { rowKeys } from './intake.ts';
import { clearLists } from './publish-list-section.ts';
import type { RowKey } from './publish-pick.ts';
import { type Carries, carriedSections, noteClosedDiffering } from './publish-single-section.ts';
import { isActive } from './record-of-pin.ts';
import { changedSince } from './seen-records.ts';

export type Guard = {
  readonly importId: string;
  readonly rows?: readonly RowKey[] | undefined;
  readonly correctsClosed?: boolean | undefined;
  readonly ifUnchanged?: boolean | undefined;
};

/** Holds back rows whose record is known or will be minted; list rows are looked at later. */
export async function holdBack(db: Db, guard: Guard): Promise<void> {
  await hold(db, 'gone', sql`p.action = 'put' and p.record_id is not null and not p.known`);
  await holdPartial(db, guard.importId);
  await holdRepeated(db);
  await refuse(db, guard.importId);
  await holdOvertaken(db, guard.importId);
  if (guard.ifUnchanged === true) await holdChanged(db, guard);
  if (guard.correctsClosed !== true) await holdClosed(db, guard.importId);
  await holdWithoutUnit(db, guard.importId);
}

/**
 * Rows that name a unit which is neither here nor published with them: the hub would refuse such a
 * record. A unit that stays holds back those below it, as deep as it goes.
 */
async function holdWithoutUnit(db: Db, importId: string): Promise<void> {
  const named = sql`(values
    (r.sections -> 'org_unit' -> 0 ->> 'parent_code'),
    (r.sections -> 'employment' -> 0 ->> 'employing_unit'),
    (r.sections -> 'employment' -> 0 ->> 'managing_unit')) as u (code)`;
  for (;;) {
    const { numAffectedRows } = await sql`
      update pg_temp.publish_pick p set held = 'no-unit'
      from intake.row r
      where r.import_id = ${importId} and r.sheet = p.sheet and r.row_no = p.row_no
        and p.held is null and p.kind <> 'list-row' and p.action = 'put'
        and p.carries ?| array['org_unit', 'employment'] and exists (
          select from ${named} where u.code is not null
            and not exists (select from profile.org_unit o where o.code = u.code)
            and not exists (
              select from pg_temp.publish_pick x
              where x.kind = 'unit' and x.action = 'put' and x.held is null
                and x.unit_code = u.code))`.execute(db);
    if (Number(numAffectedRows ?? 0n) === 0) return;
  }
}

/** `condition` is about the pick `p`; the first reason stays. */
async function hold(db: Db, held: string, condition: RawBuilder<unknown>): Promise<void> {
  await sql`update pg_temp.publish_pick p set held = ${held}
    where p.held is null and p.kind <> 'list-row' and ${condition}`.execute(db);
}

async function holdRepeated(db: Db): Promise<void> {
  await sql`
    update pg_temp.publish_pick p set held = 'twice'
    from (
      select sheet, row_no, row_number() over (
        partition by kind, coalesce(record_id::text, pin, unit_code) order by sheet, row_no) as nth
      from pg_temp.publish_pick
      where kind <> 'list-row' and held is null
        and coalesce(record_id::text, pin, unit_code) is not null
    ) n
    where n.sheet = p.sheet and n.row_no = p.row_no and n.nth > 1`.execute(db);
}

/** What a record cannot be without. */
const needed = { unit: [orgUnit], person: [identity, employment] } as const;

/** A row of a record that is not here, and too little to make one: it was judged with what was here. */
async function holdPartial(db: Db, importId: string): Promise<void> {
  for (const [kind, sections] of Object.entries(needed)) {
    const isWhole = sections.map((section) => {
      const fields = section.fields.filter((field) => field.required).map((field) => field.name);
      return sql`coalesce(r.sections -> ${section.name}::text -> 0 ?& ${fields}::text[], false)`;
    });
    await hold(
      db,
      'gone',
      sql`p.kind = ${kind} and p.action = 'put' and p.record_id is null and exists (
        select from intake.row r
        where r.import_id = ${importId} and r.sheet = p.sheet and r.row_no = p.row_no
          and not (${sql.join(isWhole, sql` and `)}))`,
    );
  }
}

/** As `standingFindings` of a row: a closed record that would become active, a number of another's. */
async function refuse(db: Db, importId: string): Promise<void> {
  await hold(
    db,
    'record_closed' satisfies FindingCode,
    sql`p.kind = 'person' and p.action = 'put' and p.closed
      and p.carries -> 'employment' ? 'status' and exists (
        select from intake.row r
        where r.import_id = ${importId} and r.sheet = p.sheet and r.row_no = p.row_no
          and r.sections -> 'employment' -> 0 ->> 'status' = ${activeStatus})`,
  );
  await hold(
    db,
    'pin_held_elsewhere' satisfies FindingCode,
    sql`p.kind = 'person' and p.action = 'put' and not p.closed
      and p.carries -> 'identity' ? 'pin' and exists (
        select from profile.identity i left join profile.employment e using (record_id)
        where i.pin = p.pin and i.record_id <> p.record_id and ${isActive})`,
  );
}

/** Nothing older is published over something newer: rows of later imports for the same fields. */
async function holdOvertaken(db: Db, importId: string): Promise<void> {
  const { rows } = await sql<{ newer: boolean }>`
    select exists (
      select from intake.import n, intake.import this
      where this.id = ${importId} and (n.started_at, n.id) > (this.started_at, this.id)
    ) as newer`.execute(db);
  if (rows[0]?.newer !== true) return;
  for (const key of rowKeys) {
    await sql`
      update pg_temp.publish_pick p set held = 'overtaken'
      from intake.row n, intake.import later, intake.import this
      where this.id = ${importId} and later.id = n.import_id
        and (later.started_at, later.id) > (this.started_at, this.id)
        and n.state in ('published', 'unchanged')
        and ${sql.ref(`n.${key}`)} = ${sql.ref(`p.${key}`)} and p.held is null
        and (n.action = 'remove' or p.action = 'remove' or intake.overlap(n.carries, p.carries))
      `.execute(db);
  }
}

/** Rows whose record is another than the one that was there when they were judged. */
async function holdChanged(db: Db, { importId, rows }: Guard): Promise<void> {
  await sql`
    update pg_temp.publish_pick p set held = 'changed'
    from (${changedSince(importId, rows)}) c
    where p.held is null and p.sheet = c.sheet and p.row_no = c.row_no`.execute(db);
}

async function holdClosed(db: Db, importId: string): Promise<void> {
  const { rows } = await sql<{ carries: Carries }>`
    select distinct carries from pg_temp.publish_pick
    where kind = 'person' and action = 'put' and closed and held is null`.execute(db);
  if (rows.length === 0) return;
  await clearLists(db);
  for (const { carries } of rows) {
    for (const one of carriedSections('person', carries)) {
      await noteClosedDiffering(db, { importId, carries, ...one });
    }
  }
  await hold(
    db,
    'closed',
    sql`p.closed and p.record_id in (select record_id from pg_temp.publish_differing)`,
  );
}

/** Lists of closed records that differ are not replaced. */
export async function holdListsOfClosed(db: Db): Promise<void> {
  await sql`
    update pg_temp.publish_pick p set held = 'closed'
    from pg_temp.publish_differing d
    where p.closed and p.held is null and p.action = 'put' and d.record_id = p.record_id
      and case when p.kind = 'list-row' then d.section = p.section else p.carries ? d.section end
    `.execute(db);
  await sql`
    delete from pg_temp.publish_differing d
    using pg_temp.publish_pick p where p.closed and p.record_id = d.record_id`.execute(db);
}

/** Why a row waits that a person must look at: it stands with the row, and in the list of tasks. */
const closedDiffers: Finding = {
  ...makeFinding('record_closed_differs', 'status'),
  section: employment.name,
};

/** What was held for a finding gets it: an error refuses the row, a warning leaves it waiting. */
export async function tellHeld(db: Db, importId: string): Promise<void> {
  const { rows } = await sql<{ held: string }>`
    select distinct held from pg_temp.publish_pick where held is not null`.execute(db);
  const isHeld = (held: string): boolean => rows.some((row) => row.held === held);
  for (const finding of [recordClosed, pinHeldElsewhere].filter((one) => isHeld(one.code))) {
    await addFinding(db, importId, { held: finding.code, finding, verdict: 'error' });
    await sql`update pg_temp.publish_pick set held = 'refused' where held = ${finding.code}`.execute(
      db,
    );
  }
  if (isHeld('closed')) {
    await addFinding(db, importId, { held: 'closed', finding: closedDiffers, verdict: 'warning' });
  }
}

/** Once; a row that was held before has it. */
async function addFinding(
  db: Db,
  importId: string,
  told: { readonly held: string; readonly finding: Finding; readonly verdict: Verdict },
): Promise<void> {
  const { held, finding, verdict } = told;
  await sql`
    update intake.row r
    set findings = r.findings || ${JSON.stringify([finding])}::jsonb, verdict = ${verdict},
        state = case ${verdict}::text when 'error' then 'refused' else r.state end
    from pg_temp.publish_pick p
    where r.import_id = ${importId} and r.sheet = p.sheet and r.row_no = p.row_no
      and p.held = ${held} and not r.findings @> ${JSON.stringify([{ code: finding.code }])}::jsonb
    `.execute(db);
}
