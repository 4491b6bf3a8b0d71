/**
 * Sealed sections on their way out and back: the plain rows of each record, as COPY text, become one
 * payload that the unit's own key opens. The only rows that JavaScript handles one by one.
 */
import { createPublicKey } from 'node:crypto';

import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { openPayload, sealPayload } from '@lienthong/shared-schema/runtime/sealing.ts';
import { sha256 } from '@lienthong/shared-schema/runtime/signature.ts';
import {
  type ReadableBlock,
  readBlock,
  sectionBlock,
  wireColumns,
} from '@lienthong/shared-schema/wire/blocks.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { block } from '@lienthong/shared-schema/wire/messages.ts';

import type { EnrolledNode } from './context.ts';

const uuidLength = 36;

/** COPY text of a section, ordered by record, cut into the rows of each record. */
export function rowsByRecord(rows: Buffer): ReadonlyMap<string, Buffer> {
  const byRecord = new Map<string, Buffer>();
  let start = 0;
  while (start < rows.length) {
    const recordId = rows.toString('latin1', start, start + uuidLength);
    let end = start;
    do end = rows.indexOf(10, end) + 1;
    while (end < rows.length && rows.toString('latin1', end, end + uuidLength) === recordId);
    byRecord.set(recordId, rows.subarray(start, end));
    start = end;
  }
  return byRecord;
}

export type SealedRows = {
  readonly bytes: Buffer;
  readonly count: number;
  readonly digests: readonly { readonly recordId: string; readonly digest: Uint8Array }[];
};

/** The payload rows of a sealed section, `record_id` and base64, and the SHA-256 of each base64 text. */
export function sealRows(
  node: Pick<EnrolledNode, 'agency' | 'sealingKey'>,
  section: Section,
  plain: Buffer,
): SealedRows {
  const recipients = [createPublicKey(node.sealingKey)];
  const lines: string[] = [];
  const digests: SealedRows['digests'][number][] = [];
  for (const [recordId, rows] of rowsByRecord(plain)) {
    const place = { agency: node.agency, recordId, section: section.tag };
    const text = block.encode(sectionBlock(section, rows, countLines(rows)));
    const payload = sealPayload(text, place, recipients).toString('base64');
    lines.push(`${recordId}\t${payload}\n`);
    digests.push({ recordId, digest: sha256(Buffer.from(payload, 'latin1')) });
  }
  return { bytes: Buffer.from(lines.join(''), 'latin1'), count: lines.length, digests };
}

/** The rows of one record under our names, or undefined where the payload is not ours or was changed. */
export function openBlock(
  node: Pick<EnrolledNode, 'agency' | 'sealingKey'>,
  section: Section,
  sealed: { readonly recordId: string; readonly payload: string },
): ReadableBlock | undefined {
  const place = { agency: node.agency, recordId: sealed.recordId, section: section.tag };
  const payload = Buffer.from(sealed.payload, 'base64');
  // Buffer skips what is no base64 and ignores the last bits: other text for the same bytes
  if (payload.toString('base64') !== sealed.payload) return undefined;
  const text = openPayload(payload, place, node.sealingKey);
  if (text === undefined) return undefined;
  try {
    return readBlock(section, block.decode(text));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/**
 * The plain rows of one record as the unit's own tables have them, or undefined where the payload is
 * not ours or was changed. Columns that came into the catalogue after the sealing are null.
 */
export function openRows(
  node: Pick<EnrolledNode, 'agency' | 'sealingKey'>,
  section: Section,
  sealed: { readonly recordId: string; readonly payload: string },
): Uint8Array | undefined {
  const opened = openBlock(node, section, sealed);
  return opened === undefined ? undefined : underAllColumns(section, opened);
}

function underAllColumns(section: Section, { columns, rows }: ReadableBlock): Uint8Array {
  const wanted = wireColumns(section).map(({ name }) => name);
  if (columns.join() === wanted.join()) return rows;
  const places = wanted.map((name) => columns.indexOf(name));
  const lines = Buffer.from(rows).toString('latin1').split('\n').slice(0, -1);
  const filled = lines.map((line) => {
    const values = line.split('\t');
    return `${places.map((place) => values[place] ?? String.raw`\N`).join('\t')}\n`;
  });
  return Buffer.from(filled.join(''), 'latin1');
}

const countLines = (rows: Buffer): number => rows.reduce((n, byte) => (byte === 10 ? n + 1 : n), 0);
