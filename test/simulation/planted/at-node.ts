/** Planted bugs of the node: how it seals, sends, takes what comes back, and what it keeps. */
import { productCores as real } from '../cores.ts';
import { locked, point, type Task, transact } from '../engine.ts';
import { headerHash } from '../messages.ts';
import { writePage } from '../node/pull.ts';
import { storedFrame } from '../node/push.ts';
import { append } from '../node/seal.ts';
import type { LogEntry, Place } from '../node/state.ts';
import { tokenOf } from '../tokens.ts';
import type { World } from '../world.ts';
import type { PlantedBug } from './bug.ts';

export const nodeBugs = {
  'dropped at the receipt': {
    removes: 'RETAIN: the content of a batch is dropped as soon as it is receipted',
    breaks: ['I6', 'liveness'],
    options: {
      glue: { afterReceipt: (place, seq) => place.outbox.update(seq, { content: undefined }) },
    },
    firstSeed: 13,
  },
  'receipt not bound': {
    removes: 'ACKBIND: any receipt of the hub counts for the batch that was sent',
    breaks: ['I4', 'I6', 'I12'],
    options: { glue: { receiptFits: () => true } },
    firstSeed: 3,
  },
  'epoch in the chain': {
    removes: 'the header has the epoch, so that a batch that goes again is another one',
    breaks: ['I2', 'I3', 'I4', 'I12', 'liveness'],
    options: {
      glue: {
        frameOf: (place, batch, link) => {
          const frame = storedFrame(place, batch, link);
          const body = { ...frame.header.body, sealedAtMs: Number(link.epoch) };
          return { ...frame, header: { ...frame.header, body } };
        },
      },
    },
    firstSeed: 1,
  },
  'sealed anew': {
    removes: 'a batch without a receipt is made again with what is there now',
    breaks: ['I2', 'I3', 'I4', 'I12', 'liveness'],
    options: {
      glue: {
        frameOf: (place, batch, link) => {
          const frame = storedFrame(place, batch, link);
          const body = { ...frame.header.body, sealedAtMs: place.log.size };
          const made = { signer: place.agency, body };
          transact(place.machine, 'node remake', () =>
            place.outbox.update(batch.seq, { header: made, headerHash: headerHash(body) }),
          );
          return { ...frame, header: made };
        },
      },
    },
    firstSeed: 1,
  },
  'limit splits a record': {
    removes: 'the sealer takes so many rows of the log, not so many records',
    breaks: ['I2'],
    options: {
      glue: {
        takeChanges: (world, place) => {
          const taken = [...place.log.values()].slice(0, world.batchRecordsMax);
          for (const { n } of taken) place.log.delete(n);
          return taken;
        },
      },
    },
    firstSeed: 1,
  },
  'two sealers': {
    removes: 'the lock of the sealer: it reads the log in one step and writes the batch in another',
    breaks: ['I1', 'I2', 'I3', 'I14', 'liveness'],
    options: {
      glue: { seal: (world, place, marker) => sealInSteps(world, place, marker, false) },
    },
    firstSeed: 1,
  },
  'log emptied by record': {
    removes: 'the snapshot of the seal: rows that came after the reading leave the log as well',
    breaks: ['I1', 'I2', 'I14'],
    options: {
      glue: {
        seal: (world, place, marker) =>
          locked(place.machine, 'sealer', () => sealInSteps(world, place, marker, true)),
      },
    },
    firstSeed: 2,
  },
  'tombstone forgotten': {
    removes: 'a record that is gone is not said to be',
    breaks: ['I2', 'I14'],
    options: {
      cores: {
        manifestLine: (record, sent) =>
          record.shown ? real.manifestLine(record, sent) : undefined,
      },
    },
    firstSeed: 2,
  },
  'version not raised': {
    removes: 'a record keeps its version from batch to batch',
    breaks: ['I2'],
    options: {
      cores: {
        manifestLine: (record, sent) => {
          const line = real.manifestLine(record, sent);
          return line && { ...line, version: 1n };
        },
      },
    },
    firstSeed: 1,
  },
  'refused goes in parts': {
    removes: 'a record that was refused does not travel whole the next time',
    breaks: ['I2', 'I14', 'liveness'],
    options: { glue: { sendsRefusedWhole: false } },
    firstSeed: 5,
  },
  'nonce not stored': {
    removes: 'the nonce of a hello is drawn anew at each try, so that a repeat looks like a clone',
    breaks: ['liveness'],
    options: { glue: { newNonce: (place) => tokenOf(place.random) } },
    firstSeed: 6,
  },
  'spent nonce kept': {
    removes: 'a node repeats a nonce that the hub has refused, and is refused for ever',
    breaks: ['liveness'],
    options: { glue: { forgetNonce: () => undefined } },
    firstSeed: 6,
  },
  'any hub is believed': {
    removes: 'the signature under the answer to a hello is not looked at',
    breaks: ['I4', 'I7', 'liveness'],
    options: { glue: { trusts: () => true } },
    firstSeed: 102,
  },
  'cursor before the page': {
    removes: 'the cursor moves in a transaction of its own, before the page is applied',
    breaks: ['I14', 'liveness'],
    options: {
      glue: {
        *takePage(world, place, page) {
          const { fromCursor, toCursor } = page.header.body;
          const { cursor, generation } = place.feed.row('feed');
          if (cursor !== fromCursor) return;
          transact(place.machine, 'node cursor', () =>
            place.feed.update('feed', { cursor: toCursor, rebuilding: false }),
          );
          yield point('node page committed');
          transact(place.machine, 'node page', () =>
            writePage(world, place, page.content, generation),
          );
        },
      },
    },
    firstSeed: 110,
  },
  'page taken twice': {
    removes: 'the cursor is not asked again under its lock, and an older page comes after a newer',
    breaks: ['I5', 'I14'],
    options: {
      glue: {
        *takePage(world, place, page) {
          const { body } = page.header;
          yield point('node page arrived');
          transact(place.machine, 'node page', () => {
            writePage(world, place, page.content, place.feed.row('feed').generation);
            place.feed.update('feed', { cursor: body.toCursor, rebuilding: false });
          });
          world.observer.pageTaken(place, body);
        },
      },
    },
    firstSeed: 1,
  },
  'place taken unnoticed': {
    removes: 'a node with nothing to send is not told that another machine took its place',
    breaks: ['liveness'],
    options: {
      cores: { decidePage: (asked, page) => real.decidePage(asked, { ...page, receivedSeq: 0n }) },
    },
    firstSeed: 110_041,
  },
  'past refused': {
    removes: 'a checkpoint that a hub made twice before its raise is refused for ever',
    breaks: ['liveness'],
    options: {
      cores: {
        decideCheckpoint: (arrived, witnessed) =>
          real.decideCheckpoint({ ...arrived, isOfThePast: false }, witnessed),
      },
    },
    firstSeed: 1810,
  },
  'cursor kept over a restore': {
    removes: 'after a restore of the hub the feed is read on from the old position',
    breaks: ['I14', 'liveness'],
    options: { glue: { readFeedAnew: () => undefined } },
    firstSeed: 13,
  },
  'receipts kept over a restore': {
    removes: 'what a restored hub lost is not sent again',
    breaks: ['I6', 'liveness'],
    options: { glue: { voidReceipts: () => undefined } },
    firstSeed: 13,
  },
} as const satisfies Readonly<Record<string, PlantedBug>>;

/** Reads in one step and writes in another, as without a lock and a snapshot. */
function* sealInSteps(
  world: World,
  place: Place,
  marker: string,
  emptiesByRecord: boolean,
): Task<boolean> {
  yield point('node seal begin');
  const ids = new Set(world.cores.recordsToTake(place.log.values(), world.batchRecordsMax));
  const ofThem = (): readonly LogEntry[] =>
    [...place.log.values()].filter(({ recordId }) => ids.has(recordId));
  const taken = ofThem();
  const records = world.glue.readRecords(world, place, taken);
  yield point('node seal read');
  const content = { records, marker };
  if (records.length === 0 && marker === '') return false;
  const batch = transact(place.machine, 'node seal', () => {
    for (const { n } of emptiesByRecord ? ofThem() : taken) place.log.delete(n);
    for (const { recordId, version, op } of records) {
      place.sent.set(recordId, { version, present: op === 'U', wholeNext: false });
    }
    return append(world, place, content);
  });
  world.observer.sealed(place, batch, content);
  return place.log.size > 0;
}
