/**
 * The conversation between a program that needs a server and the supervisor process that keeps it: one line of JSON each way.
 * The program sends instructions and waits for the answer to each; closing the line (or dying, in whatever way) ends everything.
 */

/** A program to run. Nothing of the caller's environment is passed on: `env` is all it gets. */
export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The OS user to run as; absent: the caller's own. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** File to which its output is appended. */
  readonly output: string;
};

/** Signals to end a server with, in order; the next one when it is still there after `graceMs`. */
export type StopLadder = readonly { readonly signal: NodeJS.Signals; readonly graceMs: number }[];

export type Instruction =
  /** First: what to remove at the end, and where to write down that it is owned. */
  | { readonly kind: 'own'; readonly ledger: string; readonly folders: readonly string[] }
  | { readonly kind: 'run'; readonly command: Command }
  | { readonly kind: 'serve'; readonly command: Command; readonly stop: StopLadder };

export type Answer =
  | { readonly kind: 'owned' }
  | { readonly kind: 'serving'; readonly pid: number }
  /** The command of `run`, or at any later time the server of `serve`, has ended. */
  | { readonly kind: 'ended'; readonly how: string; readonly ok: boolean }
  | { readonly kind: 'failed'; readonly reason: string };
