/**
 * Puts the blocks of a batch or feed page into the staging tables. What is malformed is a value,
 * not an exception: the caller decides what becomes of a batch that cannot be read.
 */
import { sectionByTag } from '../catalogue/catalogue.ts';
import type { Section } from '../catalogue/types.ts';
import { createSealedStagingSql, stageSealedRows, takeSealedRowsSql } from '../sql/sealed.ts';
import { createStagingSql, stageRecord, stageTable } from '../sql/staging.ts';
import {
  isSealedBlock,
  manifestSection,
  readBlock,
  readManifest,
  unreadTags,
} from '../wire/blocks.ts';
import type { Block } from '../wire/messages.ts';
import { copyIn } from './copy.ts';
import { type Tx, sqlState } from './database.ts';

/** Columns of one section of a batch, by tag; those of an unknown section are all its columns. */
export type UnreadColumns = { readonly section: number; readonly tags: readonly number[] };

export type Staged =
  | {
      readonly kind: 'staged';
      readonly records: number;
      /** Section tags with rows here. */
      readonly sections: readonly number[];
      /** What was left out: columns, by section, that this catalogue does not know. */
      readonly unread: readonly UnreadColumns[];
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A manifest can name no higher tag; and no table has so many columns, let alone one more release. */
const sectionTagMax = 32_767;
const unknownColumnsMax = 1600;

/** Runs inside the caller's transaction, under a savepoint of its own. */
export async function stageBlocks(tx: Tx, blocks: readonly Block[]): Promise<Staged> {
  await tx.client.query(`${createStagingSql};\n${createSealedStagingSql}`);
  await tx.client.query('savepoint staging');
  try {
    const staged = await copyBlocks(tx, blocks);
    if (staged.kind === 'unreadable') await tx.client.query('rollback to savepoint staging');
    return staged;
  } catch (error) {
    const state = sqlState(error) ?? '';
    if (!isDataFault(state)) throw error;
    await tx.client.query('rollback to savepoint staging');
    return { kind: 'unreadable', reason: `a block is no COPY text of its columns (${state})` };
  }
}

/**
 * Classes 22 (data exception), 23 (constraint) and 54 (limits, such as the dimensions of an array):
 * the bytes are wrong, not the database.
 */
const isDataFault = (state: string): boolean => /^(?:22|23|54)/u.test(state);

async function copyBlocks(tx: Tx, blocks: readonly Block[]): Promise<Staged> {
  const [manifest, ...rest] = blocks;
  if (manifest?.section !== manifestSection) {
    return { kind: 'unreadable', reason: 'the first block is no manifest' };
  }
  const listed = readManifest(manifest);
  if (listed === undefined)
    return { kind: 'unreadable', reason: 'the columns of the manifest are wrong' };
  const records = await copyIn(tx, `${stageRecord} (${listed.columns.join(', ')})`, listed.rows);
  if (records !== manifest.rowCount) return countFault(manifest, records);
  await tx.client.query(`analyze ${stageRecord}`);
  const sections: number[] = [];
  const unread: UnreadColumns[] = [];
  let unknownColumns = 0;
  for (const block of rest) {
    const tags = unreadTags(block);
    unknownColumns += tags.length;
    if (block.section > sectionTagMax || unknownColumns > unknownColumnsMax) {
      return { kind: 'unreadable', reason: `block of section ${block.section} is of no catalogue` };
    }
    if (tags.length > 0) unread.push({ section: block.section, tags });
    const section = sectionByTag(block.section);
    if (section === undefined || section.reach === 'unit') continue;
    // a policy may seal what the catalogue would let travel in plain text, never the other way round
    if (section.reach === 'sealed' || isSealedBlock(block)) {
      const fault = await stageSealedBlock(tx, section, block);
      if (fault !== undefined) return fault;
      continue;
    }
    const readable = readBlock(section, block);
    if (readable === undefined) {
      return { kind: 'unreadable', reason: `the columns of section ${section.name} are wrong` };
    }
    const target = `${stageTable(section)} (${readable.columns.join(', ')})`;
    const rows = await copyIn(tx, target, readable.rows);
    if (rows !== block.rowCount) return countFault(block, rows);
    await tx.client.query(`analyze ${stageTable(section)}`);
    if (await hasStrayRows(tx, section)) {
      return { kind: 'unreadable', reason: `rows of ${section.name} that the manifest lacks` };
    }
    sections.push(section.tag);
  }
  return { kind: 'staged', records, sections, unread };
}

/** Payloads are opaque: only their number and their records are checked. */
async function stageSealedBlock(
  tx: Tx,
  section: Section,
  block: Block,
): Promise<Staged | undefined> {
  if (!isSealedBlock(block)) {
    return { kind: 'unreadable', reason: `the columns of section ${section.name} are wrong` };
  }
  const rows = await copyIn(tx, `${stageSealedRows} (record_id, payload)`, block.rows);
  if (rows !== block.rowCount) return countFault(block, rows);
  if (await hasStrayRows(tx, section, stageSealedRows)) {
    return { kind: 'unreadable', reason: `rows of ${section.name} that the manifest lacks` };
  }
  await tx.client.query(takeSealedRowsSql(section.tag));
  return undefined;
}

/** Rows of records, or of sections, that the manifest does not announce would be lost in silence. */
async function hasStrayRows(
  { client }: Tx,
  section: Section,
  table: string = stageTable(section),
): Promise<boolean> {
  const { rowCount } = await client.query(`select from ${table} s
    where not exists (select from ${stageRecord} m where m.record_id = s.record_id
      and m.op = 'U' and (m.whole or ${section.tag} = any (m.sections))) limit 1`);
  return rowCount !== 0;
}

const countFault = (block: Block, found: number): Staged => ({
  kind: 'unreadable',
  reason: `block of section ${block.section} has ${found} rows and says ${block.rowCount}`,
});
