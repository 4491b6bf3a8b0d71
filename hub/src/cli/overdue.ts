/** `overdue`: how late the changes of the units came. */
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

import { readHubConfig } from '../config.ts';
import { openHubContext } from '../hub.ts';
import { countOverdue, listOverdue } from '../sync/overdue.ts';
import { pageLimit } from './page-limit.ts';

type Flags = {
  readonly list?: DueState;
  readonly after?: DuePage['after'];
  readonly limit: number;
};

function cursor(text: string): NonNullable<DuePage['after']> {
  const found = readDueCursor(text);
  if (found === undefined) throw new InvalidArgumentError('it is the cursor of another list.');
  return found;
}

export function overdueCommand(program: Command, env: Environment): void {
  program
    .command('overdue')
    .argument('[agency]', 'only of this unit')
    .addOption(new Option('--list <state>', 'the changes one by one').choices(['overdue', 'late']))
    .option('--after <cursor>', 'the next page, by the cursor that the last one ended with', cursor)
    .option('--limit <changes>', 'on a page', pageLimit, 100)
    .description('which changes of the units came late, and which are refused beyond their due day')
    .action(async (agency: string | undefined, { list, after, limit }: Flags) => {
      await using hub = await openHubContext(readHubConfig(env));
      const counts = await countOverdue(hub, agency);
      const changes =
        list === undefined ? [] : await listOverdue(hub, { agency, state: list, after, limit });
      const lines = list === undefined ? dueLines(counts) : duePageLines(changes, limit);
      const json = program.opts<{ json?: boolean }>().json === true;
      printAnswer({ json: { counts, changes, next: nextDuePage(changes, limit) }, lines }, json);
    });
}
