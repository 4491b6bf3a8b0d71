/**
 * Names that one record at a time may have: the code of a unit, the PIN of an active person.
 *
 * The final state is what counts: a name may move between two records of one batch. Who has a name
 * keeps it against a newcomer, and a name is free only once the record that gives it up is applied;
 * so a refusal can lead to another, and the judging goes on until nothing is added.
 */
import { headSection } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { FindingCode } from '@lienthong/shared-schema/rules/rules.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { type RawBuilder, sql } from 'kysely';

const staged = sql.raw(stageRecord);
const unitTag = headSection.org_unit.tag;
const identityTag = headSection.person.tag;
const employmentTag = 11;
/**
 * Far above any PIN or code. What is longer is refused for its form before, and claims nothing: an
 * index has no room for it.
 */
const nameCharsMax = 200;

/** A table `claim` of the batch: what name each record will have; null where it gives its name up. */
export async function createClaimTable(db: Db): Promise<void> {
  await sql`create temporary table if not exists stage_claim (
    record_id uuid primary key, value text, holds boolean not null
  ) on commit delete rows`.execute(db);
  await sql`create index if not exists stage_claim_value_idx on stage_claim (value)`.execute(db);
}

/** The codes that the units of the batch will have. */
export async function claimUnitCodes(db: Db): Promise<void> {
  await fill(
    db,
    sql`select m.record_id, c.value, exists (
        select 1 from national.org_unit n where n.record_id = m.record_id and n.code = c.value)
      from ${staged} m
      left join pg_temp.stage_org_unit s on s.record_id = m.record_id
      cross join lateral (select case when m.op = 'U' then nullif(s.code, '') end as value) c
      where m.kind = 1 and m.outcome is null
        and (m.op = 'D' or m.whole or ${unitTag} = any (m.sections))`,
  );
}

/** The PINs that the people of the batch will have; who is not active any more gives it up. */
export async function claimPins(db: Db): Promise<void> {
  await fill(
    db,
    sql`select m.record_id, c.value, exists (
        select 1 from registry.identity i where i.record_id = m.record_id and i.pin = c.value)
      from ${staged} m
      left join pg_temp.stage_identity s on s.record_id = m.record_id
      left join pg_temp.stage_employment e on e.record_id = m.record_id
      left join national.identity ns on ns.record_id = m.record_id
      left join national.employment ne on ne.record_id = m.record_id
      cross join lateral (select
        case when m.whole or ${identityTag} = any (m.sections) then s.pin else ns.pin end as pin,
        case when m.whole or ${employmentTag} = any (m.sections) then e.status else ne.status end
          as status) after
      cross join lateral (select case
        when m.op = 'U' and coalesce(nullif(after.status, ''), '1') = '1'
          then nullif(after.pin, '') end as value) c
      where m.kind = 2 and m.outcome is null
        and (m.op = 'D' or m.whole or m.sections && ${sql.lit(`{${identityTag},${employmentTag}}`)})`,
  );
}

async function fill(db: Db, claims: RawBuilder<unknown>): Promise<void> {
  await sql`delete from pg_temp.stage_claim`.execute(db);
  await sql`insert into pg_temp.stage_claim (record_id, value, holds)
    select c.record_id, case when char_length(c.value) <= ${nameCharsMax} then c.value end, c.holds
    from (${claims}) as c (record_id, value, holds)`.execute(db);
  await sql`analyze pg_temp.stage_claim`.execute(db);
}

export type ClaimRule = {
  /** Who has which name now: a query with the columns `record_id` and `value`. */
  readonly holders: RawBuilder<unknown>;
  readonly section: number;
  readonly field: string;
  readonly code: FindingCode;
};

/**
 * Faults of claims on names that others have or come by; returns how many were added. Who is refused
 * keeps its own name, and so refuses whoever claims that one: a chain of any length is one statement.
 */
export async function judgeClaims(db: Db, rule: ClaimRule): Promise<number> {
  for (let added = 0; ;) {
    const { numAffectedRows } = await sql`insert into pg_temp.stage_fault
      with recursive refused (record_id) as (
        select c.record_id from pg_temp.stage_claim c
        where c.value is not null and (
          exists (
            select 1 from (${rule.holders}) h where h.value = c.value and h.record_id <> c.record_id
              and not exists (
                select 1 from pg_temp.stage_claim g
                where g.record_id = h.record_id and g.value is distinct from c.value
                  and not exists (
                    select 1 from pg_temp.stage_fault f where f.record_id = g.record_id)))
          or exists (
            select 1 from pg_temp.stage_claim o
            where o.value = c.value and o.record_id < c.record_id and not c.holds
              and not exists (
                select 1 from pg_temp.stage_fault f where f.record_id = o.record_id)))
        union
        select c.record_id from refused r
        cross join lateral (
          select h.value from (${rule.holders}) h where h.record_id = r.record_id offset 0) own
        join pg_temp.stage_claim c on c.value = own.value and c.record_id <> r.record_id)
      select r.record_id, ${rule.section}::smallint, ${rule.field}, ${rule.code}
      from refused r
      where not exists (
        select 1 from pg_temp.stage_fault f
        where f.record_id = r.record_id and f.code = ${rule.code})`.execute(db);
    const count = Number(numAffectedRows ?? 0n);
    if (count === 0) return added;
    added += count;
  }
}
