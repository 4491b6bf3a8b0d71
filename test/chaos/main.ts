/**
 * `npm run chaos -- --seed S --minutes M [--queue postgres|redis] [--nodes N] [--json] [--keep]`: real
 * processes under faults, and what must hold afterwards. Progress goes to standard error; with
 * `--json` the last line of standard output is the result. Status 1 unless nothing was lost, doubled
 * or leaked and all sides are equal.
 *
 * As root it runs in a mount namespace of its own: its small disks are seen by nobody else, and go
 * with it. `--keep` leaves the logs in the folder that it names.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { placeFor, serverUser } from '../services/operating-user.ts';
import { type ChaosResult, runChaos } from './run.ts';
import type { Backend } from './world.ts';

const namespaceVariable = 'LIENTHONG_CHAOS_NAMESPACE';
const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    queue: { type: 'string', default: 'postgres' },
    nodes: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

/** With the seconds since the start, so that a line here can be found in the logs. */
const say = (line: string): void => {
  const seconds = (performance.now() / 1_000).toFixed(1).padStart(7);
  process.stderr.write(`${seconds} ${line}\n`);
};
const isBackend = (text: string): text is Backend => text === 'postgres' || text === 'redis';

function numberOf(name: 'seed' | 'minutes' | 'nodes', min: number, max: number): number {
  const number = Number(flags[name]);
  if (number >= min && number <= max) return number;
  throw new Error(`--${name} has to be from ${min} to ${max}`);
}

/** Undefined where this user may not, or the machine cannot. */
function ownNamespace(): readonly string[] | undefined {
  if (process.getuid?.() !== 0 || process.env[namespaceVariable] !== undefined) return undefined;
  const { status } = spawnSync('unshare', ['--mount', 'true']);
  return status === 0 ? ['unshare', '--mount', '--propagation', 'private'] : undefined;
}

/** Where the servers' user can enter too: a checkout may lie in root's own home. */
async function folderOf(pid: number): Promise<string> {
  return join(await placeFor(resolve('.data'), await serverUser()), `chaos-${pid}`);
}

async function inNamespace(command: readonly string[]): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [namespaceVariable]: 'own' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  // what an interrupted run has left; its disks went with its namespace
  const left = await folderOf(child.pid ?? 0);
  if (!flags.keep) await rm(left, { recursive: true, force: true });
  return code ?? 1;
}

async function run(): Promise<boolean> {
  const folder = await folderOf(process.pid);
  const { queue } = flags;
  if (!isBackend(queue)) throw new Error('--queue has to be postgres or redis');
  const mayMount = process.env[namespaceVariable] === 'own';
  const options = {
    seed: numberOf('seed', 0, 2 ** 31),
    minutes: numberOf('minutes', 0.2, 24 * 60),
    nodes: numberOf('nodes', 1, 6),
    backend: queue,
    folder,
    mayMount,
    say,
  };
  // by exit, so that every process that was started here goes as well
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1));
  }
  try {
    const result = await runChaos(options);
    show(result);
    const { lost, duplicated, leaked, equal } = result;
    return lost === 0 && duplicated === 0 && leaked === 0 && equal;
  } finally {
    if (flags.keep) say(`the logs are in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

function show(result: ChaosResult): void {
  for (const [kind, count] of Object.entries(result.faultsByKind)) say(`  ${count} × ${kind}`);
  for (const [kind, why] of Object.entries(result.missing)) say(`  none: ${kind} (${why})`);
  for (const finding of result.findings) say(`!! ${finding}`);
  const { lost, duplicated, leaked, equal, recoveredMs } = result;
  const line = `lost ${lost}, duplicated ${duplicated}, leaked ${leaked}, equal ${equal}, recovered in ${recoveredMs} ms`;
  say(`${result.faults} faults, ${result.committed} transactions: ${line}`);
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

try {
  const namespace = ownNamespace();
  if (namespace !== undefined) process.exitCode = await inNamespace(namespace);
  else process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  say(`The run failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
