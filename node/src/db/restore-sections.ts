/**
 * What a batch of the hub's archive gives back to the unit's own tables. What was changed here since
 * stays: a section that is in the change log is the unit's own, unless it is exactly what the batch
 * has, for then it was sealed once and forgotten in the restore.
 *
 * Outcomes of the staged records: `insert` and `update` are written, `delete` is deleted, `gone` was
 * gone here too, `local` stays as it is here (deleted, made secret or edited since).
 */
import {
  nationalSections,
  sealedSections,
  sectionByTag,
} from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db, Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { fieldColumns, keyColumns } from '@lienthong/shared-schema/sql/names.ts';
import { stageSealed, stageSealedRows } from '@lienthong/shared-schema/sql/sealed.ts';
import {
  stageRecord,
  stageTable,
  stageTableSql,
  stagedValueSql,
} from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { noteRestored, removeRecords } from './removed-records.ts';

const travelling = [...nationalSections, ...sealedSections];
const staged = sql.raw(stageRecord);

/** Makes what a rejoin needs beside the stage, where it is not there yet. */
export async function beginRestore({ client }: Tx): Promise<void> {
  const tables = sealedSections.map((section) => stageTableSql(section));
  await client.query(`${tables.join(';\n')};
    create temporary table if not exists rejoin_log (
      record_id uuid not null, section smallint not null, primary key (record_id, section)
    ) on commit delete rows;
    create temporary table if not exists rejoin_unopened (
      record_id uuid not null, section smallint not null, primary key (record_id, section)
    ) on commit delete rows`);
}

/** Within one transaction the stage of the batch before is still there. */
export async function clearStage({ client }: Tx): Promise<void> {
  const tables = [
    stageRecord,
    ...travelling.map((section) => stageTable(section)),
    stageSealed,
    stageSealedRows,
    'pg_temp.rejoin_log',
    'pg_temp.rejoin_unopened',
  ];
  await client.query(tables.map((table) => `delete from ${table}`).join(';\n'));
}

/** Where a batch may empty a section here: those that travelled under the policy of its sealing. */
export type Travelled = (section: Section) => boolean;

/**
 * Compares the log with the staged batch and decides the outcome of each record. What turns out to
 * have been sealed once is taken out of the log.
 */
export async function judgeRestore(db: Db, travelled: Travelled): Promise<void> {
  await sql`insert into pg_temp.rejoin_log (record_id, section)
    select distinct l.record_id, l.section from sync.change_log l
    join ${staged} m on m.record_id = l.record_id`.execute(db);
  const { rows } = await sql<{ section: number }>`
    select distinct section from pg_temp.rejoin_log where section > 0`.execute(db);
  for (const { section: tag } of rows) {
    const section = sectionByTag(tag);
    if (section !== undefined && travelled(section)) {
      await sql.raw(settleEqualSql(section)).execute(db);
    }
  }
  await sql`update ${staged} m set outcome = case
      when m.op = 'D' and r.record_id is null then 'gone'
      when m.op = 'D' then case when g.record_id is null then 'delete' else 'local' end
      when r.record_id is null then case when g.itself then 'local' else 'insert' end
      when r.state_secret and g.itself then 'local'
      else 'update' end
    from ${staged} o
    left join profile.record r on r.record_id = o.record_id
    left join (select record_id, bool_or(section = 0) as itself from pg_temp.rejoin_log
      group by record_id) g on g.record_id = o.record_id
    where o.record_id = m.record_id`.execute(db);
  // that it exists, or is gone, is what the hub has as well
  const settled = sql`select record_id from ${staged}
    where outcome = 'gone' or (outcome = 'update' and l.section = 0)`;
  await sql`delete from sync.change_log l where l.record_id in (${settled})`.execute(db);
  await sql`delete from pg_temp.rejoin_log l where l.record_id in (${settled})`.execute(db);
}

/** Rows as text of both sides, in order of their keys: the same text is the same section. */
function settleEqualSql(section: Section): string {
  const keys = keyColumns(section).filter((key) => key !== 'record_id');
  const order = ['record_id', ...keys].map((key) => `s.${key}`).join(', ');
  const own = [...keys.map((key) => `s.${key}`), ...fieldColumns(section).map((f) => `s.${f}`)];
  const came = [
    ...keys.map((key) => `s.${key}`),
    ...section.fields.map((field) => stagedValueSql(field)),
  ];
  return `with asked as (
      select g.record_id from pg_temp.rejoin_log g join ${stageRecord} m on m.record_id = g.record_id
      where g.section = ${section.tag} and ${named(section)} and ${opened(section)}),
    own as (
      select s.record_id, array_agg(row(${own.join(', ')})::text order by ${order}) as text
      from profile.${section.name} s join asked using (record_id) group by s.record_id),
    came as (
      select s.record_id, array_agg(row(${came.join(', ')})::text order by ${order}) as text
      from ${stageTable(section)} s join asked using (record_id) group by s.record_id),
    same as (
      select a.record_id from asked a left join own o on o.record_id = a.record_id
      left join came c on c.record_id = a.record_id where o.text is not distinct from c.text),
    unlogged as (
      delete from sync.change_log l using same
      where l.record_id = same.record_id and l.section = ${section.tag})
    delete from pg_temp.rejoin_log g using same
    where g.record_id = same.record_id and g.section = ${section.tag}`;
}

const named = (section: Section): string =>
  `m.op = 'U' and m.kind = ${section.kind === 'org_unit' ? 1 : 2}
    and (m.whole or ${section.tag} = any (m.sections))`;
const opened = (section: Section): string => `not exists (select 1 from pg_temp.rejoin_unopened x
    where x.record_id = m.record_id and x.section = ${section.tag})`;

/**
 * Writes the records with outcome `insert`, `update` and `delete`; what is deleted goes into the archive of
 * removed records, as it would have where it was removed. The capture of these very writes
 * is undone: they are what the hub has. Run in a repeatable-read transaction, in which nothing else
 * can come to the log meanwhile.
 */
export async function writeRestored({ db }: Tx, travelled: Travelled): Promise<void> {
  const { rows } = await sql<{ last: bigint }>`
    select coalesce(max(n), 0) as last from sync.change_log`.execute(db);
  const by = 'rejoin';
  const outOfHere = sql`select record_id from ${staged} where outcome = 'delete'`;
  await removeRecords(db, outOfHere, { removedBy: by, reason: null, importId: null });
  await noteRestored(db, sql`select record_id from ${staged} where outcome = 'insert'`, by);
  await sql`insert into profile.record (record_id, kind)
    select record_id, kind from ${staged} where outcome = 'insert'`.execute(db);
  await sql`update profile.record r set state_secret = false from ${staged} m
    where r.record_id = m.record_id and m.outcome = 'update' and r.state_secret`.execute(db);
  for (const section of travelling) {
    for (const statement of replaceSql(section, travelled(section))) {
      await sql.raw(statement).execute(db);
    }
  }
  await sql`delete from sync.change_log where n > ${rows[0]?.last ?? 0n}`.execute(db);
}

function replaceSql(section: Section, mayEmpty: boolean): readonly string[] {
  const table = `profile.${section.name}`;
  const keys = keyColumns(section);
  const restored = `m.outcome in ('insert', 'update') and ${named(section)} and ${opened(section)}
    and not exists (select 1 from pg_temp.rejoin_log g
      where g.record_id = m.record_id and g.section = ${section.tag})`;
  const came = mayEmpty
    ? 'true'
    : `exists (select 1 from ${stageTable(section)} s where s.record_id = m.record_id)`;
  const values = section.fields.map((field) => stagedValueSql(field));
  return [
    `delete from ${table} n using ${stageRecord} m
     where n.record_id = m.record_id and ${restored} and ${came}`,
    `insert into ${table} (${[...keys, ...fieldColumns(section)].join(', ')})
     select ${[...keys.map((key) => `s.${key}`), ...values].join(', ')}
     from ${stageTable(section)} s join ${stageRecord} m on m.record_id = s.record_id
     where ${restored}`,
  ];
}

export type Restored = {
  readonly restored: readonly string[];
  readonly deleted: readonly string[];
  /** Of which something here, or all, stays as it is. */
  readonly local: readonly string[];
  /** Restored ones that were here before: their sections that never travel are as they were. */
  readonly updated: readonly string[];
};

export async function readRestored(db: Db): Promise<Restored> {
  const { rows } = await sql<{ recordId: string; outcome: string; local: boolean }>`
    select m.record_id, m.outcome, exists (
      select 1 from pg_temp.rejoin_log g where g.record_id = m.record_id) as local
    from ${staged} m`.execute(db);
  const idsOf = (holds: (row: (typeof rows)[number]) => boolean): readonly string[] =>
    rows.filter(holds).map((row) => row.recordId);
  return {
    restored: idsOf(({ outcome }) => outcome === 'insert' || outcome === 'update'),
    deleted: idsOf(({ outcome }) => outcome === 'delete'),
    local: idsOf(({ outcome, local }) => outcome === 'local' || local),
    updated: idsOf(({ outcome }) => outcome === 'update'),
  };
}
