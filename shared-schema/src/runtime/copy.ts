/**
 * COPY in and out as whole buffers: the rows of a batch never become JavaScript objects, and a
 * batch is bounded, so its text is too.
 */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

import type { Tx } from './database.ts';

export type CopiedRows = { readonly bytes: Buffer; readonly count: number };

/** `copy (query) to stdout`: the rows in COPY text format, one line each. */
export async function copyOut(tx: Tx, query: string): Promise<CopiedRows> {
  const copied = await copyOutWithin(tx, query, Infinity);
  assert(copied !== undefined);
  return copied;
}

/** As `copyOut`; undefined where the rows have more bytes than that. They are read to their end and not kept. */
export async function copyOutWithin(
  { client }: Tx,
  query: string,
  bytesMax: number,
): Promise<CopiedRows | undefined> {
  const stream = client.query(copyTo(`copy (${query}) to stdout`));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= bytesMax) chunks.push(chunk);
  }
  if (size > bytesMax) return undefined;
  const bytes = Buffer.concat(chunks);
  return { bytes, count: countLines(bytes) };
}

/**
 * A newline inside a value is written `\n`, so every newline ends a row. The stream's own row count
 * may not have arrived when its data ends: the server tells it in a message of its own.
 */
function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

/** `copy table (columns) from stdin`. Returns the number of rows that PostgreSQL took. */
export async function copyIn(
  { client }: Tx,
  target: string,
  rows: Uint8Array | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): Promise<number> {
  const stream = client.query(copyFrom(`copy ${target} from stdin`));
  const source = rows instanceof Uint8Array ? [rows] : rows;
  await pipeline(Readable.from(source), stream);
  return stream.rowCount;
}
