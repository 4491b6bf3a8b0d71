/**
 * One section of a record, replaced or merged by a program (RFC 7396: null takes a value away, and a
 * list is replaced whole). Fields that the program may not see it does not touch, and may not name.
 */
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import type { StoredSections } from '../db/stored-sections.ts';
import { NodeError } from '../errors.ts';
import { isObject, type JsonSection, readJsonSection } from '../intake/read-json-section.ts';
import { pinHeldElsewhere } from '../intake/standing-findings.ts';
import { fieldsFor, type Reader } from '../protocol/reader.ts';
import { fileRecord } from './file-record.ts';
import {
  type Expected,
  holderOfPin,
  holdRecord,
  mustStayWithin,
  pinOf,
  unitOf,
} from './held-record.ts';
import { hasError, judgeDraft } from './judge-draft.ts';
import { type WriteOutcome, type Writer, writeOnce } from './write-once.ts';

export type SectionWrite = Expected & {
  readonly section: Section;
  readonly how: 'replace' | 'merge';
  readonly json: unknown;
  /** What differs from a closed record is a correction. */
  readonly correction: boolean;
};

/**
 * Throws NODE_RECORD_UNKNOWN, NODE_SCOPE_MISSING for fields that the key may not see, NODE_UNIT_OUTSIDE,
 * NODE_RECORD_CLOSED.
 */
export async function writeSection(writer: Writer, write: SectionWrite): Promise<WriteOutcome> {
  return await writeOnce(writer, null, async (db) => {
    const held = await holdRecord(db, writer.reader, write);
    if (held.kind === 'changed') return held;
    return await writeHeld(db, { writer, write, stored: held.stored });
  });
}

type HeldWrite = {
  readonly writer: Writer;
  readonly write: SectionWrite;
  readonly stored: StoredSections;
};

async function writeHeld(db: Db, { writer, write, stored }: HeldWrite): Promise<WriteOutcome> {
  const { section, how, json, recordId, correction } = write;
  const { reader, source } = writer;
  const reading = readJsonSection(section, json, '');
  const carried = carriedBy(reader, write, reading);
  const draft = { [section.name]: rowsOf(reading, section, { carried, stored }) };
  const carries = { [section.name]: carried };
  mustStayWithin(reader, unitOf(draft, stored));
  const findings = await judgeDraft(db, writer, {
    sections: draft,
    carries,
    stored,
    shape: reading.findings,
    placeOf: (name) => (name === section.name ? '' : undefined),
  });
  const pin = pinOf(draft, stored) ?? null;
  const holder =
    section.name === identity.name && pin !== null && pin !== pinOf(stored)
      ? await holderOfPin(db, reader, { pin, recordId })
      : undefined;
  const held = holder?.isActive === true ? [pinHeldElsewhere] : [];
  // who may not see the other record is not told of it: a reviewer is
  const isTold = holder?.isSeen === true;
  const all = [...findings, ...(isTold ? held.map((one) => ({ ...one, pointer: '/pin' })) : [])];
  if (hasError(all)) return { kind: 'faulty', findings: all };
  const written = await fileRecord(db, {
    source,
    recordId,
    pin,
    sections: draft,
    carries,
    findings,
    written: { section: section.name, how, body: json },
    correctsClosed: correction,
    hidden: isTold ? [] : held,
  });
  return { kind: 'written', written };
}

/** The fields that are written. Throws NODE_SCOPE_MISSING. */
function carriedBy(
  reader: Reader,
  { section, how, json }: SectionWrite,
  { named }: JsonSection,
): readonly string[] {
  const readable = fieldsFor(reader, section).map((field) => field.name);
  const asked = section.many || !isObject(json) ? section.fields.map((one) => one.name) : named;
  if (asked.some((name) => !readable.includes(name))) {
    throw new NodeError('NODE_SCOPE_MISSING', { detail: 'records:read-sensitive' });
  }
  return how === 'replace' || section.many ? readable : named;
}

/** The section as it would be; fields that are not carried as they are. */
function rowsOf(
  reading: JsonSection,
  section: Section,
  { carried, stored }: { readonly carried: readonly string[]; readonly stored: StoredSections },
): readonly DraftRow[] {
  if (section.many) return reading.rows;
  const kept = Object.entries(stored[section.name]?.[0] ?? {}).filter(
    ([name]) => !carried.includes(name),
  );
  return [{ ...Object.fromEntries(kept), ...reading.rows[0] }];
}
