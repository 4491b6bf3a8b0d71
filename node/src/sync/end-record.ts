/**
 * Closing, reopening and removing by a program. Closing and removing go through the intake as every
 * other change; reopening is a decision, which only a program that the unit trusts may make.
 */
import { employment } from '@lienthong/shared-schema/catalogue/person.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { lockLife } from '../db/record-life.ts';
import { readRecordTags } from '../db/record-tags.ts';
import { findSource } from '../db/sources.ts';
import type { StoredSections } from '../db/stored-sections.ts';
import { NodeError } from '../errors.ts';
import type { PointedFinding } from '../intake/read-json-section.ts';
import { closeRecord, type Closing } from '../protocol/record-life.ts';
import { fileRecord } from './file-record.ts';
import { type Expected, holdRecord, pinOf } from './held-record.ts';
import { hasError, judgeDraft } from './judge-draft.ts';
import { reopenIn } from './record-life.ts';
import { type OnceKey, type WriteOutcome, type Writer, writeOnce } from './write-once.ts';

type EndOrder = Expected & { readonly once: OnceKey | null };

/** Throws NODE_RECORD_UNKNOWN, NODE_STATUS_INVALID, NODE_STATUS_DATE_INVALID. */
export async function closeByKey(
  writer: Writer,
  order: EndOrder & { readonly closing: Closing },
): Promise<WriteOutcome> {
  return await writeOnce(writer, order.once, async (db) => {
    const held = await holdRecord(db, writer.reader, order);
    if (held.kind === 'changed') return held;
    await mustClose(db, writer, order);
    return await fileClosing(db, { writer, order, stored: held.stored });
  });
}

async function mustClose(
  db: Db,
  { node, codeBook }: Writer,
  { recordId, closing }: EndOrder & { readonly closing: Closing },
): Promise<void> {
  const state = await lockLife(db, recordId);
  if (state === undefined) throw new NodeError('NODE_RECORD_UNKNOWN');
  const today = hanoiDay(node.now().getTime());
  const { kind } = closeRecord(state, closing, { today, codes: await codeBook(db) });
  switch (kind) {
    case 'status-invalid':
      throw new NodeError('NODE_STATUS_INVALID');
    case 'date-invalid':
      throw new NodeError('NODE_STATUS_DATE_INVALID');
    case 'as-it-is':
    case 'close':
      return;
  }
}

type ClosingWrite = {
  readonly writer: Writer;
  readonly order: EndOrder & { readonly closing: Closing };
  readonly stored: StoredSections;
};

async function fileClosing(db: Db, { writer, order, stored }: ClosingWrite): Promise<WriteOutcome> {
  const { recordId, closing } = order;
  const { status_decision: _, ...rest } = stored[employment.name]?.[0] ?? {};
  const { status, date, decision } = closing;
  const row = {
    ...rest,
    status,
    status_date: date,
    ...(decision === null ? {} : { status_decision: decision }),
  };
  const sections = { [employment.name]: [row] };
  const carries = { [employment.name]: ['status', 'status_date', 'status_decision'] };
  const places: Readonly<Record<string, string>> = {
    status: '/status',
    status_date: '/date',
    status_decision: '/decision',
  };
  const judged = await judgeDraft(db, writer, {
    sections,
    carries,
    stored,
    shape: [],
    placeOf: () => undefined,
  });
  const findings = judged.map((one): PointedFinding => ({
    ...one,
    pointer: places[one.field ?? ''] ?? '',
  }));
  if (hasError(findings)) return { kind: 'faulty', findings };
  const written = await fileRecord(db, {
    source: writer.source,
    recordId,
    pin: pinOf(stored) ?? null,
    sections,
    carries,
    findings,
    written: { close: closing },
    correctsClosed: true,
  });
  return { kind: 'written', written };
}

/** Throws NODE_RECORD_UNKNOWN, NODE_RECORD_TAKEN, NODE_REVIEW_NEEDED for a key whose data is reviewed. */
export async function reopenByKey(
  writer: Writer,
  order: EndOrder & { readonly reason: string | undefined },
): Promise<WriteOutcome> {
  const { recordId, reason, once } = order;
  const { source, reader } = writer;
  return await writeOnce(writer, once, async (db) => {
    const held = await holdRecord(db, reader, order);
    if (held.kind === 'changed') return held;
    if ((await findSource(db, source))?.trusted !== true) throw new NodeError('NODE_REVIEW_NEEDED');
    const { changed } = await reopenIn(db, { recordId, by: `source:${source}`, reason });
    const etag = (await readRecordTags(db, [recordId])).get(recordId) ?? null;
    const state = changed ? 'published' : 'unchanged';
    return { kind: 'written', written: { state, recordId, row: null, etag, warnings: [] } };
  });
}

/** The record goes into the archive. Throws NODE_RECORD_UNKNOWN. */
export async function removeByKey(
  writer: Writer,
  order: Expected & { readonly reason: string },
): Promise<WriteOutcome> {
  const { recordId, reason } = order;
  return await writeOnce(writer, null, async (db) => {
    const held = await holdRecord(db, writer.reader, order);
    if (held.kind === 'changed') return held;
    const written = await fileRecord(db, {
      source: writer.source,
      recordId,
      pin: pinOf(held.stored) ?? null,
      sections: {},
      carries: {},
      findings: [],
      written: { remove: { reason } },
      action: 'remove',
      correctsClosed: true,
      reason,
    });
    return { kind: 'written', written };
  });
}
