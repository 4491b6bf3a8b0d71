/** `npm run chaos`, short, once for each backend of the queues: real processes, real faults. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import type { ChaosResult } from '../chaos/run.ts';

const minutes = 0.75;

/** Faults of a short run: each kind that this machine allows at least once, and more by weight. */
const faultsMin = 20;

async function chaos(
  flags: readonly string[],
  signal: AbortSignal,
): Promise<{
  readonly code: number;
  readonly result: ChaosResult;
  readonly said: string;
}> {
  const child = spawn(process.execPath, ['test/chaos/main.ts', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const [code] = (await once(child, 'close')) as [number];
  const said = err.join('');
  const last = out.join('').trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`no result, status ${code}:\n${said.slice(-3_000)}`);
  return { code, result: JSON.parse(last) as ChaosResult, said };
}

test.concurrent.for([
  { queue: 'postgres', seed: '11' },
  { queue: 'redis', seed: '12' },
])(
  'I1, I3, I5, I8, I14: with queues on $queue nothing is lost, doubled or leaked under faults, and all is equal within one retry interval',
  { timeout: 600_000 },
  async ({ queue, seed }, { signal }) => {
    const flags = ['--queue', queue, '--seed', seed, '--minutes', `${minutes}`];
    const { code, result } = await chaos(flags, signal);
    expect(result).toMatchObject({ findings: [], lost: 0, duplicated: 0, leaked: 0, equal: true });
    expect(code).toBe(0);
    expect(result.recoveredMs).toBeLessThanOrEqual(result.recoveryBoundMs);
    expect(result.faults).toBeGreaterThanOrEqual(faultsMin);
    // nothing is missing but what this machine or this backend cannot have
    const missing = Object.values(result.missing);
    expect(missing.filter((why) => why === 'the run was too short')).toEqual([]);
    // it was a run, also on a machine that is busy with other things
    expect(result.committed).toBeGreaterThan(100);
    expect(result.batches).toBeGreaterThan(5);
    expect(result.witnessed).toBeGreaterThanOrEqual(result.nodes);
  },
);
