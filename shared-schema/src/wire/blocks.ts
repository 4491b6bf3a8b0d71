/**
 * Blocks: the rows of one section in COPY text, columns pinned by tag. This module knows which
 * columns a section has on the wire and how to read a block whose sender knows more than we do.
 */
import { catalogueVersion, sectionByTag } from '../catalogue/catalogue.ts';
import type { Section } from '../catalogue/types.ts';
import { keyColumns } from '../sql/names.ts';
import type { Block } from './messages.ts';

/** Section number of the manifest, the block that lists the records of a batch or page. */
export const manifestSection = 0;

/**
 * Columns of the manifest: record, kind (1 org unit, 2 person), version, op (`U` state follows, `D`
 * gone), whole (sections that are not in the batch are empty), changed sections.
 */
export const manifestColumns = ['record_id', 'kind', 'version', 'op', 'whole', 'sections'] as const;

/** That of a batch says besides what changed, and when: see `calendar/change-note.ts`. */
export const batchManifestColumns = [...manifestColumns, 'changes'] as const;

const recordIdTag = 1001;
const ordinalTag = 1002;
const payloadTag = 1003;

/** The wire's columns of a section: tag and SQL name, key columns first, then fields by tag. */
export function wireColumns(
  section: Section,
): readonly { readonly tag: number; readonly name: string }[] {
  const keys = keyColumns(section).map((name) => ({
    tag: name === 'ordinal' ? ordinalTag : recordIdTag,
    name,
  }));
  const fields = section.fields.toSorted((a, b) => a.tag - b.tag);
  return [...keys, ...fields.map(({ tag, name }) => ({ tag, name }))];
}

/** The tags under which the values of a section travel; none for a section that stays at its unit. */
export function valueTags(section: Section): readonly number[] {
  switch (section.reach) {
    case 'national':
      // sealed as well, where a policy narrows it
      return [...section.fields.map((field) => field.tag), payloadTag];
    case 'sealed':
      return [payloadTag];
    case 'unit':
      return [];
  }
}

/** The tags of a block's columns that are no keys, each once. */
export function blockTags(block: Block): readonly number[] {
  const tags = new Set(block.columns);
  tags.delete(recordIdTag);
  tags.delete(ordinalTag);
  return [...tags];
}

/** The tags of a block whose values this catalogue cannot read: of a newer one, or of a unit's own. */
export function unreadTags(block: Block): readonly number[] {
  const section = sectionByTag(block.section);
  const known = new Set(section === undefined ? [] : valueTags(section));
  return blockTags(block).filter((tag) => !known.has(tag));
}

export function sectionBlock(section: Section, rows: Uint8Array, rowCount: number): Block {
  return {
    section: section.tag,
    catalogueVersion,
    columns: wireColumns(section).map((column) => column.tag),
    rowCount,
    rows,
  };
}

/** A sealed section: one row a record, `record_id` and the payload in base64. */
export function sealedBlock(section: Section, rows: Uint8Array, rowCount: number): Block {
  return {
    section: section.tag,
    catalogueVersion,
    columns: [recordIdTag, payloadTag],
    rowCount,
    rows,
  };
}

/** Whether the block has exactly the columns of a sealed section. */
export function isSealedBlock(block: Block): boolean {
  return block.columns.join() === [recordIdTag, payloadTag].join();
}

export function manifestBlock(
  rows: Uint8Array,
  rowCount: number,
  columns: readonly string[] = manifestColumns,
): Block {
  return {
    section: manifestSection,
    catalogueVersion,
    columns: columns.map((_, i) => i + 1),
    rowCount,
    rows,
  };
}

/**
 * The manifest's rows under our names; columns of a newer sender are left out. Undefined when one of the
 * first six is missing, a tag repeats, or a row has another number of columns than the header says.
 */
export function readManifest(block: Block): ReadableBlock | undefined {
  const names: readonly (string | undefined)[] = batchManifestColumns;
  if (new Set(block.columns).size !== block.columns.length) return undefined;
  if (!manifestColumns.every((_, i) => block.columns.includes(i + 1))) return undefined;
  return pickColumns(
    block,
    block.columns.map((tag) => names[tag - 1]),
  );
}

export type ReadableBlock = {
  /** SQL names of the columns, in the order of `rows`. */
  readonly columns: readonly string[];
  readonly rows: Uint8Array;
  /** Tags that the block has and this catalogue does not; their values are left out of `rows`. */
  readonly unknownTags: readonly number[];
};

/**
 * The block's rows under our names. Columns of a newer catalogue are dropped from the text; that is
 * the only case in which rows are looked into. Undefined when the key columns are missing, a tag
 * repeats, or a row has another number of columns than the header says.
 */
export function readBlock(section: Section, block: Block): ReadableBlock | undefined {
  const names = new Map(wireColumns(section).map((column) => [column.tag, column.name]));
  if (new Set(block.columns).size !== block.columns.length) return undefined;
  const known = block.columns.map((tag) => names.get(tag));
  const present = new Set(known);
  if (!keyColumns(section).every((key) => present.has(key))) return undefined;
  return pickColumns(block, known);
}

/** `known`: our name of each column, in the order of the block. */
function pickColumns(
  block: Block,
  known: readonly (string | undefined)[],
): ReadableBlock | undefined {
  const columns = known.filter((name) => name !== undefined);
  const unknownTags = block.columns.filter((_, i) => known[i] === undefined);
  if (unknownTags.length === 0) return { columns, rows: block.rows, unknownTags };
  const rows = keepColumns(
    block.rows,
    known.map((name) => name !== undefined),
  );
  return rows === undefined ? undefined : { columns, rows, unknownTags };
}

/** A tab inside a value is written `\t` in COPY text, so every tab byte separates columns. */
function keepColumns(rows: Uint8Array, kept: readonly boolean[]): Uint8Array | undefined {
  const lines = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength).toString('latin1');
  const out: string[] = [];
  for (const line of lines.split('\n').slice(0, -1)) {
    const values = line.split('\t');
    if (values.length !== kept.length) return undefined;
    out.push(`${values.filter((_, i) => kept[i]).join('\t')}\n`);
  }
  return Buffer.from(out.join(''), 'latin1');
}
