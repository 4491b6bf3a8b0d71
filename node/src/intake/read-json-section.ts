/**
 * A section as JSON, the way the API takes and gives it, to rows in canonical text: texts as text,
 * integers as numbers, decimals, dates and codes as text, null or nothing for no value. Each finding
 * says by a JSON pointer (RFC 6901) where it stands in the body.
 */
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

export type PointedFinding = Finding & { readonly pointer: string };

export type JsonSection = {
  readonly rows: readonly DraftRow[];
  /** Of a section with one row, the fields that the body names, those without a value too. */
  readonly named: readonly string[];
  readonly findings: readonly PointedFinding[];
};

/** More than any person has; the body has an end besides. */
export const jsonRowsMax = 2000;

/** `at` is the pointer of the section in the body; '' where the body is the section. */
export function readJsonSection(section: Section, json: unknown, at: string): JsonSection {
  if (!section.many) {
    const { row, named, findings } = readRow(section, json, { at });
    return { rows: [row], named, findings };
  }
  if (!Array.isArray(json) || json.length > jsonRowsMax) {
    const limit = `[…], ≤ ${jsonRowsMax}`;
    return { rows: [], named: [], findings: [shapeFinding(section, { limit, at })] };
  }
  const rows = json.map((one: unknown, i) =>
    readRow(section, one, { at: `${at}/${i}`, ordinal: i + 1 }),
  );
  return {
    rows: rows.map(({ row }) => row),
    named: section.fields.map((field) => field.name),
    findings: rows.flatMap(({ findings }) => findings),
  };
}

type Place = { readonly at: string; readonly ordinal?: number | undefined };

type JsonRow = Omit<JsonSection, 'rows'> & { readonly row: DraftRow };

function readRow(section: Section, json: unknown, { at, ordinal }: Place): JsonRow {
  const placed = { section: section.name, ...(ordinal === undefined ? {} : { ordinal }) };
  if (!isObject(json)) {
    return { row: {}, named: [], findings: [shapeFinding(section, { limit: '{…}', at, ordinal })] };
  }
  const row: Record<string, string> = {};
  const named: string[] = [];
  const findings: PointedFinding[] = [];
  for (const [name, value] of Object.entries(json)) {
    const field = section.fields.find((one) => one.name === name);
    const pointer = `${at}/${escaped(name)}`;
    if (field === undefined) {
      findings.push({ ...makeFinding('json_member_unknown', null), ...placed, pointer });
      continue;
    }
    named.push(name);
    const text = readValue(field, value);
    if (text === undefined) {
      const words = { label: field, limit: typeWord(field) };
      findings.push({ ...makeFinding('json_shape', name, words), ...placed, pointer });
    } else if (text !== '') {
      row[name] = text;
    }
  }
  return { row, named, findings };
}

/** Canonical text, empty for no value; undefined for another type of JSON than the field has. */
function readValue({ type }: Field, value: unknown): string | undefined {
  if (value === null) return '';
  if (type.kind === 'integer') {
    return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  return type.kind === 'text' ? tidyText(value) : value;
}

const typeWord = ({ type }: Field): string => (type.kind === 'integer' ? '123' : '"…"');

function shapeFinding(
  section: Section,
  { limit, at, ordinal }: Place & { readonly limit: string },
): PointedFinding {
  const finding = makeFinding('json_shape', null, { label: section, limit });
  const placed = { section: section.name, ...(ordinal === undefined ? {} : { ordinal }) };
  return { ...finding, ...placed, pointer: at };
}

export const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** A name as a part of a JSON pointer. */
export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Where a finding of the rules stands in a body that has the sections at these pointers. */
export function pointerOf(
  { section, ordinal, field }: Pick<Finding, 'section' | 'ordinal' | 'field'>,
  placeOf: (section: string) => string | undefined,
): string {
  const at = section === undefined ? undefined : placeOf(section);
  // a rule on several sections may find fault with one that is not in the body
  if (at === undefined) return '';
  const row = ordinal === undefined ? '' : `/${ordinal - 1}`;
  return `${at}${row}${field === null ? '' : `/${field}`}`;
}
