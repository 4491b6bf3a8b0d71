/** A new person, written by a program: the sections that it knows, with identity and employment at least. */
import { sections as allSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { NodeError } from '../errors.ts';
import {
  escaped,
  isObject,
  type PointedFinding,
  readJsonSection,
} from '../intake/read-json-section.ts';
import { pinHeldElsewhere, recordClosed } from '../intake/standing-findings.ts';
import { fieldsFor, type Reader } from '../protocol/reader.ts';
import { fileRecord } from './file-record.ts';
import { holderOfPin, mustStayWithin, pinOf, unitOf } from './held-record.ts';
import { hasError, judgeDraft } from './judge-draft.ts';
import { type OnceKey, type WriteOutcome, type Writer, writeOnce } from './write-once.ts';

const personSections = new Map(
  allSections.filter((one) => one.kind === 'person').map((one) => [one.name, one]),
);

/** `json` is `{ sections: { identity: {…}, …, work_history: […] } }`. Throws as `writeSection`. */
export async function createRecord(
  writer: Writer,
  { json, once }: { readonly json: unknown; readonly once: OnceKey | null },
): Promise<WriteOutcome> {
  const body = readBody(writer.reader, json);
  return await writeOnce(writer, once, (db) => create(db, { writer, body, json }));
}

type NewBody = {
  readonly sections: Readonly<Record<string, readonly DraftRow[]>>;
  readonly carries: Readonly<Record<string, readonly string[]>>;
  readonly shape: readonly PointedFinding[];
};

type Creation = { readonly writer: Writer; readonly body: NewBody; readonly json: unknown };

async function create(db: Db, { writer, body, json }: Creation): Promise<WriteOutcome> {
  const { reader, source } = writer;
  const { sections, carries, shape } = body;
  mustStayWithin(reader, unitOf(sections));
  const judged = await judgeDraft(db, writer, {
    sections,
    carries,
    stored: undefined,
    shape,
    placeOf: (name) => `/sections/${name}`,
  });
  const pin = pinOf(sections) ?? null;
  const holder = pin === null ? undefined : await holderOfPin(db, reader, { pin, recordId: null });
  const held = holder === undefined ? [] : [holder.isActive ? pinHeldElsewhere : recordClosed];
  // who may not see the record is not told of it: a reviewer is
  const isTold = holder?.isSeen === true;
  const told = isTold ? held.map((one) => ({ ...one, pointer: '/sections/identity/pin' })) : [];
  const findings = [...judged, ...told];
  if (hasError(findings)) return { kind: 'faulty', findings };
  const written = await fileRecord(db, {
    source,
    recordId: null,
    pin,
    sections,
    carries,
    findings,
    written: { body: json },
    hidden: isTold ? [] : held,
  });
  return { kind: 'written', written };
}

function readBody(reader: Reader, json: unknown): NewBody {
  const shape: PointedFinding[] = [];
  const given = isObject(json) && isObject(json['sections']) ? json['sections'] : {};
  if (!isObject(json) || !isObject(json['sections'])) {
    const label = { vi: 'sections', en: 'sections' };
    const at = isObject(json) ? '/sections' : '';
    shape.push({ ...makeFinding('json_shape', null, { label, limit: '{…}' }), pointer: at });
  }
  const foreign = [
    ...Object.keys(isObject(json) ? json : {})
      .filter((name) => name !== 'sections')
      .map((name) => `/${escaped(name)}`),
    ...Object.keys(given)
      .filter((name) => !personSections.has(name))
      .map((name) => `/sections/${escaped(name)}`),
  ];
  shape.push(
    ...foreign.map((pointer) => ({ ...makeFinding('json_member_unknown', null), pointer })),
  );
  const sections: Record<string, readonly DraftRow[]> = {};
  const carries: Record<string, readonly string[]> = {};
  for (const section of personSections.values()) {
    const isHead = section.name === identity.name || section.name === employment.name;
    const value = given[section.name] ?? (isHead ? {} : undefined);
    if (value === undefined) continue;
    const reading = readJsonSection(section, value, `/sections/${section.name}`);
    const readable = fieldsFor(reader, section).map((field) => field.name);
    const asked = section.many ? section.fields.map((field) => field.name) : reading.named;
    if (asked.some((name) => !readable.includes(name))) {
      throw new NodeError('NODE_SCOPE_MISSING', { detail: 'records:read-sensitive' });
    }
    sections[section.name] = reading.rows;
    carries[section.name] = readable;
    shape.push(...reading.findings);
  }
  return { sections, carries, shape };
}
