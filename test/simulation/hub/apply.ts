/**
 * Applying, as in `hub/src/sync/apply-batches.ts`: in order, one transaction a batch, looked for
 * again under the lock. What `hub/src/db` judges and writes in sets is done record by record here;
 * the outcome of a record is the product's `judgeRecord`.
 */
import { point, type Task, transact } from '../engine.ts';
import { type BatchRecord, headTag, pinOf } from '../messages.ts';
import { replaced } from '../sections.ts';
import type { World } from '../world.ts';
import { type Archived, type FeedEntry, type Hub, keyOf } from './state.ts';

export function* applyBatches(world: World, agency: string): Task<void> {
  for (;;) {
    const waiting = nextWaiting(world.hub, agency);
    if (waiting === undefined) return;
    yield point('hub apply read');
    const outcome = transact(world.hub.machine, 'hub apply', () => applyOne(world, waiting));
    if (outcome !== undefined) world.observer.applied(waiting);
    yield point('hub apply committed');
  }
}

function nextWaiting(hub: Hub, agency: string): Archived | undefined {
  const unit = hub.units.row(agency);
  return hub.inbox.get(keyOf(agency, unit.appliedSeq + 1n));
}

export type Outcomes = ReadonlyMap<string, readonly string[]>;

/** The faults of each record that was not ignored; undefined where another applier was there before. */
function applyOne(world: World, batch: Archived): Outcomes | undefined {
  const { hub } = world;
  const { agency, seq } = batch;
  if (world.glue.appliedMeanwhile(hub, batch)) {
    world.shape('two appliers at one batch');
    return undefined;
  }
  const outcomes = judge(world, batch);
  const entries: FeedEntry[] = [];
  for (const record of batch.content.records) {
    const codes = outcomes.get(record.recordId);
    if (codes === undefined) continue;
    const { recordId, version, whole, tags } = record;
    const key = keyOf(agency, recordId);
    if (codes.length > 0) {
      world.shape(`record refused ${codes.join(' ')}`);
      if (!codes.includes('not_owner')) hub.held.set(key, { version, seq });
      entries.push({ kind: 'verdict', recordId, version, seq, codes });
      continue;
    }
    hub.held.delete(key);
    write(hub, agency, record);
    entries.push({ kind: 'record', recordId, version, tags: whole ? undefined : tags });
  }
  if (batch.content.marker !== '') entries.push({ kind: 'marker', marker: batch.content.marker });
  world.glue.appendToFeed(world, agency, entries);
  hub.units.update(agency, { appliedSeq: seq });
  return outcomes;
}

function judge(world: World, { agency, content }: Archived): Outcomes {
  const { hub } = world;
  const outcomes = new Map<string, string[]>();
  const taken: BatchRecord[] = [];
  for (const record of content.records) {
    const known = hub.national.get(record.recordId);
    const judgement = world.cores.judgeRecord(
      known === undefined
        ? undefined
        : { owner: known.agency === agency ? 'own' : 'other', kind: 2, version: known.version },
      world.glue.heldIsRemembered
        ? hub.held.get(keyOf(agency, record.recordId))?.version
        : undefined,
      { ...record, kind: 2 },
    );
    if (judgement.kind === 'ignore') {
      world.shape('record ignored');
      continue;
    }
    const bad = Object.values(record.rows).some((row) => row.includes('!'));
    const headless =
      record.op === 'U' &&
      (record.whole || record.tags.includes(headTag)) &&
      record.rows[headTag] === undefined;
    outcomes.set(record.recordId, [
      ...judgement.faults,
      ...(bad ? ['code_unknown'] : []),
      ...(headless ? ['head_missing'] : []),
    ]);
    taken.push(record);
  }
  judgePins(world, taken, outcomes);
  return outcomes;
}

/** One record a PIN: who has it keeps it, and a refusal can lead to another. */
function judgePins(
  { hub, glue }: World,
  records: readonly BatchRecord[],
  outcomes: ReadonlyMap<string, string[]>,
): void {
  const claims = new Map<string, string>();
  for (const record of records) {
    const claims10 = record.op === 'D' || record.whole || record.tags.includes(headTag);
    if (claims10) claims.set(record.recordId, pinOf(record.rows[headTag]));
  }
  const isFine = (recordId: string): boolean => outcomes.get(recordId)?.length === 0;
  for (let added = true; added;) {
    added = false;
    for (const [recordId, pin] of claims) {
      if (pin === '' || !isFine(recordId) || !glue.pinsAreJudged) continue;
      const holder = hub.pins.get(pin);
      const frees = holder !== undefined && isFine(holder) && (claims.get(holder) ?? pin) !== pin;
      const heldElsewhere = holder !== undefined && holder !== recordId && !frees;
      const contested = [...claims].some(
        ([other, wanted]) =>
          wanted === pin && other < recordId && holder !== recordId && isFine(other),
      );
      if (heldElsewhere || contested) {
        outcomes.get(recordId)?.push(glue.pinFault(hub.national.get(holder ?? '')));
        added = true;
      }
    }
  }
}

function write(hub: Hub, agency: string, record: BatchRecord): void {
  const { recordId, version } = record;
  const before = hub.national.get(recordId);
  const oldPin = pinOf(before?.sections[headTag]);
  if (hub.pins.get(oldPin) === recordId) hub.pins.delete(oldPin);
  if (record.op === 'D') {
    hub.national.delete(recordId);
    return;
  }
  const sections = replaced(before?.sections ?? {}, record);
  hub.national.set(recordId, { recordId, agency, version, sections });
  const pin = pinOf(sections[headTag]);
  if (pin !== '') hub.pins.set(pin, recordId);
}
