/**
 * One value of a packet as the canonical text of a field. It is read as a cell of a workbook is (dates,
 * numbers that lost a zero, both orders of unit codes), but for codes: what the program writes is looked
 * up in the table of its connection first, since its `1` need not be ours, and by equality only.
 */
import type { CodeListName } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import { type CodeBook, isValidAsOf } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { faultOf, fieldFinding } from '@lienthong/shared-schema/rules/check-field.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import type { CodeMapping } from '../intake/code-mapping.ts';
import { type FieldReading, readField } from '../intake/read-field.ts';
import type { Cell } from '../workbook/cell.ts';
import type { Json } from './parse-json.ts';

export type ReadingContext = { readonly codes: CodeBook; readonly mapping: CodeMapping };

/** A value that is text or was sent as a number or boolean; undefined for a list or an object. */
export function cellOf(json: Json): Cell | undefined {
  switch (json.kind) {
    case 'null':
      return { kind: 'empty' };
    case 'text':
    case 'boolean':
      return { kind: 'text', text: json.text };
    case 'number':
      return { kind: 'number', text: json.text, number: Number(json.text) };
    case 'list':
    case 'object':
      return undefined;
  }
}

/** `event` is the (partial) date as of which codes are read. */
export function readValue(
  field: Field,
  cell: Cell,
  { codes, mapping, event }: ReadingContext & { readonly event: string | null },
): FieldReading {
  const context = { codes, event };
  if (field.type.kind !== 'code' || (cell.kind !== 'text' && cell.kind !== 'number')) {
    return readField(field, cell, context);
  }
  const text = tidyText(cell.text);
  if (text === '') return { value: null, findings: [] };
  const code = codeFor(field.type.list, text, { codes, mapping, event });
  // a rank that was sent as a number has lost its zeros, as in a cell
  if (code === undefined && cell.kind === 'number') return readField(field, cell, context);
  const value = code ?? text;
  const fault = faultOf(field, value, context);
  return fault === undefined
    ? { value, findings: [] }
    : { value: null, findings: [fieldFinding(field, fault, value)] };
}

function codeFor(
  list: CodeListName,
  text: string,
  { codes, mapping, event }: ReadingContext & { readonly event: string | null },
): string | undefined {
  const mapped = mapping.codeOf(list, text);
  if (mapped !== undefined) return mapped;
  if (codes.withCode(list, text).length > 0) return text;
  const named = codes
    .entries(list)
    .filter((entry) => entry.vi === text || entry.aliases?.includes(text) === true);
  const inForce = named.filter((entry) => isValidAsOf(entry, event));
  const [only, ...others] = new Set((inForce.length > 0 ? inForce : named).map((one) => one.code));
  return others.length === 0 ? only : undefined;
}

export type TitleReading = {
  /** The name of the position. */
  readonly title: string | null;
  readonly code: string | null;
  readonly findings: readonly Finding[];
};

/** What programs write that have a list of positions of their own: `P.TP`, `17B`, never a name. */
const looksLikeCode = /^[\p{Lu}\d]+(?:[._-][\p{Lu}\d]+)*$/u;

/**
 * A position: programs send its name, or a code of their own. A name that our list does not have is
 * kept as it is; a code that nobody has mapped is refused, since nobody could read it afterwards.
 */
export function readTitle(field: Field, cell: Cell, context: ReadingContext): TitleReading {
  const reading = readField(field, cell, { codes: context.codes, event: null });
  const text = reading.value;
  if (text === null) return { title: null, code: null, findings: reading.findings };
  const list = 'CHUC_VU';
  const code = codeFor(list, text, { ...context, event: null });
  if (code !== undefined) {
    const name = context.codes.withCode(list, code)[0]?.vi ?? text;
    return { title: looksLikeCode.test(text) ? name : text, code, findings: reading.findings };
  }
  if (!looksLikeCode.test(text)) return { title: text, code: null, findings: reading.findings };
  const label = { vi: field.vi, en: field.en };
  const unknown = makeFinding('code_unknown', field.name, { label, value: text, limit: list });
  return { title: null, code: null, findings: [{ ...unknown, unmapped: { list, value: text } }] };
}
