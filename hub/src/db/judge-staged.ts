/**
 * Judging what was staged, in sets: every fault of every record goes to `pg_temp.stage_fault`, then
 * each record gets its outcome: `apply`, `refuse` or `ignore`. Nothing of `national` changes here.
 */
import { headSection, sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { futureBirthsSql, sectionFaultsSql } from '@lienthong/shared-schema/sql/checks.ts';
import { stageRecord, stageTable } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { keepCodeLists } from './code-lists.ts';
import { claimPins, claimUnitCodes, createClaimTable, judgeClaims } from './judge-claims.ts';

const stageFault = sql.raw('pg_temp.stage_fault');
const staged = sql.raw(stageRecord);
const head = headSection.org_unit.tag;

export async function createJudgingTables(db: Db): Promise<void> {
  await sql`create temporary table if not exists stage_fault (
    record_id uuid not null, section smallint not null, field text not null, code text not null
  ) on commit delete rows`.execute(db);
  await sql`create index if not exists stage_fault_record_idx on stage_fault (record_id)`.execute(
    db,
  );
  await createClaimTable(db);
}

/** What can be said of a record before its values are looked at. */
export async function judgeRecords(db: Db, agency: string): Promise<void> {
  await sql`update ${staged} m set outcome = 'ignore'
    from national.record r
    where r.record_id = m.record_id and r.agency = ${agency} and r.version >= m.version`.execute(
    db,
  );
  // nor does anything older than what is held undo the refusal: the newest version is the bad one
  await sql`update ${staged} m set outcome = 'ignore'
    from sync.held_record h
    where h.agency = ${agency} and h.record_id = m.record_id and h.version >= m.version`.execute(
    db,
  );
  await sql`insert into ${stageFault}
    select m.record_id, 0, '', 'not_owner' from ${staged} m
    join national.record r on r.record_id = m.record_id and r.agency <> ${agency}
    where m.outcome is null`.execute(db);
  // a unit of the tree never becomes a person: what the record is lacks its head
  await sql`insert into ${stageFault}
    select m.record_id, case r.kind when 1 then ${head}::smallint else ${headSection.person.tag}::smallint end, '',
      'head_missing'
    from ${staged} m
    join national.record r on r.record_id = m.record_id and r.agency = ${agency}
    where m.outcome is null and r.kind <> m.kind`.execute(db);
  // a change of a part cannot stand on what was refused or is not here: the whole record is asked for
  await sql`insert into ${stageFault}
    select m.record_id, 0, '', 'held_back' from ${staged} m
    where m.outcome is null and m.op = 'U' and not m.whole and (
      exists (select 1 from sync.held_record h
              where h.agency = ${agency} and h.record_id = m.record_id)
      or not exists (select 1 from national.record r where r.record_id = m.record_id))`.execute(db);
}

/** Faults of the values of the given sections, by the SQL that the catalogue gives. */
export async function judgeValues(db: Db, sectionTags: readonly number[]): Promise<void> {
  await keepCodeLists(db);
  for (const tag of sectionTags) {
    const section = sectionByTag(tag);
    if (section === undefined) continue;
    await sql`insert into ${stageFault} (record_id, section, field, code)
      select distinct f.record_id, f.section, f.field, f.code
      from (${sql.raw(sectionFaultsSql(section, stageTable(section)))}) f`.execute(db);
  }
}

/** The section that makes a record exist comes with it, and never goes while the record stays. */
async function judgeHead(db: Db, section: Section, kind: 1 | 2): Promise<void> {
  await sql`insert into ${stageFault}
    select m.record_id, ${section.tag}::smallint, '', 'head_missing' from ${staged} m
    where m.kind = ${kind} and m.outcome is null and m.op = 'U'
      and (m.whole or ${section.tag} = any (m.sections))
      and not exists (
        select 1 from ${sql.raw(stageTable(section))} s where s.record_id = m.record_id
      )`.execute(db);
}

/** The organisation tree: codes of this agency, each once, parents that are there. */
export async function judgeTree(db: Db, agency: string): Promise<void> {
  await judgeHead(db, headSection.org_unit, 1);
  await sql`insert into ${stageFault}
    select s.record_id, ${head}::smallint, 'code', 'unit_outside_agency' from pg_temp.stage_org_unit s
    where not (s.code = ${agency} or starts_with(s.code, ${`${agency}.`}))`.execute(db);
  await claimUnitCodes(db);
  // a refused parent refuses its children, and a refused unit frees no code: as deep as it goes
  for (;;) {
    const codes = await judgeClaims(db, {
      holders: sql`select record_id, code as value from national.org_unit where agency = ${agency}`,
      section: head,
      field: 'code',
      code: 'unit_code_repeated',
    });
    const added = codes + (await judgeParents(db, agency));
    if (added === 0) return;
  }
}

/**
 * Units whose parent is neither here after this batch nor comes with it; returns how many. With a new
 * unit go all below it: as deep as a tree may be, that is one statement.
 */
async function judgeParents(db: Db, agency: string): Promise<number> {
  const { numAffectedRows } = await sql`insert into ${stageFault}
    with recursive orphan (record_id) as (
      select s.record_id from pg_temp.stage_org_unit s
      where s.parent_code <> '' and not exists (
          select 1 from pg_temp.stage_claim p where p.value = s.parent_code
            and not exists (select 1 from ${stageFault} f where f.record_id = p.record_id))
        and not exists (
          select 1 from national.org_unit n where n.agency = ${agency} and n.code = s.parent_code
            and not exists (
              select 1 from pg_temp.stage_claim g
              where g.record_id = n.record_id and g.value is distinct from n.code
                and not exists (select 1 from ${stageFault} f where f.record_id = g.record_id)))
      union
      select s.record_id from orphan o
      join pg_temp.stage_claim p on p.record_id = o.record_id
      join pg_temp.stage_org_unit s on s.parent_code = p.value
      where not exists (
          select 1 from national.org_unit n where n.agency = ${agency} and n.code = p.value)
        and not exists (
          select 1 from pg_temp.stage_claim q
          where q.value = p.value and q.record_id <> p.record_id
            and not exists (select 1 from ${stageFault} f where f.record_id = q.record_id)))
    select o.record_id, ${head}::smallint, 'parent_code', 'parent_unknown' from orphan o
    where not exists (
      select 1 from ${stageFault} f where f.record_id = o.record_id and f.code = 'parent_unknown')`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0n);
}

/** People: units that exist once the tree of this batch is applied, and one active record a PIN. */
export async function judgePeople(db: Db, agency: string): Promise<void> {
  await judgeHead(db, headSection.person, 2);
  await sql`insert into ${stageFault} (record_id, section, field, code)
    ${sql.raw(futureBirthsSql(stageTable(headSection.person)))}`.execute(db);
  await sql`insert into ${stageFault}
    select s.record_id, 11::smallint, u.field, 'unit_unknown'
    from pg_temp.stage_employment s
    cross join lateral (values ('employing_unit', s.employing_unit), ('managing_unit', s.managing_unit))
      as u (field, code)
    where u.code <> '' and not exists (
      select 1 from national.org_unit n where n.agency = ${agency} and n.code = u.code)`.execute(
    db,
  );
  await claimPins(db);
  await judgeClaims(db, {
    holders: sql`select record_id, pin as value from registry.identity`,
    section: headSection.person.tag,
    field: 'pin',
    code: 'pin_held_elsewhere',
  });
}

/** Turns faults into outcomes for the records of one kind. */
export async function settleOutcomes(db: Db, kind: 1 | 2): Promise<void> {
  await sql`update ${staged} m set outcome = case
      when exists (select 1 from ${stageFault} f where f.record_id = m.record_id) then 'refuse'
      else 'apply' end
    where m.kind = ${kind} and m.outcome is null`.execute(db);
  // without the new counts the planner takes thousands of refusals for one, and loops over them
  await sql`analyze ${staged}`.execute(db);
  await sql`analyze ${stageFault}`.execute(db);
}
