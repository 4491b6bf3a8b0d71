/** What the hub keeps: its tables, the files beside its database, its machine. */
import type { Random } from '@lienthong/shared-schema/population/random.ts';

import type { HubMarks } from '../../../hub/src/protocol/restored.ts';
import { Machine } from '../engine.ts';
import type { BatchContent, Checkpoint, Header, Receipt, Sections, Signed } from '../messages.ts';
import type { Table } from '../store.ts';

export type Unit = {
  readonly agency: string;
  readonly status: 'active' | 'frozen';
  readonly frozenReason: string;
  readonly epoch: bigint;
  readonly lineageToken: Uint8Array;
  readonly helloNonce: Uint8Array | null;
  readonly headSeq: bigint;
  readonly headHash: Uint8Array;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly feedHead: bigint;
  readonly feedAcked: bigint;
};

export type Archived = {
  readonly agency: string;
  readonly seq: bigint;
  readonly header: Signed<Header>;
  readonly headerHash: Uint8Array;
  readonly content: BatchContent;
  readonly receipt: Signed<Receipt>;
};

export type NationalRecord = {
  readonly recordId: string;
  readonly agency: string;
  readonly version: bigint;
  readonly sections: Sections;
};

export type FeedEntry =
  | {
      readonly kind: 'record';
      readonly recordId: string;
      readonly version: bigint;
      /** Undefined: the whole record. */
      readonly tags: readonly number[] | undefined;
    }
  | {
      readonly kind: 'verdict';
      readonly recordId: string;
      readonly version: bigint;
      readonly seq: bigint;
      readonly codes: readonly string[];
    }
  | { readonly kind: 'marker'; readonly marker: string }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Signed<Checkpoint> };

export type HeldRecord = { readonly version: bigint; readonly seq: bigint };

export type Hub = {
  readonly machine: Machine;
  readonly random: Random;
  readonly row: Table<'hub', { readonly incarnation: bigint }>;
  readonly units: Table<string, Unit>;
  /** By agency and nonce: the welcomes before the last one. */
  readonly spentHellos: Table<string, true>;
  /** By agency and number. */
  readonly inbox: Table<string, Archived>;
  readonly national: Table<string, NationalRecord>;
  readonly pins: Table<string, string>;
  /** By agency and record. */
  readonly held: Table<string, HeldRecord>;
  /** By agency and position. */
  readonly feed: Table<string, FeedEntry>;
  readonly checkpoints: Table<bigint, Signed<Checkpoint>>;
  /** The directory HUB_DATA_DIR: no restore of the database touches it. */
  readonly files: HubFiles;
  /** What dies with the process. */
  readonly session: { serving: boolean };
};

export type HubFiles = {
  incarnation: bigint;
  /** How far everything was when it was last written down. */
  witness: HubMarks | undefined;
};

export const keyOf = (agency: string, rest: string | bigint): string => `${agency}/${rest}`;

export function newHub(random: Random, agencies: readonly string[]): Hub {
  const machine = new Machine('hub');
  const { store } = machine;
  const hub: Hub = {
    machine,
    random,
    row: store.table(),
    units: store.table(),
    spentHellos: store.table(),
    inbox: store.table(),
    national: store.table(),
    pins: store.table(),
    held: store.table(),
    feed: store.table(),
    checkpoints: store.table(),
    files: { incarnation: 1n, witness: undefined },
    session: { serving: true },
  };
  store.transaction(() => {
    hub.row.set('hub', { incarnation: 1n });
    for (const agency of agencies) hub.units.set(agency, newUnit(agency));
  });
  return hub;
}

const newUnit = (agency: string): Unit => ({
  agency,
  status: 'active',
  frozenReason: '',
  epoch: 0n,
  lineageToken: new Uint8Array(0),
  helloNonce: null,
  headSeq: 0n,
  headHash: new Uint8Array(0),
  appliedSeq: 0n,
  safeSeq: 0n,
  feedHead: 0n,
  feedAcked: 0n,
});
