/**
 * Real processes of hub and nodes: commands that end with one JSON object, and services that say
 * `listening …` and run until they are stopped. Nothing of hub or node is imported here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Side = 'hub' | 'node';

const top = fileURLToPath(new URL('../../', import.meta.url));
const mainOf = (side: Side): string => `${side}/src/cli/main.ts`;

/** Whatever this process started ends with it at the latest. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function track<T extends ChildProcess>(child: T): T {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

export type CommandOptions = {
  readonly side: Side;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Told each line of standard error. */
  readonly onLine?: (line: string) => void;
};

export type CommandResult = {
  readonly code: number;
  /** The JSON object of the last line of standard output; null when there is none. */
  readonly json: unknown;
  readonly stderr: string;
};

/** Runs one command with `--json` to its end, whatever its exit code. */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const child = track(
    spawn(process.execPath, [mainOf(options.side), '--json', ...options.args], {
      cwd: top,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const ended = once(child, 'close');
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err.push(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) options.onLine?.(line);
  });
  const [code] = (await ended) as [number | null];
  return { code: code ?? -1, json: lastJson(out.join('')), stderr: err.join('') };
}

/** As `runCommand`, and throws with what the command said unless it ended with 0. */
export async function mustRun(options: CommandOptions): Promise<unknown> {
  const result = await runCommand(options);
  if (result.code === 0) return result.json;
  const what = `${options.side} ${options.args[0] ?? ''}`;
  throw new Error(`${what} ended with ${result.code}:\n${result.stderr.slice(-2_000)}`);
}

function lastJson(text: string): unknown {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/**
 * The environment without what would point hub or node somewhere else. Hundreds of processes start
 * in the tests: with the compiled code kept each takes a third less of a processor.
 */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(?:HUB|NODE)_/u.test(name));
  return { ...Object.fromEntries(others), NODE_COMPILE_CACHE: `${top}.data/compile-cache` };
}

/** Starts a program of hub or node and leaves it alone; it ends with this process at the latest. */
export function spawnProgram(options: {
  readonly side: Side;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard error goes, as `child_process.spawn` takes it. */
  readonly stderr: number;
}): ChildProcess {
  return track(
    spawn(process.execPath, [mainOf(options.side), ...options.args], {
      cwd: top,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['ignore', 'ignore', options.stderr],
    }),
  );
}

export type Service = AsyncDisposable & {
  readonly address: string;
  readonly process: ChildProcess;
};

const startMs = 30_000;
const stopMs = 15_000;

/** Starts a service and waits until it listens; its log goes to `logFile`. */
export async function startService(options: {
  readonly side: Side;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}): Promise<Service> {
  const child = track(
    spawn(process.execPath, [mainOf(options.side), ...options.args], {
      cwd: top,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4_000);
    log.write(text);
  });
  const address = await new Promise<string>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`no start in time:\n${stderr}`)), startMs);
    child.once('exit', (code) => {
      clearTimeout(tooLate);
      reject(new Error(`${options.side} ${options.args.join(' ')} ended with ${code}:\n${stderr}`));
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const match = /^listening (\S+)$/mu.exec(text);
      if (match?.[1] === undefined) return;
      clearTimeout(tooLate);
      resolve(match[1]);
    });
  }).catch(async (error: unknown) => {
    await stop(child);
    throw error;
  });
  return {
    address,
    process: child,
    async [Symbol.asyncDispose]() {
      await stop(child);
      log.end();
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await exited;
  clearTimeout(hard);
}
