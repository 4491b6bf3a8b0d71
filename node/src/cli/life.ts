/** `close`, `reopen`: the life of a person's record. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { parseVietnameseDate } from '@lienthong/shared-schema/text/partial-date.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openNodeContext } from '../node.ts';
import { closePerson, type LifeResult, reopenPerson } from '../sync/record-life.ts';
import { decider, recordName } from './intake-arguments.ts';

type CloseFlags = {
  readonly status: string;
  readonly date: string;
  readonly decision?: string;
  readonly as?: string;
};

export function lifeCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;
  const answer = (result: LifeResult, changed: string, same: string): void => {
    const line = `Record ${result.recordId} ${result.changed ? changed : same}.`;
    printAnswer({ json: result, lines: [line] }, json());
  };

  program
    .command('close')
    .argument('<record>', 'identifier of the record, or the 12-digit number', recordName)
    .requiredOption('--status <code>', '2 left, 3 retired, 4 transferred, 5 deceased')
    .requiredOption('--date <date>', 'since when: a day, month or year')
    .option('--decision <text>', 'number and date of the decision')
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description('close the record of a person who left, retired, was transferred or died')
    .action(async (record: string, flags: CloseFlags, command: Command) => {
      const by = decider(flags.as, command);
      await using node = await openNodeContext(readNodeConfig(env));
      const result = await closePerson(node.database, {
        record,
        by,
        today: hanoiDay(node.now().getTime()),
        closing: {
          status: flags.status,
          date: parseVietnameseDate(flags.date) ?? flags.date,
          decision: flags.decision?.normalize('NFC') ?? null,
        },
      });
      answer(result, 'is closed', 'was closed so already');
    });

  program
    .command('reopen')
    .argument('<record>', 'identifier of the record, or the 12-digit number', recordName)
    .option('--reason <text>', 'kept in the journal')
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description('make a closed record active again: the person came back')
    .action(async (record: string, flags: { reason?: string; as?: string }, command: Command) => {
      const by = decider(flags.as, command);
      await using node = await openNodeContext(readNodeConfig(env));
      const result = await reopenPerson(node.database, { record, by, reason: flags.reason });
      answer(result, 'is active again', 'was active already');
    });
}
