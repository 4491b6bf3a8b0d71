/**
 * The calling side of a supervisor (supervisor.ts): starts one, gives it folders to own and commands to run, and ends it.
 * What it promises: whatever happens to the calling process, the server ends and the folders go. No signal handler, no exit hook
 * is needed here for that, since a dead process closes its pipes by itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ledgerPath } from './ledger.ts';
import type { Answer, Command, Instruction, StopLadder } from './supervision.ts';

export type Supervised = AsyncDisposable & {
  /** Runs a command to its end; throws unless it exits with 0. */
  run(command: Command): Promise<void>;
  /** Starts the server. `ended` tells how it ended, if it ever does before the supervisor is closed. */
  serve(command: Command, stop: StopLadder): Promise<RunningServer>;
};

export type RunningServer = { readonly pid: number; readonly ended: Promise<string> };

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/**
 * `folders` need not exist yet; they are removed at the end. `directory` keeps the ledger of what is owned.
 * `name` must be unique among running supervisors.
 */
export async function openSupervised(options: {
  readonly directory: string;
  readonly name: string;
  readonly folders: readonly string[];
}): Promise<Supervised> {
  const child = spawn(process.execPath, [SUPERVISOR], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const conversation = converse(child);
  await conversation.ask(
    { kind: 'own', ledger: ledgerPath(options), folders: options.folders },
    'owned',
  );
  return {
    async run(command) {
      const { how, ok } = await conversation.ask({ kind: 'run', command }, 'ended');
      if (!ok) throw new Error(`${command.file} ended with ${how}`);
    },
    async serve(command, stop) {
      // Asked for beforehand: a server that fails at once ends before anybody could ask.
      const ended = conversation.next('ended').then(({ how }) => how);
      ended.catch(() => {});
      const { pid } = await conversation.ask({ kind: 'serve', command, stop }, 'serving');
      return { pid, ended };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.stdin?.end();
      await exit;
    },
  };
}

type Kind = Exclude<Answer['kind'], 'failed'>;
type AnswerOf<K extends Kind> = Extract<Answer, { kind: K }>;

function isOfKind<K extends Kind>(answer: Answer, kind: K): answer is AnswerOf<K> {
  return answer.kind === kind;
}

function converse(child: ChildProcess) {
  const waiting = new Set<{ take(answer: Answer): boolean; reject(error: Error): void }>();
  const fail = (error: Error) => {
    for (const each of waiting) each.reject(error);
    waiting.clear();
  };
  const next = <K extends Kind>(kind: K): Promise<AnswerOf<K>> =>
    new Promise((resolve, reject) => {
      const take = (answer: Answer) => {
        if (!isOfKind(answer, kind)) return false;
        resolve(answer);
        return true;
      };
      waiting.add({ take, reject });
    });
  child.on('error', fail);
  child.on('exit', () => fail(new Error('the supervisor process has ended')));
  child.stdin?.on('error', fail);
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer: Answer = JSON.parse(line);
      if (answer.kind === 'failed') return fail(new Error(answer.reason));
      const first = [...waiting].find((each) => each.take(answer));
      if (first !== undefined) waiting.delete(first);
    });
  }
  return {
    next,
    ask: <K extends Kind>(instruction: Instruction, kind: K): Promise<AnswerOf<K>> => {
      const answer = next(kind);
      child.stdin?.write(`${JSON.stringify(instruction)}\n`);
      return answer;
    },
  };
}
