/**
 * A program of hub or node that is started again whenever it ends, after a random pause, as a service
 * manager would. Killed, stopped and continued from outside; its log goes to a file.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { integerIn, type Random } from '@lienthong/shared-schema/population/random.ts';

import { type Side, spawnProgram } from '../constellation/processes.ts';

export type KeptProcess = AsyncDisposable & {
  readonly name: string;
  readonly starts: () => number;
  /** Ends that nobody here asked for, with a status that is not 0. */
  readonly failures: () => number;
  /** Kills it, if it runs just now. */
  readonly kill: () => void;
  /** Stops it by SIGSTOP for so long; a process that dies meanwhile is started again as ever. */
  readonly stopFor: (ms: number) => Promise<void>;
};

export type KeptOptions = {
  readonly name: string;
  readonly side: Side;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly random: Random;
};

const pauseMs = { min: 200, max: 2_000 };
const goodbyeMs = 15_000;

export function keepProcess(options: KeptOptions): KeptProcess {
  const closing = new AbortController();
  let child: ChildProcess | undefined;
  let starts = 0;
  let failures = 0;
  const keep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const log = openSync(options.logFile, 'a', 0o600);
      const started = spawnProgram({ ...options, stderr: log });
      closeSync(log);
      child = started;
      starts += 1;
      const [code] = (await once(started, 'exit')) as [number | null];
      child = undefined;
      if (code !== null && code !== 0) failures += 1;
      const ms = integerIn(options.random, pauseMs);
      await sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const keeping = keep();
  return {
    name: options.name,
    starts: () => starts,
    failures: () => failures,
    kill: () => void child?.kill('SIGKILL'),
    stopFor: async (ms) => {
      const victim = child;
      victim?.kill('SIGSTOP');
      await sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);
      victim?.kill('SIGCONT');
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const last = child;
      last?.kill('SIGCONT');
      last?.kill('SIGTERM');
      const hard = setTimeout(() => last?.kill('SIGKILL'), goodbyeMs);
      await keeping;
      clearTimeout(hard);
    },
  };
}
