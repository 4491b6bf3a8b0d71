/** `npm run node -- <command>`: the list of the node's commands. */
import { endProgram } from '@lienthong/shared-schema/runtime/end-program.ts';
import { runProgram } from '@lienthong/shared-schema/runtime/run-program.ts';
import { Command } from 'commander';

import { bundleCommands } from './bundle.ts';
import { checkCommand } from './check.ts';
import { codeListCommand } from './code-lists.ts';
import { correctionCommands } from './corrections.ts';
import { explain } from './explain.ts';
import { importCommand } from './import.ts';
import { intakeCommands } from './intake.ts';
import { keyCommands } from './keys.ts';
import { lifeCommands } from './life.ts';
import { mappingsCommand } from './mappings.ts';
import { overdueCommand } from './overdue.ts';
import { qualityCommand } from './quality.ts';
import { rejoinCommand } from './rejoin.ts';
import { runCommands } from './run.ts';
import { syncCommands } from './sync.ts';
import { taskCommand } from './tasks.ts';
import { verifyCommand } from './verify.ts';

const program = new Command('node')
  .description("A unit's node of Liên Thông")
  .option('--json', 'answer with one JSON object');
for (const add of [
  runCommands,
  importCommand,
  intakeCommands,
  lifeCommands,
  taskCommand,
  overdueCommand,
  qualityCommand,
  correctionCommands,
  mappingsCommand,
  codeListCommand,
  checkCommand,
  syncCommands,
  verifyCommand,
  rejoinCommand,
  bundleCommands,
  keyCommands,
])
  add(program, process.env);

await runProgram(program, explain);
endProgram();
