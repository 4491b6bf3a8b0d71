/**
 * Sealed sections in SQL: at hub and mirror one table holds them all, a row for each record and
 * section, the payload opaque (base64 of `runtime/sealing.ts`). Plain rows exist at the node only.
 */
import { stageRecord } from './staging.ts';

/** Where payloads of a batch or page land, with their section. */
export const stageSealed = 'pg_temp.stage_sealed';

/** Where COPY puts the payloads of one block. */
export const stageSealedRows = 'pg_temp.stage_sealed_rows';

export const createSealedStagingSql = `create temporary table if not exists stage_sealed (
    record_id uuid not null, section smallint not null, payload text not null,
    primary key (record_id, section)) on commit delete rows;
  create temporary table if not exists stage_sealed_rows (
    record_id uuid primary key, payload text not null) on commit delete rows`;

/** Moves the rows of one block under their section; the next block finds the landing place empty. */
export function takeSealedRowsSql(section: number): string {
  return `with moved as (delete from ${stageSealedRows} returning record_id, payload)
    insert into ${stageSealed} (record_id, section, payload)
    select record_id, ${section}, payload from moved`;
}

/** Replaces the sealed sections of every record with outcome `apply`; as `replaceSectionSql` does. */
export function replaceSealedSql(agency: string | undefined): readonly string[] {
  const agencyColumn = agency === undefined ? '' : ', agency';
  const agencyValue = agency === undefined ? '' : `, ${agency}`;
  return [
    `delete from national.sealed n using ${stageRecord} m
     where n.record_id = m.record_id and ${touched('n.section')}`,
    `insert into national.sealed (record_id, section, payload${agencyColumn})
     select s.record_id, s.section, s.payload${agencyValue}
     from ${stageSealed} s join ${stageRecord} m on m.record_id = s.record_id
     where ${touched('s.section')}`,
  ];
}

const touched = (section: string): string =>
  `m.outcome = 'apply' and m.op = 'U' and (m.whole or ${section} = any (m.sections))`;

/** Payloads of one section for the records of `manifest`, in the wire's column order. */
export function sealedProjectionSql(section: number, manifest: string): string {
  return `select s.record_id, s.payload from national.sealed s
    join ${manifest} m on m.record_id = s.record_id
    where s.section = ${section} and m.op = 'U' and (m.whole or ${section} = any (m.sections))
    order by s.record_id`;
}
