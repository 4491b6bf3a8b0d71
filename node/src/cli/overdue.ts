/** `overdue`: changes that are not at the hub although their due day is over, and those that came late. */
import { decreeSince } from '@lienthong/shared-schema/calendar/due-table.ts';
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import type { DuePage, DueState } from '@lienthong/shared-schema/runtime/due-changes.ts';
import {
  dueLines,
  duePageLines,
  nextDuePage,
  readDueCursor,
} from '@lienthong/shared-schema/runtime/due-lines.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { readNodeConfig } from '../config.ts';
import { setLiveSince } from '../db/live-since.ts';
import { openNodeContext } from '../node.ts';
import { countOverdue, listOverdue } from '../sync/overdue.ts';
import { dayArgument, pageLimit } from './intake-arguments.ts';

type Flags = {
  readonly list?: DueState;
  readonly after?: DuePage['after'];
  readonly limit: number;
  readonly liveSince?: string;
};

function cursor(text: string): NonNullable<DuePage['after']> {
  const found = readDueCursor(text);
  if (found === undefined) throw new InvalidArgumentError('it is the cursor of another list.');
  return found;
}

function liveDay(text: string): string {
  const day = dayArgument(text);
  if (day < decreeSince) throw new InvalidArgumentError(`nothing is due before ${decreeSince}.`);
  return day;
}

export function overdueCommand(program: Command, env: Environment): void {
  program
    .command('overdue')
    .argument('[unit]', 'only of this unit and those below it')
    .addOption(new Option('--list <state>', 'the changes one by one').choices(['overdue', 'late']))
    .option('--after <cursor>', 'the next page, by the cursor that the last one ended with', cursor)
    .option('--limit <changes>', 'on a page', pageLimit, 100)
    .option('--live-since <day>', 'what was noted or happened before is old data', liveDay)
    .description('what is not at the hub although its due day is over, and what came late')
    .action(async (unit: string | undefined, { list, after, limit, liveSince }: Flags) => {
      await using node = await openNodeContext(readNodeConfig(env));
      if (liveSince !== undefined) await setLiveSince(node.database.db, liveSince);
      const found = await countOverdue(node, { unit });
      const changes =
        list === undefined ? [] : await listOverdue(node, { unit, state: list, after, limit });
      const json = program.opts<{ json?: boolean }>().json === true;
      printAnswer(
        {
          json: { ...found, changes, next: nextDuePage(changes, limit) },
          lines: [
            found.liveSince === null
              ? 'The unit is not live: nothing has a due day before the first proof of a round trip.'
              : `live since ${found.liveSince}`,
            ...(list === undefined ? dueLines(found.counts) : duePageLines(changes, limit)),
          ],
        },
        json,
      );
    });
}
