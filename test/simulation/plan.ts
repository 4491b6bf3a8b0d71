/**
 * What a seed stands for: how large the world is, and every write, fault and act of an operator with
 * its time. A plan is a value, so that a failing one can be made smaller.
 */
import {
  chance,
  integerIn,
  oneOf,
  type Random,
  randomStream,
} from '@lienthong/shared-schema/population/random.ts';

import type { Job } from './node/worker.ts';

/** `unit` counts from 0, `slot` picks one of its machines; `unit` -1 is the hub. */
export type Act =
  | { readonly kind: 'write'; readonly unit: number; readonly slot: number; readonly draw: number }
  | { readonly kind: 'crash'; readonly unit: number; readonly slot: number }
  | {
      readonly kind: 'arm';
      readonly unit: number;
      readonly slot: number;
      readonly point: string;
    }
  | { readonly kind: 'pause'; readonly unit: number; readonly slot: number; readonly ms: number }
  | { readonly kind: 'clock'; readonly unit: number; readonly slot: number; readonly ms: number }
  | { readonly kind: 'cut'; readonly unit: number; readonly slot: number; readonly ms: number }
  | { readonly kind: 'partition'; readonly ms: number; readonly swizzle: boolean }
  | {
      readonly kind: 'line';
      readonly unit: number;
      readonly slot: number;
      readonly drop: number;
      readonly double: number;
      readonly delayMs: number;
      readonly stale: number;
    }
  | { readonly kind: 'impostor'; readonly unit: number; readonly slot: number }
  | { readonly kind: 'backup'; readonly unit: number; readonly slot: number }
  | {
      readonly kind: 'restore';
      readonly unit: number;
      readonly slot: number;
      readonly which: number;
      /** Of the hub: how soon the incarnation is raised; -1: it is forgotten. */
      readonly raiseAfterMs: number;
    }
  | {
      readonly kind: 'clone';
      readonly unit: number;
      readonly live: boolean;
      readonly which: number;
    }
  | { readonly kind: 'safe' }
  | { readonly kind: 'raise' }
  | { readonly kind: 'release'; readonly unit: number }
  | { readonly kind: 'rejoin'; readonly unit: number; readonly slot: number }
  | {
      readonly kind: 'job';
      readonly unit: number;
      readonly slot: number;
      readonly job: Job;
      readonly twice: boolean;
    };

export type PlannedAct = { readonly at: number; readonly act: Act };

export type Plan = {
  readonly seed: number;
  readonly units: number;
  readonly faultsMs: number;
  readonly batchRecordsMax: number;
  readonly pageEntriesMax: bigint;
  readonly waitingMax: number;
  readonly acts: readonly PlannedAct[];
};

export const nodePoints = [
  'node hello drawn',
  'node hello answered',
  'node seal begin',
  'node seal committed',
  'node push sent',
  'node push answered',
  'node page arrived',
  'node page committed',
  'node batch fetched',
  'node abandoned',
  'in node nonce',
  'in node hello',
  'in node seal',
  'in node receipt',
  'in node page',
  'in node write',
  'in node adopt',
  'in node abandon',
] as const;

export const hubPoints = [
  'hub hello arrived',
  'hub hello committed',
  'hub push arrived',
  'hub push committed',
  'hub feed arrived',
  'hub feed committed',
  'hub archive committed',
  'hub apply read',
  'hub apply committed',
  'in hub hello',
  'in hub receive',
  'in hub apply',
  'in hub checkpoint',
  'in hub raise',
] as const;

/** What kinds of trouble a world has: few at once, so that each is seen in the clear as well. */
type Mood = {
  readonly crashes: boolean;
  readonly network: boolean;
  readonly nodeRestores: boolean;
  readonly hubRestores: boolean;
  readonly clones: boolean;
  readonly operators: boolean;
};

export function planOf(seed: number): Plan {
  const random = randomStream(seed, 1);
  const units = unitsOf(random);
  const calm = units > 8;
  const faultsMs = integerIn(random, { min: 40, max: calm ? 60 : 150 }) * 1_000;
  const mood: Mood = {
    crashes: chance(random, 0.6),
    network: chance(random, 0.6),
    nodeRestores: chance(random, 0.35),
    hubRestores: chance(random, 0.35),
    clones: chance(random, 0.25),
    operators: chance(random, 0.3),
  };
  const acts: PlannedAct[] = [];
  const draw = { random, units, faultsMs, acts };
  addWrites(draw, integerIn(random, { min: 4, max: 24 }) + units * 2);
  addFaults(draw, mood, integerIn(random, { min: 0, max: 14 }));
  return {
    seed,
    units,
    faultsMs,
    batchRecordsMax: integerIn(random, { min: 1, max: 4 }),
    pageEntriesMax: BigInt(integerIn(random, { min: 2, max: 12 })),
    waitingMax: integerIn(random, { min: 2, max: 8 }),
    acts: acts.toSorted((a, b) => a.at - b.at),
  };
}

function unitsOf(random: Random): number {
  const size = random();
  if (size < 0.55) return 1;
  if (size < 0.85) return 2;
  if (size < 0.985) return integerIn(random, { min: 3, max: 6 });
  return integerIn(random, { min: 10, max: size < 0.999 ? 25 : 100 });
}

type Draw = {
  readonly random: Random;
  readonly units: number;
  readonly faultsMs: number;
  readonly acts: PlannedAct[];
};

function add({ random, faultsMs, acts }: Draw, act: Act): void {
  acts.push({ at: Math.floor(random() * faultsMs), act });
}

const anyUnit = ({ random, units }: Draw): number => integerIn(random, { min: 0, max: units - 1 });
const anySlot = ({ random }: Draw): number => integerIn(random, { min: 0, max: 1 });

function addWrites(draw: Draw, count: number): void {
  for (let i = 0; i < count; i++) {
    const unit = anyUnit(draw);
    add(draw, {
      kind: 'write',
      unit,
      slot: anySlot(draw),
      draw: integerIn(draw.random, { min: 0, max: 0x7fff_ffff }),
    });
  }
}

function addFaults(draw: Draw, mood: Mood, count: number): void {
  const { random } = draw;
  for (let i = 0; i < count; i++) {
    if (mood.crashes) addCrash(draw);
    if (mood.network) addTrouble(draw);
    if (chance(random, 0.3)) addJob(draw);
    const backup = chance(random, 0.5) ? -1 : anyUnit(draw);
    if (chance(random, 0.5)) add(draw, { kind: 'backup', unit: backup, slot: anySlot(draw) });
    if (chance(random, 0.2)) add(draw, { kind: 'safe' });
    if (mood.operators && chance(random, 0.3)) addOperator(draw);
  }
  const which = (): number => integerIn(random, { min: 0, max: 2 });
  if (mood.nodeRestores) {
    const unit = anyUnit(draw);
    add(draw, { kind: 'backup', unit, slot: 0 });
    add(draw, { kind: 'restore', unit, slot: anySlot(draw), which: which(), raiseAfterMs: -1 });
  }
  if (mood.hubRestores) {
    add(draw, { kind: 'backup', unit: -1, slot: 0 });
    const raiseAfterMs = chance(random, 0.3) ? -1 : integerIn(random, { min: 0, max: 30_000 });
    add(draw, { kind: 'restore', unit: -1, slot: 0, which: which(), raiseAfterMs });
  }
  if (mood.clones) {
    add(draw, { kind: 'clone', unit: anyUnit(draw), live: chance(random, 0.5), which: which() });
  }
}

function addCrash(draw: Draw): void {
  const { random } = draw;
  const unit = chance(random, 0.4) ? -1 : anyUnit(draw);
  const slot = anySlot(draw);
  const share = random();
  if (share < 0.3) add(draw, { kind: 'crash', unit, slot });
  else if (share < 0.45) {
    add(draw, { kind: 'pause', unit, slot, ms: integerIn(random, { min: 5, max: 60 }) * 1_000 });
  } else if (share < 0.55) {
    const years = integerIn(random, { min: -10, max: 10 });
    add(draw, { kind: 'clock', unit, slot, ms: years * 31_557_600_000 });
  } else {
    const point = oneOf<string>(random, unit === -1 ? hubPoints : nodePoints);
    add(draw, { kind: 'arm', unit, slot, point });
  }
}

function addTrouble(draw: Draw): void {
  const { random } = draw;
  const unit = anyUnit(draw);
  const slot = anySlot(draw);
  const share = random();
  const ms = integerIn(random, { min: 1, max: 40 }) * 1_000;
  if (share < 0.3) add(draw, { kind: 'cut', unit, slot, ms });
  else if (share < 0.4) add(draw, { kind: 'partition', ms, swizzle: chance(random, 0.6) });
  else if (share < 0.45) add(draw, { kind: 'impostor', unit, slot });
  else {
    add(draw, {
      kind: 'line',
      unit,
      slot,
      drop: chance(random, 0.7) ? random() * 0.3 : 0,
      double: chance(random, 0.6) ? random() * 0.4 : 0,
      delayMs: oneOf(random, [20, 400, 3_000]),
      stale: chance(random, 0.3) ? random() * 0.3 : 0,
    });
  }
}

function addJob(draw: Draw): void {
  const job = oneOf<Job>(draw.random, ['seal', 'push', 'pull', 'night', 'night']);
  add(draw, {
    kind: 'job',
    unit: anyUnit(draw),
    slot: anySlot(draw),
    job,
    twice: chance(draw.random, 0.6),
  });
}

/** Late, early, without need, or in the wrong order. */
function addOperator(draw: Draw): void {
  const share = draw.random();
  const unit = anyUnit(draw);
  if (share < 0.2) add(draw, { kind: 'raise' });
  else if (share < 0.6) add(draw, { kind: 'release', unit });
  else add(draw, { kind: 'rejoin', unit, slot: anySlot(draw) });
}
