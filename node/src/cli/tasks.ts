/** `tasks`: what waits for people, in one list. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { readNodeConfig } from '../config.ts';
import { countTasks, listTasks, type TaskKind, taskKinds, type TaskPage } from '../db/tasks.ts';
import { openNodeContext } from '../node.ts';
import { pageLimit } from './intake-arguments.ts';

const pageTasks = 100;

/** `KIND SUBJECT`, as a page ends with. */
function taskCursor(text: string): NonNullable<TaskPage['after']> {
  const kind = taskKinds.find((one) => text.startsWith(`${one} `));
  if (kind === undefined) throw new InvalidArgumentError('it is the cursor of another list.');
  return { kind, subject: text.slice(kind.length + 1) };
}

type TaskFlags = {
  readonly kind?: TaskKind;
  readonly after?: TaskPage['after'];
  readonly limit: number;
};

export function taskCommand(program: Command, env: Environment): void {
  program
    .command('tasks')
    .addOption(new Option('--kind <kind>', 'only these').choices([...taskKinds]))
    .option(
      '--after <cursor>',
      'the next page, by the cursor that the last one ended with',
      taskCursor,
    )
    .option('--limit <tasks>', 'on a page', pageLimit, pageTasks)
    .description(
      'what waits for people: refused records, rows to review or mend, code lists, corrections, what is overdue',
    )
    .action(async ({ kind, after, limit }: TaskFlags) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const counts = await countTasks(node.database.db);
      const kinds = kind === undefined ? undefined : [kind];
      const tasks = await listTasks(node.database.db, { kinds, after, limit });
      const last = tasks.length < limit ? undefined : tasks.at(-1);
      const next = last === undefined ? null : `${last.kind} ${last.subject}`;
      const rows = tasks.map((task) => [
        task.kind,
        task.subject,
        task.since.toISOString(),
        task.due?.toISOString() ?? '-',
        task.codes.join(', '),
      ]);
      const lines = [
        Object.entries(counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
        ...(rows.length === 0
          ? []
          : table([['KIND', 'SUBJECT', 'SINCE', 'DUE', 'CODES'], ...rows])),
        ...(next === null ? [] : [`more: --after "${next}"`]),
      ];
      const json = program.opts<{ json?: boolean }>().json === true;
      printAnswer({ json: { counts, tasks, next }, lines }, json);
    });
}
