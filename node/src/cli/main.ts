/** `npm run node -- <command>`: the list of the node's commands. */
import { exitCodes, type ExitCode } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import { SettingsError } from '@lienthong/shared-schema/runtime/settings.ts';
import { CredentialError } from '@lienthong/shared-schema/runtime/signature.ts';
import { Command, CommanderError } from 'commander';

import { errorKinds, NodeError } from '../errors.ts';
import { TrustError } from '../pki/trust.ts';
import { importCommand } from './import.ts';
import { runCommands } from './run.ts';
import { syncCommands } from './sync.ts';

function explain(error: unknown): { readonly code: ExitCode; readonly text: string } {
  if (error instanceof CommanderError) return { code: exitCodes.usage, text: '' };
  if (error instanceof SettingsError) return { code: exitCodes.usage, text: error.message };
  if (error instanceof NodeError) {
    return { code: exitCodes[errorKinds[error.code][0]], text: `${error.code}: ${error.message}` };
  }
  if (error instanceof TrustError || error instanceof CredentialError) {
    return { code: exitCodes.refused, text: error.message };
  }
  if (error instanceof Error && 'code' in error) {
    const unreachable = /^(?:ECONN|ENOTFOUND|08|57P|3D000|28)/u.test(String(error.code));
    const text = `${error.name} ${String(error.code)}: ${error.message}`;
    return { code: unreachable ? exitCodes.unreachable : exitCodes.failed, text };
  }
  return { code: exitCodes.failed, text: error instanceof Error ? (error.stack ?? '') : 'failed' };
}

const program = new Command('node')
  .description("A unit's node of Liên Thông")
  .option('--json', 'answer with one JSON object')
  .exitOverride()
  .showHelpAfterError();
for (const add of [runCommands, importCommand, syncCommands]) add(program, process.env);

try {
  await program.parseAsync();
} catch (error) {
  const { code, text } = explain(error);
  if (text !== '') process.stderr.write(`${text}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? exitCodes.ok : code;
}
