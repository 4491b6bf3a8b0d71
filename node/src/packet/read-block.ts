/**
 * One block of a packet: which fields it speaks of, their values, and its lists. A member that is absent
 * is not spoken of; one that is there and empty is cleared; a list that is there is the whole list.
 */
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import {
  type Finding,
  type FindingWords,
  makeFinding,
} from '@lienthong/shared-schema/rules/findings.ts';
import type { FindingCode } from '@lienthong/shared-schema/rules/rules.ts';

import type { PacketFinding } from './envelope.ts';
import { memberOf, othersThan, repeatedNames } from './members.ts';
import { type Json, type JsonObject, storable } from './parse-json.ts';
import { cellOf, type ReadingContext, readTitle, readValue } from './read-value.ts';
import type { Block, ListMember, MemberField } from './structure.ts';

/** What grows while the blocks of a packet are read. */
export type Gathered = {
  /** Section → the fields that the packet speaks of. */
  readonly carries: Map<string, Set<string>>;
  readonly single: Map<string, Map<string, string>>;
  readonly lists: Map<string, readonly DraftRow[]>;
  readonly findings: PacketFinding[];
};

export const nothingGathered = (): Gathered => ({
  carries: new Map(),
  single: new Map(),
  lists: new Map(),
  findings: [],
});

export function carry(gathered: Gathered, section: string, field: string): void {
  const fields = gathered.carries.get(section) ?? new Set();
  gathered.carries.set(section, fields.add(field));
}

/** Every field and list of the block, without a value: what DEL leaves of it. */
export function clearBlock(block: Block, gathered: Gathered): void {
  for (const { section, field } of block.fields) {
    carry(gathered, section.name, field.name);
    gathered.single.set(section.name, new Map());
    if (section.name === 'position' && field.name === 'title') {
      carry(gathered, section.name, 'title_code');
    }
  }
  for (const { section } of block.lists) {
    for (const field of section.fields) carry(gathered, section.name, field.name);
    gathered.lists.set(section.name, []);
  }
}

/** `path` is where the object stands: the name of the block, or empty for the profile itself. */
export function readBlock(
  block: Block,
  object: JsonObject,
  context: ReadingContext & { readonly gathered: Gathered },
): void {
  const present = block.fields.flatMap((one) => {
    const json = memberOf(object, one.member);
    return json === undefined ? [] : [{ ...one, json }];
  });
  for (const { section, member, field, json } of datesFirst(present)) {
    readMember({ section, member, field, json, path: joined(block.name, member) }, context);
  }
  for (const one of block.lists) {
    const json = memberOf(object, one.member);
    if (json !== undefined)
      readList(one, json, { ...context, path: joined(block.name, one.member) });
  }
}

/** Codes are read as of the date of their event. */
const datesFirst = <T extends { readonly field: Field }>(members: readonly T[]): readonly T[] => [
  ...members.filter(({ field }) => field.asOf === undefined),
  ...members.filter(({ field }) => field.asOf !== undefined),
];

type Member = MemberField & { readonly json: Json; readonly path: string };

function readMember(
  { section, field, json, path }: Member,
  { gathered, ...context }: ReadingContext & { readonly gathered: Gathered },
): void {
  carry(gathered, section.name, field.name);
  const values = gathered.single.get(section.name) ?? new Map<string, string>();
  gathered.single.set(section.name, values);
  const cell = cellOf(json);
  if (cell === undefined) {
    gathered.findings.push(shapeFinding('"…"', { section, field, path }));
    return;
  }
  const isTitle = section.name === 'position' && field.name === 'title';
  if (isTitle || field.name === 'concurrent_title') {
    const { title, code, findings } = readTitle(field, cell, context);
    if (isTitle) carry(gathered, section.name, 'title_code');
    if (title !== null) values.set(field.name, title);
    if (isTitle && code !== null) values.set('title_code', code);
    gathered.findings.push(...placed(findings, { section, path }));
    return;
  }
  const event = field.asOf === undefined ? null : (values.get(field.asOf) ?? null);
  const { value, findings } = readValue(field, cell, { ...context, event });
  if (value !== null) values.set(field.name, value);
  gathered.findings.push(...placed(findings, { section, path }));
  if (value === null && findings.length === 0 && field.required) {
    const label = { vi: field.vi, en: field.en };
    gathered.findings.push(
      ...placed([makeFinding('required', field.name, { label })], { section, path }),
    );
  }
}

type ListContext = ReadingContext & { readonly gathered: Gathered; readonly path: string };

function readList({ section, fields }: ListMember, json: Json, context: ListContext): void {
  const { gathered, path } = context;
  // programs that came from XML send a list of one as the row alone
  const items = json.kind === 'object' ? [json] : json.kind === 'list' ? json.items : undefined;
  for (const field of section.fields) carry(gathered, section.name, field.name);
  if (items === undefined) {
    gathered.findings.push(shapeFinding('[…]', { section, field: null, path }));
    return;
  }
  const rows: DraftRow[] = [];
  for (const [i, item] of items.entries()) {
    const place = `${path}[${i}]`;
    if (item.kind !== 'object') {
      gathered.findings.push(shapeFinding('{…}', { section, field: null, path: place }));
      continue;
    }
    const row = readRow(
      { section, fields, item },
      { ...context, path: place, ordinal: rows.length + 1 },
    );
    if (row !== undefined) rows.push(row);
  }
  gathered.lists.set(section.name, rows);
}

/** Undefined for a row that has neither a value nor a fault. */
function readRow(
  row: {
    readonly section: Section;
    readonly fields: readonly MemberField[];
    readonly item: JsonObject;
  },
  context: ListContext & { readonly ordinal: number },
): DraftRow | undefined {
  const { section, fields, item } = row;
  const { gathered, path, ordinal } = context;
  tellRepeated(item, path, gathered);
  tellUnknown(item, { names: fields.map((one) => one.member), path }, gathered);
  const values = new Map<string, string>();
  const found: PacketFinding[] = [];
  for (const { field, member } of datesFirst(fields)) {
    const json = memberOf(item, member);
    if (json === undefined) continue;
    const place = { section, ordinal, path: `${path}.${member}` };
    const cell = cellOf(json);
    if (cell === undefined) {
      found.push(shapeFinding('"…"', { ...place, field }));
      continue;
    }
    const event = field.asOf === undefined ? null : (values.get(field.asOf) ?? null);
    const { value, findings } = readValue(field, cell, { ...context, event });
    if (value !== null) values.set(field.name, value);
    found.push(...placed(findings, place));
  }
  if (values.size === 0 && found.length === 0) {
    gathered.findings.push(atPath('packet_row_empty', path));
    return undefined;
  }
  gathered.findings.push(...found);
  for (const field of section.fields) {
    const isTold = values.has(field.name) || found.some((finding) => finding.field === field.name);
    if (!field.required || isTold) continue;
    const member = fields.find((one) => one.field === field)?.member ?? field.name;
    const missing = makeFinding('required', field.name, { label: { vi: field.vi, en: field.en } });
    const place = { section, ordinal, path: `${path}.${member}` };
    gathered.findings.push(...placed([missing], place));
  }
  return Object.fromEntries(values);
}

/** Members that are in no packet: the program may mean something that we do not know. */
export function tellUnknown(
  object: JsonObject,
  { names, path }: { readonly names: readonly string[]; readonly path: string },
  gathered: Gathered,
): void {
  for (const name of othersThan(object, names)) {
    gathered.findings.push(atPath('packet_member_unknown', joined(path, name)));
  }
}

export function tellRepeated(object: JsonObject, path: string, gathered: Gathered): void {
  for (const name of repeatedNames(object)) {
    gathered.findings.push(atPath('packet_member_repeated', joined(path, name)));
  }
}

/** A finding on the packet, with no field of the record. */
export const atPath = (
  code: FindingCode,
  path: string,
  words: FindingWords = {},
): PacketFinding => {
  const { vi, en, ...finding } = makeFinding(code, null, words);
  return { ...finding, vi: storable(vi), en: storable(en), path: storable(path) };
};

export const joined = (path: string, name: string): string =>
  path === '' ? name : `${path}.${name}`;

type Place = { readonly section: Section; readonly ordinal?: number; readonly path: string };

/** The findings at their place. They may name a value that no database holds. */
export function placed(findings: readonly Finding[], place: Place): readonly PacketFinding[] {
  const { section, ordinal, path } = place;
  const row = ordinal === undefined ? {} : { ordinal };
  return findings.map(({ unmapped, vi, en, ...finding }) => ({
    ...finding,
    ...(unmapped === undefined
      ? {}
      : { unmapped: { list: unmapped.list, value: storable(unmapped.value) } }),
    vi: storable(vi),
    en: storable(en),
    section: section.name,
    ...row,
    path,
  }));
}

function shapeFinding(
  limit: string,
  place: Place & { readonly field: Field | null },
): PacketFinding {
  const { section, ordinal, field, path } = place;
  return {
    ...makeFinding('packet_shape', field?.name ?? null, { limit }),
    section: section.name,
    ...(ordinal === undefined ? {} : { ordinal }),
    path,
  };
}
