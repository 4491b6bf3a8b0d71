/**
 * PostgreSQL's COPY text format: a row a line, columns apart by tabs, `\N` for null, backslash
 * escapes as `COPY … TO` writes them, so that equal rows have equal bytes. A line ends in a newline.
 * Escapes by octal or hexadecimal number, which COPY reads but never writes, are not read here.
 */
import { sectionNamed } from '../catalogue/catalogue.ts';
import type { DraftRow, RecordDraft } from '../catalogue/draft.ts';
import type { Section } from '../catalogue/types.ts';

const letterOf: ReadonlyMap<string, string> = new Map([
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
  ['\v', 'v'],
  ['\\', '\\'],
]);
const characterOf: ReadonlyMap<string, string> = new Map(
  Array.from(letterOf, ([character, letter]) => [letter, character]),
);

/** One line for a row of at least one column. U+0000 is no text in PostgreSQL and must not occur. */
export function copyLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => (value === null ? '\\N' : escaped(value))).join('\t')}\n`;
}

const special = /[\b\f\n\r\t\v\\]/gu;

const escaped = (value: string): string =>
  value.replaceAll(special, (character) => `\\${letterOf.get(character) ?? character}`);

/**
 * The columns of a line, with or without its newline; the reverse of `copyLine`. Throws RangeError
 * on an escape by number.
 */
export function parseCopyLine(line: string): readonly (string | null)[] {
  return line
    .replace(/\n$/u, '')
    .split('\t')
    .map((column) => (column === '\\N' ? null : unescaped(column)));
}

const unescaped = (column: string): string =>
  column.replaceAll(/\\(.?)/gsu, (_, letter: string) => {
    if (/^[0-7x]?$/u.test(letter)) {
      throw new RangeError(`a COPY line holds the escape \\${letter}, which is not read here`);
    }
    return characterOf.get(letter) ?? letter;
  });

export type CopyRow = {
  /** Name of the section, that is of the table. */
  readonly section: string;
  readonly line: string;
};

/**
 * A draft as lines for `COPY <schema>.<section> (record_id, [ordinal], fields…) FROM STDIN`, fields
 * in the order of the catalogue; ordinals of list sections count from 1. Throws RangeError when the
 * draft names a section or field that the catalogue lacks.
 */
export function draftToCopyRows(draft: RecordDraft, recordId: string): readonly CopyRow[] {
  return Object.entries(draft.sections).flatMap(([name, rows]) => {
    const section = sectionNamed(name);
    return rows.map((row, i) => ({
      section: name,
      line: rowLine(section, row, [recordId, i + 1]),
    }));
  });
}

function rowLine(section: Section, row: DraftRow, [recordId, ordinal]: [string, number]): string {
  const values = section.fields.map((field) => row[field.name] ?? null);
  if (Object.keys(row).length > values.filter((value) => value !== null).length) {
    const known = new Set(section.fields.map((field) => field.name));
    const unknown = Object.keys(row).filter((name) => !known.has(name));
    throw new RangeError(`section ${section.name} has no field ${unknown.join(', ')}`);
  }
  return copyLine([recordId, ...(section.many ? [String(ordinal)] : []), ...values]);
}
