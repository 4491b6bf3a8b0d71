/**
 * Runs a command line to its end: the exit code and the words of an error come from `explain`. The
 * words go to standard error; with `--json` also to standard output, as `{"error": …, "exitCode": …}`.
 */
import type { Command } from 'commander';

import { printAnswer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Explanation } from './explain-error.ts';
import { untilSignal } from './until-signal.ts';

export async function runProgram(
  program: Command,
  explain: (error: unknown) => Explanation,
): Promise<void> {
  // a subcommand inherits only what was set before it was added
  for (const command of withSubcommands(program)) command.exitOverride().showHelpAfterError();
  try {
    await program.parseAsync();
  } catch (error) {
    const { code, text } = explain(error);
    if (text !== '') process.stderr.write(`${text}\n`);
    if (code !== exitCodes.ok && program.opts<{ json?: boolean }>().json === true) {
      const said = text === '' && error instanceof Error ? error.message : text;
      printAnswer({ json: { error: said, exitCode: code }, lines: [] }, true);
    }
    process.exitCode = code;
  }
}

const withSubcommands = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

/** Runs a service until it fails or the process is told to stop; then lets it close in order. */
export async function runService(serve: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const running = serve(stop.signal);
  await Promise.race([running, untilSignal()]);
  stop.abort();
  await running;
}

/** The line by which a service says that it takes calls, and where. */
export function announceAddress(address: string): void {
  process.stdout.write(`listening ${address}\n`);
}
