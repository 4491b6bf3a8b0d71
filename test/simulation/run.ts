/** One run: a plan and what may be planted in, to the violations, the shapes and the decisions. */
import { integerIn, randomStream } from '@lienthong/shared-schema/population/random.ts';

import { check } from './check/check.ts';
import { type Cores, productCores } from './cores.ts';
import { Engine } from './engine.ts';
import { type Glue, soundGlue } from './glue.ts';
import { heal } from './heal.ts';
import type { Violation } from './history.ts';
import { newHub } from './hub/state.ts';
import { newNetwork } from './network.ts';
import { newPlace, type Place } from './node/state.ts';
import { Observer } from './observer.ts';
import { agencyOf, boot, carryOut, newOperations, start } from './operators.ts';
import type { Plan } from './plan.ts';
import type { World } from './world.ts';

export type RunOptions = {
  readonly cores?: Partial<Cores>;
  readonly glue?: Partial<Glue>;
  /** A server that calls commits durable before they are. */
  readonly lazyHub?: boolean;
  /** By how much the clock of each machine is off from the start, in ms. */
  readonly clockShiftMs?: (machine: string) => number;
  /** Goes into every value that a unit writes. */
  readonly saltOf?: (agency: string) => string;
  readonly keepsAnswers?: boolean;
  readonly traces?: boolean;
};

export type Outcome = {
  readonly violations: readonly Violation[];
  readonly shapes: ReadonlyMap<string, number>;
  readonly decisions: readonly string[];
  readonly events: number;
  readonly trace: readonly string[];
  readonly sentTo: ReadonlyMap<string, readonly string[]> | undefined;
};

export function run(plan: Plan, options: RunOptions = {}): Outcome {
  const notes: Notes = { shapes: new Map(), decisions: [], trace: [] };
  const world = newWorld(plan, options, notes);
  const operations = newOperations();
  const { engine, observer } = world;
  const { stackTraceLimit } = Error;
  // stops are thrown by the thousand, and nobody reads where from
  Error.stackTraceLimit = options.traces === true ? 10 : 0;
  try {
    start(world, world.hub.machine);
    for (const { machine } of world.places) start(world, machine);
    for (const { at, act } of plan.acts) {
      engine.runUntil(at);
      if (options.traces === true && act.kind !== 'write') world.tell('act', textOf(act));
      carryOut(world, operations, act);
    }
    engine.runUntil(plan.faultsMs);
    const open = heal(world, operations);
    if (open === undefined) check(world);
    else observer.history.violate('liveness', open);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    observer.history.violate('error', what);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return {
    violations: observer.history.violations,
    ...notes,
    events: engine.events,
    sentTo: observer.history.sentTo,
  };
}

type Notes = {
  readonly shapes: Map<string, number>;
  readonly decisions: string[];
  readonly trace: string[];
};

function newWorld(plan: Plan, options: RunOptions, notes: Notes): World {
  const { seed } = plan;
  const agencies = Array.from({ length: plan.units }, (_, i) => agencyOf(i));
  const places: Place[] = agencies.map((agency, i) =>
    newPlace(agency, `${agency}.a`, randomStream(seed, 100 + i)),
  );
  const steps = randomStream(seed, 3);
  const hub = newHub(randomStream(seed, 4), agencies);
  hub.machine.store.lazy = options.lazyHub === true;
  const shape = (name: string): void => {
    notes.shapes.set(name, (notes.shapes.get(name) ?? 0) + 1);
  };
  const tell = (machine: string, what: string): void => {
    if (options.traces === true) notes.trace.push(`${engine.now} ${machine}: ${what}`);
  };
  const engine: Engine = new Engine({
    stepMs: () => integerIn(steps, { min: 0, max: 60 }),
    onCrash: (machine, point) => {
      shape(`crash ${point}`);
      tell(machine.name, `dies: ${point}`);
      engine.after(integerIn(steps, { min: 200, max: 9_000 }), () => boot(world, machine));
    },
    onFailure: (machine, task, error) => {
      throw new Error(`${machine.name} ${task}`, { cause: error });
    },
  });
  const world: World = {
    seed,
    engine,
    cores: { ...productCores, ...options.cores },
    glue: { ...soundGlue, ...options.glue },
    hub,
    places,
    network: newNetwork(() => world, randomStream(seed, 5)),
    observer: new Observer({
      keepsAnswers: options.keepsAnswers === true,
      waitingMax: plan.waitingMax,
      now: () => engine.now,
    }),
    random: randomStream(seed, 6),
    waitingMax: plan.waitingMax,
    batchRecordsMax: plan.batchRecordsMax,
    pageEntriesMax: plan.pageEntriesMax,
    saltOf: options.saltOf ?? (() => ''),
    shape,
    decided: (what) => notes.decisions.push(what),
    tell,
  };
  for (const { machine } of [hub, ...places]) {
    machine.clockOffsetMs = options.clockShiftMs?.(machine.name) ?? 0;
  }
  return world;
}

const textOf = (value: unknown): string => JSON.stringify(value);
