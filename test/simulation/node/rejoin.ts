/**
 * `node rejoin`: the node takes over the hub's chain from the newest common batch on and puts its own
 * changes behind it. Interrupted anywhere, it goes on when it is run again.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

import { locked, point, type Task, transact } from '../engine.ts';
import { type ArchivedBatch, type BatchRecord, headerHash, type Sections } from '../messages.ts';
import { replaced } from '../sections.ts';
import type { World } from '../world.ts';
import { ask } from './ask.ts';
import { ensureHello, exchangeHello } from './hello.ts';
import { logChange, type Place } from './state.ts';
import { Stop } from './stop.ts';

export function* rejoin(world: World, place: Place): Task<void> {
  yield* locked(place.machine, 'hello', () => takeOver(world, place));
  place.session.ready = false;
  yield* ensureHello(world, place);
  place.session.stopped = undefined;
  world.shape('rejoined');
}

function* takeOver(world: World, place: Place): Task<void> {
  const body = yield* exchangeHello(world, place);
  const own = place.chain.row('chain');
  const ours = place.outbox.get(body.headSeq)?.headerHash;
  const fits = body.headSeq === 0n || (ours !== undefined && equalBytes(ours, body.headHash));
  const step = world.cores.stepOfRejoin(
    { headSeq: own.headSeq, hubIncarnation: place.link.row('link').hubIncarnation },
    body,
    fits,
  );
  if (step.kind === 'nothing') {
    world.shape('rejoin without need');
    return;
  }
  if (step.kind === 'stop') throw new Stop('NODE_HUB_BEHIND', `rejoin: ${step.why}`);
  if (!step.permitted) {
    world.shape('rejoin without a release');
    throw new Stop('NODE_BEHIND', 'not released');
  }
  const common = yield* findCommon(world, place, body.headSeq);
  const plan = world.cores.planRejoin(own.headSeq, body.headSeq, common);
  if (plan.abandon > 0n) {
    transact(place.machine, 'node abandon', () => abandonAbove(place, common));
    world.observer.abandoned(place);
    world.shape('rejoin abandons');
    yield point('node abandoned');
  }
  for (let seq = common + 1n; seq <= body.headSeq; seq += 1n) {
    const { answer } = yield* ask(world, place, { kind: 'archive', agency: place.agency, seq });
    yield point('node batch fetched');
    const before = transact(place.machine, 'node adopt', () => adopt(world, place, answer));
    world.observer.adopted(place, answer, before);
    world.shape('rejoin fetches');
  }
}

function* findCommon(world: World, place: Place, hubHead: bigint): Task<bigint> {
  const { cores } = world;
  let search = cores.beginSearch(place.chain.row('chain').headSeq, hubHead);
  for (let seq = cores.nextProbe(search); seq !== undefined; seq = cores.nextProbe(search)) {
    const { answer } = yield* ask(world, place, { kind: 'archive', agency: place.agency, seq });
    const own = place.outbox.get(seq)?.headerHash;
    const same = own !== undefined && equalBytes(own, headerHash(answer.header.body));
    search = cores.afterProbe(search, seq, same);
  }
  return search.common;
}

/** Own batches that the hub does not have: what they said goes into the log again. */
function abandonAbove(place: Place, common: bigint): void {
  const above = [...place.outbox.entries()].filter(([seq]) => seq > common);
  // the newest first: what stays is the version before the first of them
  for (const [seq, batch] of above.toSorted(([a], [b]) => Number(b - a))) {
    place.abandoned.set(`${seq} ${batch.header.body.contentHash}`, batch);
    place.outbox.delete(seq);
    for (const record of batch.content?.records ?? []) logAgain(place, record);
  }
  const head = place.outbox.get(common)?.headerHash ?? new Uint8Array(0);
  place.chain.set('chain', { headSeq: common, headHash: head });
}

function logAgain(place: Place, record: BatchRecord): void {
  const { recordId, op, whole, tags } = record;
  const version = record.version - 1n;
  // present until the hub's chain says otherwise: a tombstone that it never had is said again
  if (version === 0n) place.sent.delete(recordId);
  else place.sent.set(recordId, { version, present: true, wholeNext: true });
  if (whole || op === 'D') logChange(place, recordId, 0);
  for (const tag of tags) logChange(place, recordId, tag);
}

export type BeforeAdoption = {
  readonly profile: ReadonlyMap<string, Sections | undefined>;
  /** Sections of each record that stood in the log; 0 for the record itself. */
  readonly logged: ReadonlyMap<string, ReadonlySet<number>>;
};

/** Takes one batch of the hub's over; what was changed here since stays, and goes behind it. */
function adopt(world: World, place: Place, archived: ArchivedBatch): BeforeAdoption {
  const { header, content, receipt } = archived;
  const { seq, prevHash } = header.body;
  const chain = place.chain.row('chain');
  if (seq !== chain.headSeq + 1n || !equalBytes(prevHash, chain.headHash)) {
    throw new Stop('NODE_HUB_UNTRUSTED', 'archive');
  }
  const logged = new Map<string, Set<number>>();
  for (const { recordId, section } of place.log.values()) {
    logged.set(recordId, (logged.get(recordId) ?? new Set()).add(section));
  }
  const profile = new Map(
    content.records.map(({ recordId }) => [recordId, place.profile.get(recordId)]),
  );
  for (const record of content.records) adoptRecord(world, place, record);
  const hash = headerHash(header.body);
  place.outbox.set(seq, { seq, header, headerHash: hash, content, receipt });
  place.chain.set('chain', { headSeq: seq, headHash: hash });
  return { profile, logged };
}

function adoptRecord(world: World, place: Place, record: BatchRecord): void {
  const { recordId, version, op, whole, tags, rows } = record;
  const own = place.profile.get(recordId);
  if (world.glue.settlesEqual) settleEqual(world, place, record);
  if (op === 'D' && own === undefined) unlog(place, recordId, () => true);
  const outcome = outcomeOf(record, own, loggedOf(place, recordId));
  // that it exists is what the hub has as well
  if (outcome === 'update') unlog(place, recordId, (section) => section === 0);
  const logged = loggedOf(place, recordId);
  if (outcome !== 'local') {
    if (op === 'D') place.profile.delete(recordId);
    else {
      const merged: Record<number, string> = { ...replaced(own ?? {}, { whole, tags, rows }) };
      for (const tag of logged) {
        const kept = own?.[tag];
        if (kept === undefined) Reflect.deleteProperty(merged, tag);
        else merged[tag] = kept;
      }
      place.profile.set(recordId, merged);
    }
  }
  if (logged.size > 0) world.shape('rejoin keeps an own change');
  const sent = place.sent.get(recordId);
  place.sent.set(recordId, {
    version: sent !== undefined && sent.version > version ? sent.version : version,
    present: op === 'U',
    wholeNext: sent?.wholeNext === true || outcome === 'local' || logged.size > 0,
  });
}

/** Sections of which the log has exactly what came: they were sealed once, and forgotten. */
function settleEqual(world: World, place: Place, record: BatchRecord): void {
  const { recordId, op, whole, tags, rows } = record;
  if (op === 'D') return;
  const own = place.profile.get(recordId);
  const isSame = (tag: number): boolean =>
    tag > 0 && (whole || tags.includes(tag)) && own?.[tag] === rows[tag];
  if (unlog(place, recordId, isSame)) world.shape('rejoin finds what was sealed once');
}

type Outcome = 'insert' | 'update' | 'delete' | 'local';

function outcomeOf(
  { op }: BatchRecord,
  own: Sections | undefined,
  logged: ReadonlySet<number>,
): Outcome {
  if (op === 'D') return logged.size === 0 ? 'delete' : 'local';
  if (own === undefined) return logged.has(0) ? 'local' : 'insert';
  return 'update';
}

const loggedOf = ({ log }: Place, recordId: string): ReadonlySet<number> =>
  new Set([...log.values()].filter((one) => one.recordId === recordId).map((one) => one.section));

/** Whether there was anything to take out. */
function unlog(place: Place, recordId: string, goes: (section: number) => boolean): boolean {
  const gone = [...place.log.values()].filter(
    (one) => one.recordId === recordId && goes(one.section),
  );
  for (const { n } of gone) place.log.delete(n);
  return gone.length > 0;
}
