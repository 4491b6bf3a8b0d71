/**
 * The section tables, derived from the catalogue: `profile.*` at a node (its own people), and
 * `national.*` at hub and node (what the nation holds). The text made here is what the numbered
 * migrations contain; a test holds the two equal.
 */
import type { Field, Section } from '../catalogue/types.ts';
import { codeMax } from '../code-lists/code-list.ts';
import { unitCodeMax, unitCodePattern } from '../rules/value-shapes.ts';
import { keyColumns, literal, sqlType } from './names.ts';

export type TableOptions = {
  readonly schema: 'profile' | 'national';
  readonly sections: readonly Section[];
  /** At the hub every row names the unit whose record it is. */
  readonly withAgency: boolean;
};

/** `create table` and comments for each section; the schema and its `record` table exist. */
export function sectionTablesSql(options: TableOptions): string {
  return options.sections.map((section) => tableSql(section, options)).join('\n');
}

function tableSql(section: Section, { schema, withAgency }: TableOptions): string {
  const columns = [
    '  record_id uuid not null',
    ...(section.many ? ['  ordinal integer not null check (ordinal > 0)'] : []),
    ...(withAgency ? ['  agency text not null'] : []),
    ...section.fields.map((field) => columnSql(section, field, schema)),
    `  primary key (${keyColumns(section).join(', ')})`,
    `  foreign key (record_id) references ${schema}.record on delete cascade`,
  ];
  const name = `${schema}.${section.name}`;
  return [
    `create table ${name} (`,
    columns.join(',\n'),
    ');',
    ...(withAgency ? [`create index ${section.name}_agency_idx on ${name} (agency);`] : []),
    `comment on table ${name} is ${literal(section.vi)};`,
    ...section.fields.map(
      (field) => `comment on column ${name}.${field.name} is ${literal(field.vi)};`,
    ),
    '',
  ].join('\n');
}

function columnSql(section: Section, field: Field, schema: TableOptions['schema']): string {
  const parts = [`  ${field.name} ${sqlType(field)}`];
  if (field.required) parts.push('not null');
  const check = schema === 'profile' ? checkSql(field) : undefined;
  if (check !== undefined) {
    parts.push(`constraint ${section.name}_${field.name}_check check (${check})`);
  }
  return parts.join(' ');
}

/** The unit's own tables hold whoever writes them, also a DBA, to the shape of each field. */
function checkSql(field: Field): string | undefined {
  const { name, type } = field;
  switch (type.kind) {
    case 'text':
      return `char_length(${name}) between 1 and ${type.max} and ${name} is nfc normalized`;
    case 'code':
      return `char_length(${name}) between 1 and ${codeMax}`;
    case 'pin':
      return `${name} ~ '^[0-9]{12}$'`;
    case 'unit-code':
      return `${name} ~ ${literal(unitCodePattern)} and char_length(${name}) <= ${unitCodeMax}`;
    case 'integer':
      return `${name} between ${type.min} and ${type.max}`;
    case 'partial-date':
    case 'decimal':
      return undefined;
  }
}
