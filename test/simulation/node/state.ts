/** What a node keeps: its tables, its machine, and what its process forgets when it dies. */
import type { Random } from '@lienthong/shared-schema/population/random.ts';

import { Machine } from '../engine.ts';
import type {
  BatchContent,
  Checkpoint,
  Header,
  Receipt,
  Sections,
  Signed,
  Verdict,
} from '../messages.ts';
import type { Table } from '../store.ts';

export type Link = {
  readonly hubIncarnation: bigint;
  readonly epoch: bigint;
  readonly lineageToken: Uint8Array;
  readonly helloNonce: Uint8Array | null;
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
};

export type OutboxBatch = {
  readonly seq: bigint;
  readonly header: Signed<Header>;
  readonly headerHash: Uint8Array;
  /** Undefined once it was dropped, being safe at the hub. */
  readonly content: BatchContent | undefined;
  readonly receipt: Signed<Receipt> | undefined;
};

export type SentState = {
  readonly version: bigint;
  readonly present: boolean;
  readonly wholeNext: boolean;
};

export type LogEntry = { readonly n: number; readonly recordId: string; readonly section: number };

export type MirrorRecord = {
  readonly version: bigint;
  readonly sections: Sections;
  /** Under which reading of the feed it came: another one after each restore of the hub. */
  readonly generation: number;
};

export type FeedPosition = {
  readonly cursor: bigint;
  readonly generation: number;
  /** The feed is read anew; what it does not bring goes at its end. */
  readonly rebuilding: boolean;
};

export type Place = {
  readonly agency: string;
  readonly machine: Machine;
  readonly random: Random;
  readonly link: Table<'link', Link>;
  readonly chain: Table<'chain', { readonly headSeq: bigint; readonly headHash: Uint8Array }>;
  readonly profile: Table<string, Sections>;
  readonly log: Table<number, LogEntry>;
  readonly counter: Table<'log', number>;
  readonly sent: Table<string, SentState>;
  readonly outbox: Table<bigint, OutboxBatch>;
  readonly abandoned: Table<string, OutboxBatch>;
  readonly feed: Table<'feed', FeedPosition>;
  readonly mirror: Table<string, MirrorRecord>;
  readonly verdicts: Table<string, Verdict>;
  readonly markers: Table<string, true>;
  /** By incarnation and number. */
  readonly checkpoints: Table<string, Checkpoint>;
  /** By incarnation, number and hash: what did not fit those, of an incarnation that is over. */
  readonly conflicts: Table<string, Checkpoint>;
  /** What dies with the process. */
  readonly session: Session;
};

export type Session = {
  ready: boolean;
  /** Jobs that run, by queue. */
  running: Set<string>;
  /** The error that stopped the node, for its operator; undefined while it works. */
  stopped: string | undefined;
};

export function newPlace(agency: string, name: string, random: Random): Place {
  const machine = new Machine(name);
  const { store } = machine;
  const place: Place = {
    agency,
    machine,
    random,
    link: store.table(),
    chain: store.table(),
    profile: store.table(),
    log: store.table(),
    counter: store.table(),
    sent: store.table(),
    outbox: store.table(),
    abandoned: store.table(),
    feed: store.table(),
    mirror: store.table(),
    verdicts: store.table(),
    markers: store.table(),
    checkpoints: store.table(),
    conflicts: store.table(),
    session: { ready: false, running: new Set(), stopped: undefined },
  };
  store.transaction(() => {
    const none = new Uint8Array(0);
    place.link.set('link', {
      hubIncarnation: 0n,
      epoch: 0n,
      lineageToken: none,
      helloNonce: null,
      receivedSeq: 0n,
      appliedSeq: 0n,
      safeSeq: 0n,
    });
    place.chain.set('chain', { headSeq: 0n, headHash: none });
    place.counter.set('log', 0);
    place.feed.set('feed', { cursor: 0n, generation: 0, rebuilding: false });
  });
  return place;
}

/** The process is gone; its tables stay. */
export function forgetSession({ session }: Place): void {
  session.ready = false;
  session.running = new Set();
  session.stopped = undefined;
}

export function receiptedSeq({ outbox }: Place): bigint {
  let newest = 0n;
  for (const batch of outbox.values()) {
    if (batch.receipt !== undefined && batch.seq > newest) newest = batch.seq;
  }
  return newest;
}

export function droppedSeq({ outbox }: Place): bigint {
  let newest = 0n;
  for (const batch of outbox.values()) {
    if (batch.content === undefined && batch.seq > newest) newest = batch.seq;
  }
  return newest;
}

/** Notes a change as the trigger does, in the writer's own transaction. */
export function logChange(place: Place, recordId: string, section: number): void {
  const n = place.counter.row('log') + 1;
  place.counter.set('log', n);
  place.log.set(n, { n, recordId, section });
}
