/**
 * Staging: where the blocks of a batch or page land as text before anything is decided. The tables
 * are temporary, one set a connection, emptied at the end of each transaction.
 */
import { nationalSections } from '../catalogue/catalogue.ts';
import type { Field, Section } from '../catalogue/types.ts';
import { fieldColumns, keyColumns, sqlType } from './names.ts';

/** The manifest of what was staged; `outcome` is decided later. */
export const stageRecord = 'pg_temp.stage_record';

export function stageTable(section: Section): string {
  return `pg_temp.stage_${section.name}`;
}

export const createStagingSql: string = [
  `create temporary table if not exists stage_record (
    record_id uuid primary key, kind smallint not null check (kind in (1, 2)),
    version bigint not null check (version > 0), op text not null check (op in ('U', 'D')),
    whole boolean not null, sections smallint[] not null, changes text[], outcome text
  ) on commit delete rows`,
  ...nationalSections.map((section) => stageTableSql(section)),
].join(';\n');

/** The stage of one section: its fields as text. */
export function stageTableSql(section: Section): string {
  return `create temporary table if not exists stage_${section.name} (
      record_id uuid not null${section.many ? ', ordinal integer not null check (ordinal > 0)' : ''},
      ${fieldColumns(section)
        .map((name) => `${name} text`)
        .join(', ')},
      primary key (${keyColumns(section).join(', ')})
    ) on commit delete rows`;
}

/**
 * Replaces a section of the staged records in `national.<section>`: the rows of every record with
 * outcome `apply` whose section is named (or which is whole) go, the staged rows come.
 */
export function replaceSectionSql(section: Section, agency: string | undefined): readonly string[] {
  const table = `national.${section.name}`;
  const keys = keyColumns(section);
  const values = section.fields.map((field) => stagedValueSql(field));
  const agencyColumn = agency === undefined ? [] : ['agency'];
  const agencyValue = agency === undefined ? [] : [agency];
  return [
    `delete from ${table} n using ${stageRecord} m where n.record_id = m.record_id and ${touched(section)}`,
    `insert into ${table} (${[...keys, ...agencyColumn, ...fieldColumns(section)].join(', ')})
     select ${[...keys.map((key) => `s.${key}`), ...agencyValue, ...values].join(', ')}
     from ${stageTable(section)} s join ${stageRecord} m on m.record_id = s.record_id
     where ${touched(section)}`,
  ];
}

/**
 * Fills the given columns of rows that are there already: those of every record with outcome `apply`
 * whose section is named. The other columns, and rows without a staged one, stay as they are.
 */
export function fillColumnsSql(section: Section, fields: readonly Field[]): string {
  const values = fields.map((field) => `${field.name} = ${stagedValueSql(field)}`);
  const sameRow = keyColumns(section).map((key) => `n.${key} = s.${key}`);
  return `update national.${section.name} n set ${values.join(', ')}
    from ${stageTable(section)} s join ${stageRecord} m on m.record_id = s.record_id
    where ${sameRow.join(' and ')} and ${touched(section)}`;
}

const touched = (section: Section): string =>
  `m.outcome = 'apply' and m.op = 'U' and (m.whole or ${section.tag} = any (m.sections))`;

/** A staged field, of the row `s`, in the type that its column has in the tables. */
export const stagedValueSql = (field: Field): string =>
  `nullif(s.${field.name}, '')::${castType(field)}`;

/** Dates are stored as text; the column's domain checks them. */
const castType = (field: Field): string =>
  field.type.kind === 'partial-date' ? 'text' : sqlType(field);
