/**
 * One run: a world is set up, writers write and faults fall for so long, then both stop and nobody
 * touches anything until all is at rest and equal, or until longer than the product may take. What
 * must hold then is in `checks.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  integerIn,
  oneOf,
  type Random,
  randomStream,
} from '@lienthong/shared-schema/population/random.ts';

import { checkUnit } from './checks.ts';
import type { Stage } from './faults.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { letFaultsFall } from './let-faults-fall.ts';
import { type Observer, openObserver } from './observer.ts';
import { recoveryBoundMs } from './recovery-bound.ts';
import { proveRoundTrips, untilEqual } from './recovery.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';
import { write } from './writers.ts';

export type ChaosOptions = WorldOptions & { readonly minutes: number };

export type ChaosResult = {
  readonly faults: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly leaked: number;
  readonly equal: boolean;
  /** From the end of the last fault until all sides were equal. */
  readonly recoveredMs: number;
  readonly recoveryBoundMs: number;
  readonly seed: number;
  readonly queue: string;
  readonly nodes: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  /** Kinds that did not fall, with the reason. */
  readonly missing: Readonly<Record<string, string>>;
  readonly committed: number;
  readonly rolledBack: number;
  readonly records: number;
  readonly rows: number;
  readonly batches: number;
  readonly markers: number;
  /** Batches that were seen at the hub while faults fell. */
  readonly witnessed: number;
  /** Answers to batches that were sent once more. */
  readonly repeated: number;
  readonly cuts: number;
  /** Starts of each program, and how often one ended by itself with a fault. */
  readonly starts: Readonly<Record<string, number>>;
  readonly failures: number;
  readonly findings: readonly string[];
};

const writersPerNode = 2;
const writePauseMs = { min: 60, max: 300 };
/** An operator runs a whole `sync` by hand in the middle of it all. */
const syncPauseMs = { min: 4_000, max: 12_000 };
const longMinutes = 2.5;
const flowsWithinMs = 60_000;
const lookMs = 200;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { say, seed } = options;
  await using world = await openWorld(options);
  const findings: string[] = [];
  const stage: Stage = {
    world,
    isLong: options.minutes >= longMinutes,
    complain: (what) => {
      say(`!! ${what}`);
      findings.push(what);
    },
  };
  const ledgers = new Map(world.nodes.map(({ agency }) => [agency, openLedger()]));
  const stop = new AbortController();
  const writing = startWriters(world, ledgers, seed, stop.signal);
  const observer = openObserver(world.hub.server.url);
  const observing = observer.watch(stop.signal);
  const stopOperating = new AbortController();
  const operating = operate(world, randomStream(seed, 2), stopOperating.signal);
  await untilFlowing(observer, options.nodes);
  say(`${options.minutes} minutes of faults`);
  const counts = await letFaultsFall(stage, options.minutes * 60_000, randomStream(seed, 1), {
    say,
    onLast: () => stopOperating.abort(),
  });
  const lastFaultAt = performance.now();
  stop.abort();
  await Promise.all([...writing, operating, observing]);
  say('everything runs again; nobody touches anything');
  const recovered = await untilEqual(world, lastFaultAt, say);
  say(`equal after ${Math.round(recovered.ms)} ms, at most ${recoveryBoundMs} allowed`);
  findings.push(...recovered.findings);
  findings.push(...(await proveRoundTrips(world)));
  const units = await Promise.all(
    world.nodes.map(({ agency, server }) => {
      const urls = { agency, hub: world.hub.server.url, node: server.url };
      return checkUnit(urls, ledgers.get(agency) ?? openLedger());
    }),
  );
  const lost = units.flatMap((unit) => unit.lost);
  const changed = await observer.changed();
  const duplicated = [...units.flatMap((unit) => unit.duplicated), ...changed];
  const leaked = units.flatMap((unit) => unit.leaked);
  findings.push(...units.flatMap((unit) => unit.unequal));
  const totalOf = (of: 'rows' | 'batches' | 'markers'): number =>
    units.reduce((total, unit) => total + unit[of], 0);
  const sum = (of: (ledger: Ledger) => number): number =>
    [...ledgers.values()].reduce((total, ledger) => total + of(ledger), 0);
  return {
    faults: [...counts.fallen.values()].reduce((total, count) => total + count, 0),
    lost: lost.length,
    duplicated: duplicated.length,
    leaked: leaked.length,
    equal: findings.length === 0,
    recoveredMs: Math.round(recovered.ms),
    recoveryBoundMs,
    seed,
    queue: options.backend,
    nodes: options.nodes,
    faultsByKind: Object.fromEntries(counts.fallen),
    missing: Object.fromEntries(counts.missing),
    committed: sum((ledger) => ledger.tokens('committed').length),
    rolledBack: sum((ledger) => ledger.tokens('rolled back').length),
    records: sum((ledger) => ledger.latest().size),
    rows: totalOf('rows'),
    batches: totalOf('batches'),
    markers: totalOf('markers'),
    witnessed: observer.seen(),
    repeated: world.nodes.reduce((total, { client }) => total + client.answers(), 0),
    cuts: world.nodes.reduce((total, { line }) => total + line.cuts(), 0),
    starts: Object.fromEntries(world.processes().map((one) => [one.name, one.starts()])),
    failures: world.processes().reduce((total, one) => total + one.failures(), 0),
    findings: [...lost, ...duplicated, ...leaked, ...findings].slice(0, 50),
  };
}

/** Until so many batches were seen at the hub as there are units: faults are to meet what flows. */
async function untilFlowing(observer: Observer, units: number): Promise<void> {
  const deadline = performance.now() + flowsWithinMs;
  while (observer.seen() < units && performance.now() < deadline) await sleep(lookMs);
}

function startWriters(
  world: World,
  ledgers: ReadonlyMap<string, Ledger>,
  seed: number,
  signal: AbortSignal,
): readonly Promise<void>[] {
  return world.nodes.flatMap(({ agency, unit, server }) => {
    const ledger = ledgers.get(agency);
    if (ledger === undefined) return [];
    return Array.from({ length: writersPerNode }, (_, i) =>
      write({
        agency,
        databaseUrl: server.url,
        unit,
        number: i + 1,
        random: randomStream(seed, 100 * unit + i),
        ledger,
        pauseMs: writePauseMs,
        signal,
      }),
    );
  });
}

/** Round trips in the middle of faults: a marker that is sealed comes back once, or is sealed in vain. */
async function operate(world: World, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ms = integerIn(random, syncPauseMs);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await oneOf(random, world.nodes).run(['sync', '--retry-for', '5', '--proof-timeout', '10']);
  }
}
