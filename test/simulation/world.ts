/**
 * The world of one run: one hub, the machines of its units, the network between them, and who looks
 * on. `cores` are the product's own decisions; `glue` is what the product does in SQL and around its
 * transactions, done here over tables in memory. Planted bugs replace members of the two.
 */
import type { Random } from '@lienthong/shared-schema/population/random.ts';

import type { Cores } from './cores.ts';
import type { Engine, Machine } from './engine.ts';
import type { Glue } from './glue.ts';
import type { Hub } from './hub/state.ts';
import type { Reply, Request } from './messages.ts';
import type { Place } from './node/state.ts';
import type { Observer } from './observer.ts';

export type World = {
  readonly seed: number;
  readonly engine: Engine;
  readonly cores: Cores;
  readonly glue: Glue;
  readonly hub: Hub;
  /** Every machine of every unit, clones and retired ones among them. */
  readonly places: Place[];
  readonly network: Network;
  readonly observer: Observer;
  readonly random: Random;
  /** Batches that may wait to be applied; small, so that the bound is reached. */
  readonly waitingMax: number;
  readonly batchRecordsMax: number;
  readonly pageEntriesMax: bigint;
  /** What goes into every value of a unit: two runs may differ in it. */
  readonly saltOf: (agency: string) => string;
  /** Counts that a shape was produced. */
  readonly shape: (name: string) => void;
  /** Notes a decision; its list is compared between runs. */
  readonly decided: (what: string) => void;
  /** Notes what a reader of the trace wants to see. */
  readonly tell: (machine: string, what: string) => void;
};

export type Network = {
  /** Undefined where no answer came in time. */
  readonly call: (place: Place, request: Request, resume: (reply: unknown) => void) => void;
  readonly linkOf: (machine: string) => LinkState;
};

export type LinkState = {
  /** Closed until then, in virtual ms. */
  openFrom: number;
  dropShare: number;
  duplicateShare: number;
  delayMaxMs: number;
  /** An answer of before that is given to the next call of its kind. */
  staleShare: number;
  /** The newest answer of each kind that was sent over it. */
  last: Map<string, Reply>;
  /** Another hub answers the next hello. */
  impostor: boolean;
};

/** What the machine's own clock says. Nothing may be decided by two of them. */
export const clockOf = (world: World, machine: Machine): number =>
  1_800_000_000_000 + world.engine.now + machine.clockOffsetMs;
