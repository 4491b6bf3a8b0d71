/** Sealing, as in `node/src/sync/seal-batches.ts` and `node/src/db/seal.ts`: one transaction. */
import { point, type Task, transact } from '../engine.ts';
import {
  type BatchContent,
  type BatchRecord,
  contentHash,
  type Header,
  headerHash,
  headTag,
} from '../messages.ts';
import { rowsOf } from '../sections.ts';
import { clockOf, type World } from '../world.ts';
import { ensureHello } from './hello.ts';
import type { LogEntry, OutboxBatch, Place } from './state.ts';

/** Seals until nothing is left; the marker rides on the last batch. */
export function* sealAll(world: World, place: Place, marker = ''): Task<void> {
  for (;;) {
    yield* ensureHello(world, place);
    const sealed = yield* world.glue.seal(world, place, marker);
    yield point('node seal committed');
    if (!sealed) return;
  }
}

/** True while there is more. */
export function* sealOnce(world: World, place: Place, marker: string): Task<boolean> {
  yield point('node seal begin');
  const done = transact(place.machine, 'node seal', () => sealInTransaction(world, place, marker));
  if (done.batch !== undefined) world.observer.sealed(place, done.batch, done.content);
  world.observer.leftLog(place, done.taken);
  return done.more;
}

type SealDone = {
  readonly batch: OutboxBatch | undefined;
  readonly content: BatchContent;
  /** Records whose changes left the log. */
  readonly taken: ReadonlySet<string>;
  readonly more: boolean;
};

function sealInTransaction(world: World, place: Place, marker: string): SealDone {
  const changes = world.glue.takeChanges(world, place);
  const taken = new Set(changes.map(({ recordId }) => recordId));
  const more = changes.length > 0 && place.log.size > 0;
  const records = world.glue.readRecords(world, place, changes);
  const content = { records, marker: more ? '' : marker };
  if (records.length === 0 && content.marker === '') {
    return { batch: undefined, content, taken, more };
  }
  for (const { recordId, version, op } of records) {
    place.sent.set(recordId, { version, present: op === 'U', wholeNext: false });
  }
  return { batch: append(world, place, content), content, taken, more };
}

/** Empties the log of the next records, whole records only. */
export function takeChanges(world: World, place: Place): readonly LogEntry[] {
  const rows = [...place.log.values()];
  const ids = new Set(world.cores.recordsToTake(rows, world.batchRecordsMax));
  const taken = rows.filter(({ recordId }) => ids.has(recordId));
  for (const { n } of taken) place.log.delete(n);
  return taken;
}

export function readRecords(
  world: World,
  place: Place,
  taken: readonly LogEntry[],
): readonly BatchRecord[] {
  const byRecord = new Map<string, Set<number>>();
  for (const { recordId, section } of taken) {
    const tags = byRecord.get(recordId) ?? new Set();
    byRecord.set(recordId, tags.add(section));
  }
  return [...byRecord].flatMap(([recordId, logged]) => {
    const now = place.profile.get(recordId);
    const line = world.cores.manifestLine(
      {
        sections: [...logged].filter((tag) => tag !== 0).toSorted((a, b) => a - b),
        itself: logged.has(0),
        shown: now?.[headTag] !== undefined,
      },
      place.sent.get(recordId),
    );
    if (line === undefined) return [];
    const { version, op, whole, sections: tags } = line;
    const named = whole ? Object.keys(now ?? {}).map(Number) : tags;
    const rows = op === 'D' ? {} : rowsOf(now ?? {}, named);
    return [{ recordId, version, op, whole, tags, rows }];
  });
}

export function append(world: World, place: Place, content: BatchContent): OutboxBatch {
  const chain = place.chain.row('chain');
  const header: Header = {
    agency: place.agency,
    seq: chain.headSeq + 1n,
    prevHash: chain.headHash,
    contentHash: contentHash(content),
    sealedAtMs: clockOf(world, place.machine),
  };
  const batch: OutboxBatch = {
    seq: header.seq,
    header: { signer: place.agency, body: header },
    headerHash: headerHash(header),
    content,
    receipt: undefined,
  };
  place.outbox.set(batch.seq, batch);
  place.chain.set('chain', { headSeq: batch.seq, headHash: batch.headerHash });
  return batch;
}
