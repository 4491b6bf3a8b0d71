/**
 * Checks one configuration: spin turns the model into a C program, the compiler makes it, and it
 * visits every state that can be reached, in bounded memory and time.
 */
import { execFile, spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Configuration, Violation } from './configurations.ts';

const run = promisify(execFile);
const memoryMax = 4000;
const depthMax = 1000;

export type Checked = {
  readonly result: 'safe' | Violation | 'unfinished';
  readonly states: number;
  readonly depth: number;
  readonly seconds: number;
  /** The steps that lead to the violation, in words; empty where there is none. */
  readonly trace: readonly string[];
};

/** Undefined where everything is there, else what is missing and the command that installs it. */
export function missingTools(): string | undefined {
  const missing = [
    ['spin', '-V'],
    ['cc', '--version'],
  ].flatMap(([tool = '', flag = '']) =>
    spawnSync(tool, [flag]).error === undefined ? [] : [tool],
  );
  if (missing.length === 0) return undefined;
  return `${missing.join(' and ')} not found: apt-get install spin gcc`;
}

/** Throws where the model does not compile. */
export async function checkModel(
  { model, flags, quick }: Pick<Configuration, 'model' | 'flags' | 'quick'>,
  { timeMaxMs }: { readonly timeMaxMs: number },
): Promise<Checked> {
  const directory = await mkdtemp(join(tmpdir(), 'lienthong-model-'));
  try {
    const file = `${model}.pml`;
    const defines = flags.map((flag) => `-D${flag}`);
    const inside = { cwd: directory, maxBuffer: 64 * 1024 * 1024 };
    await copyFile(new URL(file, import.meta.url), join(directory, file));
    await run('spin', ['-a', ...defines, file], inside);
    // what is searched for a moment is not worth the time of an optimiser
    const options = [
      quick ? '-O0' : '-O1',
      '-w',
      '-DSAFETY',
      '-DNOREDUCE',
      '-DCOLLAPSE',
      `-DMEMLIM=${memoryMax}`,
    ];
    await run('cc', [...options, '-o', 'pan', 'pan.c'], inside);
    const startedAt = performance.now();
    const output = await visit(directory, timeMaxMs);
    const seconds = (performance.now() - startedAt) / 1000;
    const result = resultOf(output);
    const trace = ['safe', 'unfinished'].includes(result)
      ? []
      : stepsOf((await run('spin', ['-t', '-T', ...defines, file], inside)).stdout);
    return {
      result,
      states: numberIn(output, /(?<n>\d+) states, stored/u),
      depth: numberIn(output, /depth reached (?<n>\d+)/u),
      seconds,
      trace,
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What the search printed; it ends with status 0 also at a violation. */
async function visit(directory: string, timeout: number): Promise<string> {
  try {
    const { stdout } = await run('./pan', [`-m${depthMax}`, '-w22'], { cwd: directory, timeout });
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'killed' in error && error.killed === true) return '';
    throw error;
  }
}

/** By what only the violated assertion says. */
const violations: readonly (readonly [RegExp, Violation])[] = [
  [/acknowledged/u, 'acknowledged change lost'],
  [/toldSafe/u, 'safe change lost'],
  [/history\[/u, 'two batches under one number'],
  [/dropped/u, 'content dropped too early'],
  [/\.receipted==|mirror\[|cursor==|SERVING|created==/u, 'unequal at rest'],
  [/hub\.frozen/u, 'alarm without cause'],
  [/hub\.epoch\+1|nonces<|refusals<|sealed</u, 'hellos without end'],
  [/\.chain\[k\]==hub\.chain\[k\]/u, 'receipt for what the hub lacks'],
];

export function resultOf(output: string): Checked['result'] {
  const assertion = /^pan:1: assertion violated (?<text>.*)$/mu.exec(output)?.groups?.['text'];
  if (assertion !== undefined) {
    const found = violations.find(([pattern]) => pattern.test(assertion));
    if (found === undefined) throw new Error(`an assertion without a name: ${assertion}`);
    return found[1];
  }
  const whole =
    /errors: 0$/mu.test(output) && !/not completed|too small|out of memory|DMEMLIM/u.test(output);
  return whole ? 'safe' : 'unfinished';
}

const numberIn = (text: string, pattern: RegExp): number =>
  Number(pattern.exec(text)?.groups?.['n'] ?? 0);

const stepsOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) =>
      /^(?:node|hub|operator|writer|nobody|no more|the answer|a hello)\b/u.test(line),
    );
