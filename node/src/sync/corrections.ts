/**
 * What people decide on corrections: the source's value is taken over, through the intake and its rules
 * like any change, or the unit's value stays and the hub is told why. Nothing is ever taken over without
 * a person; each decision names who made it.
 */
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { checkValues } from '@lienthong/shared-schema/rules/check-field.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { type Finding, severityOf } from '@lienthong/shared-schema/rules/findings.ts';
import type { Database, Db } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { answerReasonBytesMax } from '@lienthong/shared-schema/wire/limits.ts';

import { addAnswer, lastAnswer } from '../db/answers.ts';
import { type Correction, readCorrection, storeSettlement } from '../db/corrections.ts';
import { noteDecision } from '../db/decisions.ts';
import { appendRows, beginImport, finishImport, withdrawOlderRows } from '../db/intake.ts';
import { publishRows } from '../db/publish-intake.ts';
import { readStoredSections, type StoredSections } from '../db/stored-sections.ts';
import { NodeError } from '../errors.ts';
import { verdictOf } from '../intake/intake-item.ts';
import { acceptCorrection } from '../protocol/correction.ts';
import type { Reader } from '../protocol/reader.ts';
import type { NodeContext } from './context.ts';
import { lockedTurn } from './write-once.ts';

export const correctionSource = 'correction';

export type ShownCorrection = Correction & {
  /** What the unit has now; empty: nothing. */
  readonly currentValue: string;
};

/** With the values of both sides. Throws NODE_CORRECTION_UNKNOWN. */
export async function showCorrection(
  { db }: Pick<Database, 'db'>,
  id: string,
  reader?: Reader,
): Promise<ShownCorrection> {
  const correction = await requireCorrection(db, id, reader);
  const stored = await storedOf(db, correction.recordId);
  return { ...correction, currentValue: valueOf(stored, correction) };
}

export type CorrectionDecision = {
  readonly id: string;
  /** Who decides: a name that others know. */
  readonly by: string;
  /** What may be seen of the unit's data; absent: all. */
  readonly reader?: Reader | undefined;
};

export type Accepted = { readonly recordId: string; readonly changed: boolean };

/**
 * Takes the source's value over. `changed` is false where the unit has it already. Throws
 * NODE_CORRECTION_UNKNOWN, NODE_CORRECTION_OVERTAKEN where the unit's value is another one since, and
 * NODE_CORRECTION_FAULTY where the record would break a rule with it.
 */
export async function acceptOne(
  node: Pick<NodeContext, 'database' | 'agency' | 'now'>,
  decision: CorrectionDecision,
): Promise<Accepted> {
  return await lockedTurn(node.database, (db) => acceptIn(node, db, decision));
}

/** In the caller's transaction, which has the lock of publications. */
export async function acceptIn(
  node: Pick<NodeContext, 'agency' | 'now'>,
  db: Db,
  { id, by, reader }: CorrectionDecision,
): Promise<Accepted> {
  const correction = await requireCorrection(db, id, reader);
  const { recordId } = correction;
  const stored = await storedOf(db, recordId);
  if (stored === undefined) throw overtaken(id);
  const { kind } = acceptCorrection(correction, valueOf(stored, correction));
  if (kind === 'overtaken') throw overtaken(id);
  if (kind === 'write') await writeValue(node, db, { correction, stored, by });
  await settle(db, { correction, decision: 'accepted', by, reason: null });
  return { recordId, changed: kind === 'write' };
}

export type Contest = CorrectionDecision & { readonly reason: string };

/** The unit's value stays; the hub is told why. Throws NODE_CORRECTION_UNKNOWN, NODE_CORRECTION_REASON. */
export async function contestOne(
  { database }: Pick<NodeContext, 'database'>,
  contest: Contest,
): Promise<{ readonly recordId: string }> {
  return await lockedTurn(database, (db) => contestIn(db, contest));
}

/** In the caller's transaction, which has the lock of publications. */
export async function contestIn(
  db: Db,
  { id, by, reason, reader }: Contest,
): Promise<{ readonly recordId: string }> {
  const said = reason.trim().normalize('NFC');
  if (said === '' || Buffer.byteLength(said) > answerReasonBytesMax || /\p{Cc}/u.test(said)) {
    throw new NodeError('NODE_CORRECTION_REASON');
  }
  const correction = await requireCorrection(db, id, reader);
  await settle(db, { correction, decision: 'contested', by, reason: said });
  return { recordId: correction.recordId };
}

/** Of several that are accepted in one command those before it are done: the error names the one. */
const overtaken = (id: string): NodeError =>
  new NodeError('NODE_CORRECTION_OVERTAKEN', { detail: id });

async function requireCorrection(db: Db, id: string, reader?: Reader): Promise<Correction> {
  const correction = await readCorrection(db, id, reader);
  if (correction === undefined) throw new NodeError('NODE_CORRECTION_UNKNOWN', { detail: id });
  return correction;
}

/** Undefined where the unit has the record no more. */
async function storedOf(db: Db, recordId: string): Promise<StoredSections | undefined> {
  return (await readStoredSections(db, [recordId])).get(recordId);
}

const valueOf = (
  stored: StoredSections | undefined,
  { section, field }: Pick<Correction, 'section' | 'field'>,
): string => stored?.[section]?.[0]?.[field] ?? '';

type Settling = {
  readonly correction: Correction;
  readonly decision: 'accepted' | 'contested';
  readonly by: string;
  readonly reason: string | null;
};

/** The decision, the journal, and what the hub hears: that a value is contested, or no more. */
async function settle(db: Db, { correction, decision, by, reason }: Settling): Promise<void> {
  const { id, recordId, source, section, field } = correction;
  const contested = decision === 'contested';
  const known = (await lastAnswer(db, id)) ?? correction.standing === 'contested';
  await storeSettlement(db, { correction: id, recordId, decision, by, reason });
  await noteDecision(db, {
    by,
    action: contested ? 'contest-correction' : 'accept-correction',
    recordId,
    reason: reason ?? undefined,
    details: { correction: id, source, field: `${section}.${field}` },
  });
  if (contested || known) {
    await addAnswer(db, { recordId, correction: id, contested, reason: reason ?? '' });
  }
}

type Writing = {
  readonly correction: Correction;
  readonly stored: StoredSections;
  readonly by: string;
};

/** A row of the intake like any other, published at once: the person has decided. */
async function writeValue(
  node: Pick<NodeContext, 'agency' | 'now'>,
  db: Db,
  { correction, stored, by }: Writing,
): Promise<void> {
  const { recordId, source, section, field, sourceValue } = correction;
  const row = { ...stored[section]?.[0], [field]: sourceValue };
  const draft: RecordDraft = { kind: 'person', sections: { [section]: [row] } };
  const findings = await newFindings(node, db, { draft, correction, stored });
  const errors = findings.filter((one) => severityOf(one.code) === 'error');
  if (errors.length > 0) {
    const codes = [...new Set(errors.map((one) => one.code))].join(', ');
    const detail = `${correction.id}: ${codes}`;
    throw new NodeError('NODE_CORRECTION_FAULTY', { detail });
  }
  const importId = await beginImport(db, { source: correctionSource });
  const verdict = verdictOf(findings);
  await appendRows(db, importId, [
    {
      sheet: source,
      row_no: 1,
      kind: 'person',
      unit_code: null,
      pin: stored['identity']?.[0]?.['pin'] ?? null,
      verdict,
      findings,
      sections: draft.sections,
      carries: { [section]: [field] },
      source: { correction: correction.id, [`${section}.${field}`]: sourceValue },
      record_id: recordId,
    },
  ]);
  await withdrawOlderRows(db, importId);
  await finishImport(db, importId, { ok: 0, warning: 0, error: 0, [verdict]: 1 });
  const reason = `correction ${correction.id}`;
  const options = { importId, decidedBy: by, reason, correctsClosed: true };
  const { published } = await publishRows(db, options);
  // held back: the record is gone, or was written otherwise meanwhile
  if (published !== 1) throw overtaken(correction.id);
}

/** What the rules say of the record with the value, and did not say without it. */
async function newFindings(
  { agency, now }: Pick<NodeContext, 'agency' | 'now'>,
  db: Db,
  {
    draft,
    correction: { section, field },
    stored,
  }: {
    readonly draft: RecordDraft;
    readonly correction: Correction;
    readonly stored: StoredSections;
  },
): Promise<readonly Finding[]> {
  const codes = await loadCodeBook(db);
  const context = {
    today: hanoiDay(now().getTime()),
    codes,
    agency,
    units: undefined,
    stored,
    carries: { [section]: [field] },
  };
  const before: RecordDraft = {
    kind: 'person',
    sections: { [section]: stored[section] ?? [] },
  };
  const known = new Set(checkRecord(before, context).map((one) => nameOf(one)));
  return [
    ...checkValues(draft, codes).filter((one) => one.field === field),
    ...checkRecord(draft, context).filter((one) => !known.has(nameOf(one))),
  ];
}

const nameOf = ({ code, section, ordinal, field }: Finding): string =>
  JSON.stringify([code, section, ordinal, field]);
