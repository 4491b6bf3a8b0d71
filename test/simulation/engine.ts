/**
 * Virtual time and the processes that live in it, single-threaded: an event queue, machines that
 * crash and pause, and tasks that are generators. A task yields wherever time may pass; there the
 * others run, and there its machine may die. Nothing here reads a clock or draws a number.
 */
import { Store } from './store.ts';

/** What a task waits for. A `point` has a name, at which a crash can be armed. */
export type Effect =
  | { readonly kind: 'point'; readonly name: string }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'wait'; readonly begin: (resume: (value: unknown) => void) => void };

export type Task<T> = Generator<Effect, T, unknown>;

/** Thrown inside a transaction: the machine dies, and the transaction never was. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export class Machine {
  readonly name: string;
  readonly store = new Store();
  /** Locks that end with the process that holds them. */
  readonly locks = new Set<string>();
  up = true;
  /** Rises with each crash: what was begun before it is gone. */
  boot = 1;
  pausedUntil = 0;
  /** How far this machine's clock is from the true time, in ms. */
  clockOffsetMs = 0;
  /** The point at which the machine dies when it next gets there. */
  armed: string | undefined = undefined;
  /** Switched off for good. */
  retired = false;

  constructor(name: string) {
    this.name = name;
  }
}

type Event = { readonly at: number; readonly order: number; readonly act: () => void };

export type EngineOptions = {
  /** How long a step between two points takes, in ms. */
  readonly stepMs: () => number;
  readonly onCrash: (machine: Machine, point: string) => void;
  /** A task ended by an error that is no crash. */
  readonly onFailure: (machine: Machine, task: string, error: unknown) => void;
};

export class Engine {
  now = 0;
  events = 0;
  readonly #heap: Event[] = [];
  readonly #options: EngineOptions;
  #order = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** The time of the next event; undefined where nothing is to come. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  after(ms: number, act: () => void): void {
    this.#order += 1;
    push(this.#heap, { at: this.now + ms, order: this.#order, act });
  }

  /** Runs every event up to `until`. */
  runUntil(until: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      pop(this.#heap);
      this.now = next.at;
      this.events += 1;
      next.act();
    }
    this.now = Math.max(this.now, until);
  }

  /** Starts a task of a machine; `onEnd` is called unless the machine dies before. */
  start<T>(
    machine: Machine,
    name: string,
    task: Task<T>,
    onEnd: (result: T | undefined) => void = () => undefined,
  ): void {
    if (machine.up) this.#resume({ machine, name, task, boot: machine.boot, onEnd }, undefined);
  }

  crash(machine: Machine, point: string): void {
    if (!machine.up) return;
    machine.store.crash();
    machine.up = false;
    machine.boot += 1;
    machine.armed = undefined;
    machine.pausedUntil = 0;
    machine.locks.clear();
    this.#options.onCrash(machine, point);
  }

  #resume<T>(process: Process<T>, value: unknown): void {
    const { machine } = process;
    if (process.boot !== machine.boot) return;
    if (machine.pausedUntil > this.now) {
      this.after(machine.pausedUntil - this.now, () => this.#resume(process, value));
      return;
    }
    try {
      const next = process.task.next(value);
      if (next.done === true) process.onEnd(next.value);
      else this.#await(process, next.value);
    } catch (error) {
      if (error instanceof Crash) {
        this.crash(machine, `in ${error.message}`);
        return;
      }
      this.#options.onFailure(machine, process.name, error);
      process.onEnd(undefined);
    }
  }

  #await<T>(process: Process<T>, effect: Effect): void {
    switch (effect.kind) {
      case 'point':
        if (process.machine.armed === effect.name) this.crash(process.machine, effect.name);
        else this.after(this.#options.stepMs(), () => this.#resume(process, undefined));
        return;
      case 'sleep':
        this.after(effect.ms, () => this.#resume(process, undefined));
        return;
      case 'wait':
        effect.begin((value) => this.#resume(process, value));
    }
  }
}

type Process<T> = {
  readonly machine: Machine;
  readonly name: string;
  readonly task: Task<T>;
  readonly boot: number;
  readonly onEnd: (result: T | undefined) => void;
};

export const point = (name: string): Effect => ({ kind: 'point', name });
export const sleep = (ms: number): Effect => ({ kind: 'sleep', ms });

/** What is done in one go, as a task of a machine. */
export function* once(act: () => void): Task<void> {
  yield sleep(0);
  act();
}

/** A transaction of a machine. A crash armed at `in NAME` happens before its commit. */
export function transact<T>(machine: Machine, name: string, work: () => T): T {
  return machine.store.transaction(() => {
    const result = work();
    if (machine.armed === `in ${name}`) throw new Crash(name);
    return result;
  });
}

/** Runs a task under a lock of the machine; waits while another has it. */
export function* locked<T>(machine: Machine, name: string, task: () => Task<T>): Task<T> {
  while (machine.locks.has(name)) yield sleep(40);
  machine.locks.add(name);
  try {
    return yield* task();
  } finally {
    machine.locks.delete(name);
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let i = heap.length;
  heap.push(event);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(event, above)) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let i = 0;
  for (;;) {
    const left = heap[2 * i + 1];
    const right = heap[2 * i + 2];
    if (left === undefined) break;
    const isRight = right !== undefined && before(right, left);
    const child = isRight ? right : left;
    if (!before(child, last)) break;
    heap[i] = child;
    i = isRight ? 2 * i + 2 : 2 * i + 1;
  }
  heap[i] = last;
}
