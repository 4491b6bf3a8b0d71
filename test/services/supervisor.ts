/**
 * The process that keeps one server: a child of the program that needs it, in a session of its own, and the parent of the server.
 * Its standard input is the lifeline. When that closes (the program asked for the end, was interrupted, crashed or was killed by
 * SIGKILL: all look the same here) it stops the server, removes the folders it owns, and ends. It holds no timer and no decision
 * of its own; what to run comes as instructions (supervision.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { removeFolders, writeLedger } from './ledger.ts';
import { processIdentity } from './process-identity.ts';
import type { Answer, Command, Instruction, StopLadder } from './supervision.ts';

/** A preparing command such as initdb clears up after itself on SIGTERM. */
const RUN_STOP: StopLadder = [
  { signal: 'SIGTERM', graceMs: 3000 },
  { signal: 'SIGKILL', graceMs: 3000 },
];

let ledger: string | undefined;
let folders: readonly string[] = [];
let child: { readonly process: ChildProcess; readonly stop: StopLadder } | undefined;
let ending = false;
/** The instruction being carried out; the end waits for it, so that nothing is begun or written down afterwards. */
let current: Promise<void> = Promise.resolve();

async function carryOut(instruction: Instruction): Promise<void> {
  switch (instruction.kind) {
    case 'own':
      ({ ledger, folders } = instruction);
      await writeDown();
      answer({ kind: 'owned' });
      return;
    case 'run':
      await begin(instruction.command, RUN_STOP);
      return;
    case 'serve': {
      const pid = await begin(instruction.command, instruction.stop);
      if (pid === undefined) return;
      await writeDown(pid);
      answer({ kind: 'serving', pid });
    }
  }
}

async function writeDown(server?: number): Promise<void> {
  if (ledger === undefined) return;
  const own = { supervisor: process.pid, supervisorIdentity: processIdentity(process.pid) };
  const of = server === undefined ? {} : { server, serverIdentity: processIdentity(server) };
  await writeLedger(ledger, { ...own, ...of, folders });
}

/** Starts the command and reports its end whenever that comes. Returns its process id once it runs. */
async function begin(command: Command, stop: StopLadder): Promise<number | undefined> {
  const output = openSync(command.output, 'a', 0o600);
  const started = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', output, output],
    ...command.user,
  });
  child = { process: started, stop };
  started.on('exit', (code, signal) => {
    answer({
      kind: 'ended',
      ok: code === 0,
      how: signal === null ? `exit code ${code}` : `signal ${signal}`,
    });
  });
  const pid = await new Promise<number | undefined>((resolve) => {
    started.once('spawn', () => resolve(started.pid));
    started.once('error', (error) => {
      child = undefined;
      answer({ kind: 'failed', reason: error.message });
      resolve(undefined);
    });
  });
  closeSync(output);
  return pid;
}

async function stopChild(): Promise<void> {
  if (child === undefined) return;
  const { process: running, stop } = child;
  const gone = new Promise<void>((resolve) => {
    running.once('exit', () => resolve());
  });
  for (const { signal, graceMs } of stop) {
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.kill(signal);
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([gone, grace]);
    clearTimeout(timer);
  }
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await current;
  await stopChild();
  await removeFolders(folders);
  if (ledger !== undefined) await rm(ledger, { force: true });
}

function answer(message: Answer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function endAndExit(): void {
  end().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`could not clear up: ${String(error)}\n`);
      process.exit(1);
    },
  );
}

// Nobody reads the answers of a supervisor whose program has died; that must not stop it from clearing up.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAndExit);
process.stdin.on('error', endAndExit);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const instruction: Instruction = JSON.parse(line);
    current = carryOut(instruction).catch((error: unknown) => {
      answer({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    });
  })
  .on('close', endAndExit);
