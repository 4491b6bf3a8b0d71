/** Synthetic records in a node's own tables, as plain SQL writes them, and what was sealed of them. */
import assert from 'node:assert/strict';

import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import {
  batchContent,
  type BatchContent,
  batchHeader,
  type BatchHeader,
} from '@lienthong/shared-schema/wire/messages.ts';

import { orgUnit, type TestRecord } from './test-records.ts';

type Pool = Pick<Database['pool'], 'query'>;

/** Inserts the records in one transaction. */
export async function putRecords(
  { pool }: Pick<Database, 'pool'>,
  records: readonly TestRecord[],
  options: { readonly secret?: boolean } = {},
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const record of records) await putRecord(client, record, options.secret === true);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function putRecord(client: Pool, record: TestRecord, secret: boolean): Promise<void> {
  await client.query(
    'insert into profile.record (record_id, kind, state_secret) values ($1, $2, $3)',
    [record.id, record.kind ?? 2, secret],
  );
  for (const [section, rows] of Object.entries(record.rows ?? {})) {
    const { many } = sectionNamed(section);
    for (const [i, row] of rows.entries()) {
      const values = { record_id: record.id, ...(many ? { ordinal: i + 1 } : {}), ...row };
      const names = Object.keys(values);
      await client.query(
        `insert into profile.${section} (${names.join(', ')})
         values (${names.map((_, n) => `$${n + 1}`).join(', ')})`,
        Object.values(values),
      );
    }
  }
}

/** The tree that the people of the tests are in: H52 and, below, H52.01. */
export const tree: readonly TestRecord[] = [
  orgUnit(1, 'H52'),
  orgUnit(2, 'H52.01', { parent: 'H52' }),
];

export type OpenedBatch = {
  readonly seq: bigint;
  readonly header: BatchHeader;
  readonly headerBytes: Buffer;
  readonly headerHash: Buffer;
  readonly signature: Buffer;
  readonly content: BatchContent;
  readonly raw: Buffer;
};

/** Every sealed batch of a node in order, expanded. */
export async function openBatches({ pool }: Pick<Database, 'pool'>): Promise<OpenedBatch[]> {
  const { rows } = await pool.query<{
    seq: bigint;
    header: Buffer;
    header_hash: Buffer;
    signature: Buffer;
    content: Buffer;
  }>('select seq, header, header_hash, signature, content from sync.outbox_batch order by seq');
  return Promise.all(
    rows.map(async (row) => {
      const header = batchHeader.decode(row.header);
      const raw = await expand(row.content, Number(header.rawBytes));
      assert.ok(raw !== undefined, `batch ${row.seq} expands to the size that it states`);
      return {
        seq: row.seq,
        header,
        headerBytes: row.header,
        headerHash: row.header_hash,
        signature: row.signature,
        content: batchContent.decode(raw),
        raw,
      };
    }),
  );
}

export type ManifestLine = {
  readonly id: string;
  readonly kind: number;
  readonly version: number;
  readonly op: string;
  readonly whole: boolean;
  readonly sections: string;
};

/** The records that a batch lists, in its order. */
export function manifestOf({ content }: Pick<OpenedBatch, 'content'>): readonly ManifestLine[] {
  return linesOf(content, 0).map((line) => {
    const [id = '', kind, version, op = '', whole, sections = ''] = line.split('\t');
    return {
      id,
      kind: Number(kind),
      version: Number(version),
      op,
      whole: whole === 't',
      sections,
    };
  });
}

/** The lines of COPY text of one section. */
export function linesOf(content: BatchContent, section: number): readonly string[] {
  const block = content.blocks.find((one) => one.section === section);
  if (block === undefined) return [];
  return Buffer.from(block.rows).toString().split('\n').slice(0, -1);
}
