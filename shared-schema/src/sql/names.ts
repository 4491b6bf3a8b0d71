/** How sections and fields are written in SQL. Names come from the catalogue, never from input. */
import type { Field, Section } from '../catalogue/types.ts';

/** The columns that identify a row of a section, in order. */
export function keyColumns(section: Section): readonly string[] {
  return section.many ? ['record_id', 'ordinal'] : ['record_id'];
}

export function fieldColumns(section: Section): readonly string[] {
  return section.fields.map((field) => field.name);
}

export function sqlType(field: Field): string {
  switch (field.type.kind) {
    case 'text':
    case 'code':
    case 'pin':
    case 'unit-code':
      return 'text';
    case 'partial-date':
      return 'catalogue.partial_date';
    case 'integer':
      return 'integer';
    case 'decimal':
      return `numeric(${field.type.precision}, ${field.type.scale})`;
  }
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
