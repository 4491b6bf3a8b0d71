/** `intake …`: the review of what came in, and records that are taken out or put back. */
import { type Answer, printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import type { RowKind } from '../db/intake.ts';
import type { RowKey } from '../db/publish-pick.ts';
import { NodeError } from '../errors.ts';
import { openNodeContext } from '../node.ts';
import { ageOut } from '../sync/age-out.ts';
import type { NodeContext } from '../sync/context.ts';
import { recheckImport } from '../sync/recheck-import.ts';
import { publishReviewed, rejectReviewed, type Selection, takeUpReviewed } from '../sync/review.ts';
import {
  type Answering,
  dayArgument,
  decider,
  identifier,
  kindOption,
  rowKeys,
} from './intake-arguments.ts';
import { pastLines, publicationLines } from './intake-lines.ts';
import { readingCommands } from './intake-read.ts';
import { removedCommands } from './removed.ts';

type SelectionFlags = {
  readonly all?: boolean;
  readonly unit?: string;
  readonly finding?: string;
  readonly kind?: RowKind;
};
type DecisionFlags = SelectionFlags & { readonly as?: string; readonly reason?: string };

export function intakeCommands(program: Command, env: Environment): void {
  const intake = program.command('intake').description('look at what came in, and decide about it');
  const answering = async (work: (node: NodeContext) => Promise<Answer>): Promise<void> => {
    await using node = await openNodeContext(readNodeConfig(env));
    printAnswer(await work(node), program.opts<{ json?: boolean }>().json === true);
  };

  readingCommands(intake, answering);
  decidingCommands(intake, answering);
  keepingCommands(intake, answering);
  removedCommands(intake, answering);
}

/** `verb IMPORT [ROW…]` with the options that say which rows and who decides. */
function decision(intake: Command, verb: string, description: string): Command {
  return intake
    .command(verb)
    .argument('<import>', undefined, identifier)
    .argument('[rows...]', 'sheet and row, such as "Danh sách:12"', rowKeys)
    .option('--all', 'all rows of the import that are so far')
    .option('--unit <code>', 'those of this unit and the units below it')
    .option('--finding <code>', 'those with this finding')
    .addOption(kindOption())
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description(description);
}

function decidingCommands(intake: Command, answering: Answering): void {
  decision(intake, 'publish', 'write rows that wait into the records of the unit')
    .option('--reason <text>', 'kept with the rows')
    .option('--if-unchanged', 'leave rows whose record changed since they were judged')
    .option('--correct-closed', 'what differs from closed records is a correction')
    .action(
      (
        importId: string,
        rows: readonly RowKey[] | undefined,
        flags: PublishFlags,
        command: Command,
      ) =>
        answering(async ({ database }) => {
          const done = await publishReviewed(database, {
            ...decided(importId, rows, flags, command),
            reason: flags.reason,
            ifUnchanged: flags.ifUnchanged,
            correctsClosed: flags.correctClosed,
          });
          const held = Object.values(done.held).some((one) => one > 0);
          if (held || done.past.length > 0) process.exitCode = exitCodes.failed;
          return { json: done, lines: [...publicationLines(done), ...pastLines(done.past)] };
        }),
    );

  decision(intake, 'reject', 'set rows aside, with a reason; they stay and may be taken up again')
    .requiredOption('--reason <text>', 'why, for whoever sent the row')
    .action(
      (
        importId: string,
        rows: readonly RowKey[] | undefined,
        flags: RejectFlags,
        command: Command,
      ) =>
        answering(async ({ database }) => {
          const { reason } = flags;
          const done = await rejectReviewed(database, {
            ...decided(importId, rows, flags, command),
            reason,
          });
          if (done.past.length > 0) process.exitCode = exitCodes.failed;
          return {
            json: done,
            lines: [`${done.rows} rows are rejected.`, ...pastLines(done.past)],
          };
        }),
    );

  decision(intake, 'take-up', 'look at rejected rows again: they wait, or are refused as before')
    .option('--reason <text>', 'kept in the journal')
    .action(
      (
        importId: string,
        rows: readonly RowKey[] | undefined,
        flags: DecisionFlags,
        command: Command,
      ) =>
        answering(async ({ database }) => {
          const { reason } = flags;
          const done = await takeUpReviewed(database, {
            ...decided(importId, rows, flags, command),
            reason,
          });
          if (done.past.length > 0) process.exitCode = exitCodes.failed;
          return {
            json: done,
            lines: [`${done.rows} rows are taken up.`, ...pastLines(done.past)],
          };
        }),
    );
}

type PublishFlags = DecisionFlags & {
  readonly ifUnchanged?: boolean;
  readonly correctClosed?: boolean;
};
type RejectFlags = SelectionFlags & { readonly as?: string; readonly reason: string };

/** Throws NODE_SELECTION_EMPTY: nobody decides about everything by forgetting an argument. */
function decided(
  importId: string,
  rows: readonly RowKey[] | undefined,
  { all, unit, finding, kind, as }: DecisionFlags,
  command: Command,
): { readonly importId: string; readonly selection: Selection; readonly by: string } {
  const by = decider(as, command);
  if (rows !== undefined && rows.length > 0) return { importId, by, selection: { rows } };
  if (all !== true && unit === undefined && finding === undefined && kind === undefined) {
    throw new NodeError('NODE_SELECTION_EMPTY');
  }
  return { importId, by, selection: { unit, finding, kind } };
}

function keepingCommands(intake: Command, answering: Answering): void {
  intake
    .command('recheck')
    .argument('<import>', undefined, identifier)
    .option('--as <name>', 'who asks for it; by default the user of the operating system')
    .description("judge the open rows of a file again, with today's code lists, mappings and tree")
    .action((importId: string, flags: { as?: string }, command: Command) =>
      answering(async ({ database, agency, now }) => {
        const by = decider(flags.as, command);
        const today = hanoiDay(now().getTime());
        const done = await recheckImport(database, { importId, agency, today, by });
        const { before, after } = done;
        const line =
          `waiting ${before.waiting} → ${after.waiting}, ` +
          `refused ${before.refused} → ${after.refused}.`;
        return { json: done, lines: [line] };
      }),
    );

  intake
    .command('age-out')
    .requiredOption('--before <day>', 'imports that began before this day, YYYY-MM-DD', dayArgument)
    .option('--dry-run', 'only count')
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description('delete rows that are published, changed nothing or were replaced; counts stay')
    .action((flags: { before: string; dryRun?: boolean; as?: string }, command: Command) =>
      answering(async ({ database }) => {
        const by = decider(flags.as, command);
        const dryRun = flags.dryRun === true;
        const gone = await ageOut(database, { before: flags.before, by, dryRun });
        const states = Object.entries(gone.states).map(([state, rows]) => `${state} ${rows}`);
        const verb = dryRun ? 'would be' : 'are';
        const line = `Rows of ${gone.imports} imports ${verb} deleted: ${states.join(', ') || 'none'}.`;
        return { json: gone, lines: [line] };
      }),
    );
}
