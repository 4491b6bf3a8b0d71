/**
 * Faults, one after the other for so long: first each kind once, in an order of the seed, then drawn
 * by weight. Some last, so several are on at a time, but none twice. All are over at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  integerIn,
  type Random,
  randomStream,
  weightedChoice,
} from '@lienthong/shared-schema/population/random.ts';

import { type Fault, faults as table, type Stage, weighted } from './faults.ts';

/** The next fault comes this long after the one before began. */
const nextFaultMs = { min: 600, max: 1_900 };
/** Draws until one is found that is not on already. */
const drawsMax = 50;

/**
 * `onLast` is called when no more faults begin. Returns how many fell of each kind, and why others
 * did not.
 */
export async function letFaultsFall(
  stage: Stage,
  forMs: number,
  random: Random,
  { say, onLast }: { readonly say: (line: string) => void; readonly onLast: () => void },
): Promise<{
  readonly fallen: ReadonlyMap<string, number>;
  readonly missing: ReadonlyMap<string, string>;
}> {
  const missing = new Map<string, string>();
  for (const { kind, impossible } of table) {
    const why = impossible?.(stage);
    if (why !== undefined) missing.set(kind, why);
  }
  const possible = table.filter(({ kind }) => !missing.has(kind));
  const draw = weightedChoice(weighted(possible));
  const first = firstRound(possible, random);
  const fallen = new Map<string, number>();
  const active = new Map<string, Promise<void>>();
  const endAt = performance.now() + forMs;
  const drawnOf = (mayBegin: (fault: Fault) => boolean): Fault | undefined => {
    for (let i = 0; i < drawsMax; i++) {
      const fault = draw(random);
      if (mayBegin(fault)) return fault;
    }
    return undefined;
  };
  const begin = (fault: Fault): void => {
    fallen.set(fault.kind, (fallen.get(fault.kind) ?? 0) + 1);
    say(`  ${fault.kind}`);
    // a stream of its own: what one fault draws while it lasts changes nothing for the others
    const own = randomStream(Math.floor(random() * 0x1_0000_0000), 0);
    const running = fault.act(stage, own).catch((error: unknown) => {
      stage.complain(
        `the fault “${fault.kind}” failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    active.set(
      fault.group,
      running.then(() => void active.delete(fault.group)),
    );
  };
  while (performance.now() < endAt) {
    const leftMs = endAt - performance.now();
    const mayBegin = ({ group, lastsMs = 0 }: Fault): boolean =>
      !active.has(group) && lastsMs < leftMs;
    const at = first.findIndex(mayBegin);
    const fault = at >= 0 ? first.splice(at, 1)[0] : drawnOf(mayBegin);
    if (fault !== undefined) begin(fault);
    await sleep(integerIn(random, nextFaultMs));
  }
  onLast();
  await Promise.all(active.values());
  for (const { kind } of possible) {
    if (!fallen.has(kind)) missing.set(kind, 'the run was too short');
  }
  return { fallen, missing };
}

/** Those that last long first, so that they are over in time; the others shuffled. */
function firstRound(possible: readonly Fault[], random: Random): Fault[] {
  return possible
    .map((fault) => ({ fault, at: random() - (fault.lastsMs ?? 0) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
}
