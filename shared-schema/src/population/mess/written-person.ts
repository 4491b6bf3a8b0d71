/**
 * A person as an office has them in a workbook: dates as day/month/year, codes by their names where a
 * name says the code, numbers as numbers. Reading it must give the record again, without a finding.
 */
import { fieldNamed, sectionNamed } from '../../catalogue/catalogue.ts';
import type { CodeListName } from '../../catalogue/code-list-names.ts';
import type { DraftRow, RecordDraft } from '../../catalogue/draft.ts';
import type { Field } from '../../catalogue/types.ts';
import { shippedBook } from '../../code-lists/code-book.ts';

/** What lies in a cell: text, a number, a date cell (`YYYY-MM-DD`), an error of the spreadsheet. */
export type Written =
  | string
  | number
  | { readonly date: string }
  | { readonly error: '#N/A' | '#REF!' };

export type WrittenRow = Readonly<Record<string, Written>>;

export type WrittenPerson = {
  /** By `section.field`, of the sections that have one row; an empty cell is not there. */
  readonly cells: WrittenRow;
  /** By list section, then by field. */
  readonly lists: Readonly<Record<string, readonly WrittenRow[]>>;
};

export function writtenPerson(draft: RecordDraft): WrittenPerson {
  const cells: Record<string, Written> = {};
  const lists: Record<string, readonly WrittenRow[]> = {};
  for (const [name, rows] of Object.entries(draft.sections)) {
    if (sectionNamed(name).many) {
      lists[name] = rows.map((row) => writtenRow(name, row));
      continue;
    }
    for (const [field, value] of Object.entries(writtenRow(name, rows[0] ?? {}))) {
      cells[`${name}.${field}`] = value;
    }
  }
  return { cells, lists };
}

const writtenRow = (section: string, row: DraftRow): WrittenRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      written(fieldNamed(sectionNamed(section), name), value),
    ]),
  );

/** Lists that offices write by code: names of ranks and places have changed their meaning. */
const byCode = new Set(['NGACH', 'DVHC']);

function written({ type }: Field, value: string): Written {
  switch (type.kind) {
    case 'text':
    case 'pin':
    case 'unit-code':
      return value;
    case 'integer':
    case 'decimal':
      return Number.isNaN(Number(value)) ? value : Number(value);
    case 'partial-date':
      return value.split('-').toReversed().join('/');
    case 'code':
      return labelOf(type.list, value) ?? value;
  }
}

const labels = new Map<string, string | undefined>();

/** The name of a code, where it stands for no other code. */
function labelOf(list: CodeListName, code: string): string | undefined {
  const key = `${list} ${code}`;
  if (!labels.has(key)) {
    const label = byCode.has(list) ? undefined : shippedBook.withCode(list, code)[0]?.vi;
    const entries = label === undefined ? [] : shippedBook.withLabel(list, label);
    labels.set(key, entries.every((entry) => entry.code === code) ? label : undefined);
  }
  return labels.get(key);
}
