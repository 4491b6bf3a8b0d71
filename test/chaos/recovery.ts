/** What is looked at once everything runs again: how long it takes to be equal, and the proofs of it. */
import { setTimeout as sleep } from 'node:timers/promises';

import { compareSides } from '../constellation/compare.ts';
import type { CommandResult } from '../constellation/processes.ts';
import { unrest } from './at-rest.ts';
import { recoveryBoundMs } from './recovery-bound.ts';
import type { World } from './world.ts';

const lookMs = 500;
const calmWithinMs = 20_000;

/** Until hub, nodes and mirrors are at rest and equal, or longer than the product may take. */
export async function untilEqual(
  world: World,
  since: number,
  say: (line: string) => void,
): Promise<{ readonly ms: number; readonly findings: readonly string[] }> {
  let saidAt = since;
  for (;;) {
    // what cannot be asked yet is not at rest
    const words = [...(await unrest(world).catch((error: unknown) => [String(error)]))];
    if (words.length === 0) {
      const differing = await differingSides(world);
      if (differing.length === 0) return { ms: performance.now() - since, findings: [] };
      words.push(...differing);
    }
    const ms = performance.now() - since;
    if (ms > recoveryBoundMs) return { ms, findings: words.map((word) => `not at rest: ${word}`) };
    if (performance.now() - saidAt > 10_000) {
      saidAt = performance.now();
      say(`  ${words.join('; ')}`);
    }
    await sleep(lookMs);
  }
}

async function differingSides(world: World): Promise<readonly string[]> {
  const sides = await Promise.all(
    world.nodes.map(({ agency, server }) =>
      compareSides({ agency, hub: world.hub.server.url, node: server.url }),
    ),
  );
  return sides.flatMap(({ agency, differing }) =>
    differing.map((table_) => `${agency}: ${table_}`),
  );
}

/**
 * What the product's own proofs say: a last `sync` of each node, whose marker comes back; the archive
 * with its receipts; all digests, made anew. Returns what did not hold.
 */
export async function proveRoundTrips(world: World): Promise<readonly string[]> {
  const found: string[] = [];
  const note = (what: string, { code, stderr }: CommandResult): void => {
    if (code !== 0) found.push(`${what} ended with ${code}: ${stderr.trim().slice(-300)}`);
  };
  for (const node of world.nodes) note(`${node.agency}: sync`, await node.run(['sync']));
  const until = performance.now() + calmWithinMs;
  while ((await unrest(world)).length > 0 && performance.now() < until) await sleep(lookMs);
  for (const node of world.nodes) {
    note(`hub verify ${node.agency}`, await world.hub.run(['verify', node.agency]));
    note(`${node.agency}: verify`, await node.run(['verify', '--deep']));
  }
  return found;
}
