/**
 * `npm run simulate -- --seeds N [--from S] [--json]`: runs the seeds, then looks for every planted
 * bug. A failing seed is made smaller and printed with its trace. Status 1 where something is broken
 * or a planted bug was not seen.
 */
import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';

import { planOf } from './plan.ts';
import { firstCatch, plantedBugs } from './planted/all.ts';
import { run } from './run.ts';
import { shrink } from './shrink.ts';

const failuresShown = 3;
const plantedSeedsMax = 2_000;
const progressEvery = 1_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const seeds = Number(values.seeds);
const from = Number(values.from);
if (!Number.isSafeInteger(seeds) || seeds < 0 || !Number.isSafeInteger(from)) {
  stderr.write('usage: npm run simulate -- --seeds N [--from S] [--json] [--no-planted]\n');
  process.exit(2);
}

const shapes = new Map<string, number>();
let failing = 0;
let events = 0;
const begun = performance.now();
for (let seed = from; seed < from + seeds; seed++) {
  const outcome = run(planOf(seed));
  events += outcome.events;
  for (const [name, count] of outcome.shapes) shapes.set(name, (shapes.get(name) ?? 0) + count);
  if (outcome.violations.length > 0) {
    failing += 1;
    if (failing <= failuresShown) showFailure(seed);
    else stderr.write(`seed ${seed} fails\n`);
  }
  if ((seed - from + 1) % progressEvery === 0) {
    const perSeed = (performance.now() - begun) / (seed - from + 1);
    stderr.write(`${seed - from + 1} of ${seeds} seeds, ${perSeed.toFixed(1)} ms each\n`);
  }
}

const missed = values.planted ? searchPlanted() : [];
const total = values.planted ? Object.keys(plantedBugs).length : 0;
if (values.json) {
  const planted = { total, caught: total - missed.length };
  stdout.write(`${JSON.stringify({ seeds, violations: failing, planted })}\n`);
} else {
  for (const [name, count] of [...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    stdout.write(`${count}\t${name}\n`);
  stdout.write(`${seeds} seeds, ${events} events, ${failing} with a violation; `);
  stdout.write(`${total - missed.length} of ${total} planted bugs caught\n`);
}
process.exitCode = failing > 0 || missed.length > 0 ? 1 : 0;

function showFailure(seed: number): void {
  const { plan, outcome } = shrink(planOf(seed), {});
  stderr.write(`seed ${seed}: ${plan.acts.length} acts, ${plan.units} units left\n`);
  stderr.write(`${outcome.trace.join('\n')}\n`);
  for (const { invariant, what } of outcome.violations) stderr.write(`  ${invariant}: ${what}\n`);
  stderr.write(`again: npm run simulate -- --from ${seed} --seeds 1 --no-planted\n`);
}

function searchPlanted(): readonly string[] {
  return Object.entries(plantedBugs)
    .filter(([name, bug]) => {
      const found = firstCatch(bug, { from: 1, count: plantedSeedsMax });
      const result =
        found === undefined ? 'NOT CAUGHT' : `seed ${found.seed} breaks ${found.invariant}`;
      stderr.write(`planted ${name}: ${result}\n`);
      return found === undefined;
    })
    .map(([name]) => name);
}
