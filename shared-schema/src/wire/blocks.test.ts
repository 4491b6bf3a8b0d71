import { expect, test } from 'vitest';

import { nationalSections, sectionNamed } from '../catalogue/catalogue.ts';
import {
  batchManifestColumns,
  manifestBlock,
  readBlock,
  readManifest,
  sectionBlock,
  wireColumns,
} from './blocks.ts';
import type { Block } from './messages.ts';

const reward = sectionNamed('reward');
const salary = sectionNamed('salary');
const id = '01900000-0000-7000-8000-000000000001';

const blockOf = (columns: readonly number[], lines: readonly string[]): Block => ({
  section: reward.tag,
  catalogueVersion: 2,
  columns,
  rowCount: lines.length,
  rows: Buffer.from(lines.map((line) => `${line}\n`).join('')),
});

const read = (
  block: Block,
): { readonly columns: readonly string[]; readonly text: string } | undefined => {
  const readable = readBlock(reward, block);
  return readable && { columns: readable.columns, text: Buffer.from(readable.rows).toString() };
};

test('the columns of a section are its keys, then its fields by tag', () => {
  expect(wireColumns(reward)).toEqual([
    { tag: 1001, name: 'record_id' },
    { tag: 1002, name: 'ordinal' },
    { tag: 1, name: 'year' },
    { tag: 2, name: 'grading' },
    { tag: 3, name: 'emulation' },
    { tag: 4, name: 'form' },
  ]);
  expect(wireColumns(salary).map((column) => column.tag)).not.toContain(1002);
});

test('a block made here reads back with the very same bytes', () => {
  for (const section of nationalSections) {
    const rows = Buffer.from('any\tbytes\n');
    const readable = readBlock(section, sectionBlock(section, rows, 1));
    expect(readable?.rows).toBe(rows);
    expect(readable?.unknownTags).toEqual([]);
    expect(readable?.columns).toEqual(wireColumns(section).map((column) => column.name));
  }
});

test('the manifest is section 0 with its six columns', () => {
  expect(manifestBlock(Buffer.from('x\n'), 1)).toMatchObject({
    section: 0,
    columns: [1, 2, 3, 4, 5, 6],
    rowCount: 1,
  });
});

test('columns of a newer catalogue are dropped, wherever they stand', () => {
  const block = blockOf(
    [900, 1001, 901, 1002, 1, 902],
    [`new\t${id}\t\\N\t1\t2001\tlast`, `\t${id}\t\t2\t2002\t`],
  );
  expect(read(block)).toEqual({
    columns: ['record_id', 'ordinal', 'year'],
    text: `${id}\t1\t2001\n${id}\t2\t2002\n`,
  });
  expect(readBlock(reward, block)?.unknownTags).toEqual([900, 901, 902]);
});

test('escapes, Vietnamese text and bytes of any encoding pass through the dropping unchanged', () => {
  const value = 'Đơn vị \\t \\n \\\\ \\N';
  const block = blockOf([1001, 1002, 4, 900], [`${id}\t1\t${value}\tnew`]);
  expect(read(block)?.text).toBe(`${id}\t1\t${value}\n`);
  const raw = Buffer.concat([
    Buffer.from(`${id}\t1\t`),
    Buffer.from([0xff, 0x80]),
    Buffer.from('\tx\n'),
  ]);
  const readable = readBlock(reward, { ...block, rows: raw });
  expect(Buffer.from(readable?.rows ?? []).includes(Buffer.from([0xff, 0x80]))).toBe(true);
});

test.each([
  ['no record_id', [1002, 1]],
  ['no ordinal in a list', [1001, 1]],
  ['no columns', []],
  ['a repeated tag', [1001, 1002, 1, 1]],
  ['a repeated unknown tag', [1001, 1002, 900, 900]],
])('a block with %s cannot be read', (_, columns) => {
  expect(readBlock(reward, blockOf(columns, []))).toBeUndefined();
});

test.each([
  ['a column too few', `${id}\t1`],
  ['a column too many', `${id}\t1\tnew\tx`],
  ['an empty line', ''],
])('a row with %s beside unknown columns cannot be read', (_, line) => {
  expect(readBlock(reward, blockOf([1001, 1002, 900], [`${id}\t1\tnew`, line]))).toBeUndefined();
});

test('an ordinal where the section has none is a column of nobody', () => {
  const block = { ...blockOf([1001, 1002], [`${id}\t1`]), section: salary.tag };
  expect(readBlock(salary, block)?.unknownTags).toEqual([1002]);
});

test('a manifest is read by its tags: those of a newer sender are left out, the first six must be there', () => {
  const rows = Buffer.from('a\t1\t1\tU\tt\t{1}\t{}\tnew\n');
  const newer = { ...manifestBlock(rows, 1), columns: [1, 2, 3, 4, 5, 6, 7, 8] };
  const manifest = readManifest(newer);
  expect(manifest?.columns).toEqual(batchManifestColumns);
  expect(Buffer.from(manifest?.rows ?? []).toString()).toBe('a\t1\t1\tU\tt\t{1}\t{}\n');
  const older = manifestBlock(Buffer.from('a\t1\t1\tU\tt\t{1}\n'), 1);
  expect(readManifest(older)?.columns).toEqual(batchManifestColumns.slice(0, 6));
  expect(readManifest({ ...older, columns: [1, 2, 3, 4, 5, 7] })).toBeUndefined();
  expect(readManifest({ ...newer, columns: [1, 2, 3, 4, 5, 6, 7, 7] })).toBeUndefined();
});
