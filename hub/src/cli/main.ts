import { endProgram } from '@lienthong/shared-schema/runtime/end-program.ts';
/** `npm run hub -- <command>`: the list of the hub's commands. */
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import { explainError, type Explanation } from '@lienthong/shared-schema/runtime/explain-error.ts';
import { runProgram } from '@lienthong/shared-schema/runtime/run-program.ts';
import { Command } from 'commander';

import { HubError } from '../errors.ts';
import { bundleCommands } from './bundle.ts';
import { codeListCommands } from './code-lists.ts';
import { correctionCommands } from './corrections.ts';
import { enrolmentCommands } from './enrolment.ts';
import { overdueCommand } from './overdue.ts';
import { policyCommands } from './policy.ts';
import { qualityCommand } from './quality.ts';
import { recoveryCommands } from './recovery.ts';
import { referenceCommands } from './reference.ts';
import { runCommands } from './run.ts';
import { statusCommands } from './status.ts';

function explain(error: unknown): Explanation {
  if (error instanceof HubError) {
    return { code: exitCodes.refused, text: `${error.code}: ${error.message}` };
  }
  return explainError(error, 'hub');
}

const program = new Command('hub')
  .description('The national hub of Liên Thông')
  .option('--json', 'answer with one JSON object');
for (const add of [
  runCommands,
  enrolmentCommands,
  statusCommands,
  overdueCommand,
  qualityCommand,
  policyCommands,
  codeListCommands,
  referenceCommands,
  correctionCommands,
  recoveryCommands,
  bundleCommands,
]) {
  add(program, process.env);
}

await runProgram(program, explain);
endProgram();
