/**
 * A comparison of a unit's people with a reference source: pages of people who are due, those of whom
 * nothing is known any more are asked for, all are compared, and what was found is stored with the
 * place that the run has come to. Interrupted anywhere it goes on behind the last page, and asks for
 * nobody again whose answer is stored. One run a unit and source at a time.
 */
import { createHash } from 'node:crypto';

import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { effectiveReach, type ReachTable } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';

import { type NewComparison, storeComparisons } from '../db/comparisons.ts';
import { policyInForce, readPolicy } from '../db/policy.ts';
import {
  beginRun,
  type DuePage,
  type DueRecord,
  finishRun,
  moveRun,
  nextDue,
  type RunKey,
  storeAnswers,
  unitsToCompare,
} from '../db/reference-runs.ts';
import { HubError } from '../errors.ts';
import {
  type Compared,
  compareWithSource,
  type ReferenceAnswer,
} from '../protocol/compare-reference.ts';
import { type ComparedField, comparedFields, fieldPath } from '../protocol/reference-fields.ts';
import { peopleMax, type ReferenceSource } from '../reference/reference-source.ts';
import { askReference } from './ask-reference.ts';
import type { HubContext } from './context.ts';

type Hub = Pick<HubContext, 'database' | 'log' | 'now'>;

export type ReferenceResult = {
  readonly source: string;
  /** Units whose run came to its end. */
  readonly units: number;
  /** Units that another process is comparing now. */
  readonly elsewhere: readonly string[];
  /** Units of which the policy gives the hub ciphertext only. */
  readonly sealed: boolean;
  readonly asked: number;
  readonly compared: number;
  readonly states: Readonly<Record<NewComparison['state'], number>>;
  readonly corrections: number;
  /** By field: people of whom the source has a value that the catalogue does not allow. */
  readonly unusable: Readonly<Record<string, number>>;
};

type Tally = {
  asked: number;
  compared: number;
  corrections: number;
  states: Record<NewComparison['state'], number>;
  unusable: Record<string, number>;
};

export type ReferenceOptions = {
  /** By default all units. */
  readonly agency?: string | undefined;
  /** Ask again also for those whose answer may still be used. */
  readonly fresh?: boolean | undefined;
  /** People of one page, and so of one call. */
  readonly pageMax?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Throws HUB_UNIT_INACTIVE where there is no such unit, and what asking throws: then what was compared
 * stays, and the next run goes on.
 */
export async function runReference(
  hub: Hub,
  source: ReferenceSource,
  options: ReferenceOptions = {},
): Promise<ReferenceResult> {
  const { agency, fresh = false, pageMax = peopleMax, signal } = options;
  const agencies = await unitsToCompare(hub.database.db, agency);
  if (agency !== undefined && agencies.length === 0) throw new HubError('HUB_UNIT_INACTIVE');
  const tally: Tally = {
    asked: 0,
    compared: 0,
    corrections: 0,
    states: { MATCHED: 0, DIFFERS: 0, NOT_FOUND: 0, WITHHELD: 0 },
    unusable: {},
  };
  const { reaches } = await readPolicy(hub.database.db);
  const fields = plainFields(comparedFields(source.name), reaches);
  const elsewhere: string[] = [];
  let units = 0;
  if (fields.length > 0) {
    for (const one of agencies) {
      const key = { source: source.name, agency: one };
      const work = { source, key, fields, fresh, pageMax, signal, tally };
      if (await runUnit(hub, work)) units += 1;
      else elsewhere.push(one);
    }
  }
  return { source: source.name, units, elsewhere, sealed: fields.length === 0, ...tally };
}

type Work = {
  readonly source: ReferenceSource;
  readonly key: RunKey;
  readonly fields: readonly ComparedField[];
  readonly fresh: boolean;
  readonly pageMax: number;
  readonly signal: AbortSignal | undefined;
  readonly tally: Tally;
};

/** False where another process has the unit. */
async function runUnit(hub: Hub, work: Work): Promise<boolean> {
  const { key, fresh, pageMax, signal } = work;
  // the lock goes with its connection, so a process that dies leaves none behind
  return await transaction(hub.database, async (tx) => {
    if (!(await lockName(tx.db, `reference ${key.source} ${key.agency}`, 'try'))) return false;
    const { db } = hub.database;
    const codes = await loadCodeBook(db);
    let { doneTo } = await beginRun(db, key, fresh);
    for (;;) {
      signal?.throwIfAborted();
      const page = await nextDue(db, key, { doneTo, now: hub.now(), limit: pageMax });
      if (page === undefined) break;
      if (page.due.length > 0) await comparePage(hub, work, { ...page, codes });
      doneTo = page.doneTo;
    }
    await finishRun(db, key);
    return true;
  });
}

type Page = DuePage & {
  readonly codes: CodeBook;
};

const dayMs = 86_400_000;

async function comparePage(hub: Hub, work: Work, { due, doneTo, codes }: Page): Promise<void> {
  const { source, key, tally, signal } = work;
  const pins = [...new Set(due.flatMap(({ answer, pin }) => (answer === null ? pin : [])))];
  const validUntil = new Date(hub.now().getTime() + source.validDays * dayMs);
  const told =
    pins.length === 0
      ? new Map<string, ReferenceAnswer>()
      : await askReference(hub, source, pins, signal);
  const { compared, unusable } = await transaction(hub.database, async ({ db }) => {
    await storeAnswers(db, source.name, told, validUntil);
    // a run takes hours: what a policy has sealed meanwhile looks empty, and is compared no more
    const fields = plainFields(work.fields, await policyInForce(db));
    const found = due.flatMap((record) => {
      const fresh = told.get(record.pin);
      const answer = record.answer ?? (fresh === undefined ? null : { ...fresh, validUntil });
      return answer === null ? [] : compareOne({ source, fields, codes }, record, answer);
    });
    const stored = await storeComparisons(db, key, found);
    await moveRun(db, key, { doneTo, compared: stored.length });
    return { compared: stored, unusable: found.flatMap((one) => one.unusable) };
  });
  for (const path of unusable) tally.unusable[path] = (tally.unusable[path] ?? 0) + 1;
  tally.asked += pins.length;
  tally.compared += compared.length;
  tally.corrections += compared.reduce((sum, one) => sum + one.corrections.length, 0);
  for (const { state } of compared) tally.states[state] += 1;
}

const plainFields = (fields: readonly ComparedField[], reaches: ReachTable) =>
  fields.filter(({ section }) => effectiveReach(section, reaches) === 'national');

type Found = NewComparison & Pick<Compared, 'unusable'>;

/** None where nothing of the record can be read. */
function compareOne(
  { source, fields, codes }: Pick<Work, 'source' | 'fields'> & { readonly codes: CodeBook },
  record: DueRecord,
  answer: ReferenceAnswer & { readonly validUntil: Date },
): readonly Found[] {
  // rows that were sealed under an older policy are not there in plain text yet
  const readable = fields.filter(({ section }) => !record.sealed.includes(section.tag));
  if (readable.length === 0) return [];
  const { state, differences, unusable } = compareWithSource(
    readable,
    record.values,
    answer,
    codes,
  );
  const { recordId, version, digest } = record;
  return [
    {
      unusable,
      recordId,
      version,
      digest,
      state,
      asOf: answer.asOf,
      validUntil: answer.validUntil,
      corrections: differences.map((one) => ({
        id: correctionId([recordId, source.name, fieldPath(one), one.sourceValue]),
        section: one.section.tag,
        field: one.field.tag,
        unitValue: one.unitValue,
        sourceValue: one.sourceValue,
      })),
    },
  ];
}

/** The same again for the same difference: an answer to it counts also after a restore of the hub. */
const correctionId = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
