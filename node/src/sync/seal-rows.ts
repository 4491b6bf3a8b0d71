/**
 * Sealed sections on their way out and back: the plain rows of each record, as COPY text, become one
 * payload that the unit's own key opens. The only rows that JavaScript handles one by one.
 */
import { createPublicKey } from 'node:crypto';

import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { openPayload, sealPayload } from '@lienthong/shared-schema/runtime/sealing.ts';
import { sectionBlock } from '@lienthong/shared-schema/wire/blocks.ts';
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

/** The payload rows of a sealed section: `record_id`, base64. */
export function sealRows(
  node: Pick<EnrolledNode, 'agency' | 'sealingKey'>,
  section: Section,
  plain: Buffer,
): { readonly bytes: Buffer; readonly count: number } {
  const recipients = [createPublicKey(node.sealingKey)];
  const lines: string[] = [];
  for (const [recordId, rows] of rowsByRecord(plain)) {
    const place = { agency: node.agency, recordId, section: section.tag };
    const text = block.encode(sectionBlock(section, rows, countLines(rows)));
    lines.push(`${recordId}\t${sealPayload(text, place, recipients).toString('base64')}\n`);
  }
  return { bytes: Buffer.from(lines.join(''), 'latin1'), count: lines.length };
}

/** The plain rows of one record, or undefined where the payload is not ours or was changed. */
export function openRows(
  node: Pick<EnrolledNode, 'agency' | 'sealingKey'>,
  section: Section,
  sealed: { readonly recordId: string; readonly payload: string },
): Uint8Array | undefined {
  const place = { agency: node.agency, recordId: sealed.recordId, section: section.tag };
  const text = openPayload(Buffer.from(sealed.payload, 'base64'), place, node.sealingKey);
  if (text === undefined) return undefined;
  try {
    return block.decode(text).rows;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

const countLines = (rows: Buffer): number => rows.reduce((n, byte) => (byte === 10 ? n + 1 : n), 0);
