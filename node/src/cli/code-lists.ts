/** `code-lists`: the lists in force here, and the records that hold what they do not allow. */
import type { CodeEntry } from '@lienthong/shared-schema/code-lists/code-list.ts';
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import { readCodeLists } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { listCodeLists } from '../db/code-lists.ts';
import { NodeError } from '../errors.ts';
import { openNodeContext } from '../node.ts';
import {
  acknowledgeCodeList,
  codeListImpact,
  holdersPage,
  type Impact,
  settleCodeListTasks,
} from '../sync/code-list-impact.ts';
import type { NodeContext } from '../sync/context.ts';
import { pageLimit } from './intake-arguments.ts';

type Flags = {
  readonly impact?: boolean;
  readonly after?: string;
  readonly limit: number;
  readonly acknowledge?: string;
};

type Answer = Parameters<typeof printAnswer>[0];

export function codeListCommand(program: Command, env: Environment): void {
  program
    .command('code-lists')
    .argument('[name]', 'such as DVHC; all lists where it is left out')
    .option('--impact', 'count the records that hold a closed or unknown value, and name them')
    .option(
      '--after <cursor>',
      'the next page of records, by the cursor that the last one ended with',
    )
    .option('--limit <records>', 'records on a page, 10000 at most', pageLimit, holdersPage)
    .option('--acknowledge <by>', 'the task of this list is seen to: by whom')
    .description('the code lists in force, and the records that they concern')
    .action(async (name: string | undefined, flags: Flags) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const answer = await answerOf(node, name, flags);
      printAnswer(answer, program.opts<{ json?: boolean }>().json === true);
    });
}

async function answerOf(
  node: NodeContext,
  name: string | undefined,
  flags: Flags,
): Promise<Answer> {
  if (name !== undefined && flags.acknowledge !== undefined) {
    await acknowledgeCodeList(node, name, flags.acknowledge);
    const lines = [`The task of ${name} is acknowledged by ${flags.acknowledge}.`];
    return { json: { list: name, acknowledgedBy: flags.acknowledge }, lines };
  }
  if (flags.impact === true) {
    await settleCodeListTasks(node, 'open');
    const { after, limit } = flags;
    const impact = await codeListImpact(node, { list: name, after, limit });
    return { json: impact, lines: impactLines(impact) };
  }
  return name === undefined ? overview(node) : entriesOf(node, name);
}

async function overview(node: NodeContext): Promise<Answer> {
  const lists = await listCodeLists(node.database.db, hanoiDay(node.now().getTime()));
  const head = ['LIST', 'VERSION', 'ENTRIES', 'IN FORCE', 'FROM', 'NAME'];
  const rows = lists.map((one) => [
    one.name,
    String(one.version),
    String(one.entries),
    String(one.inForce),
    one.published ? 'the hub' : 'the software',
    one.vi,
  ]);
  return { json: { lists }, lines: table([head, ...rows]) };
}

async function entriesOf(node: NodeContext, name: string): Promise<Answer> {
  const [list] = await readCodeLists(node.database.db, name);
  if (list === undefined) throw new NodeError('NODE_CODE_LIST_UNKNOWN', { detail: name });
  const { vi, version, source, entries } = list;
  const head = ['CODE', 'NAME', 'FROM', 'TO', 'THEN'];
  return {
    json: list,
    lines: [`${name}, ${vi}, version ${version}. ${source}`, ...table([head, ...entries.map(row)])],
  };
}

const row = ({ code, vi, from, to, successor }: CodeEntry): readonly string[] => [
  code,
  vi,
  from ?? '',
  to ?? '',
  successor ?? '',
];

function impactLines({ counts, holders, next }: Impact): readonly string[] {
  if (counts.length === 0) return ['No record holds a code that is closed or unknown.'];
  const head = ['RECORDS', 'LIST', 'CODE', 'NAME', 'FIELD', 'STANDING', 'CLOSED', 'THEN'];
  const rows = counts.map((one) => [
    String(one.records),
    one.list,
    one.code,
    one.vi ?? '',
    `${one.section}.${one.field}`,
    one.standing,
    one.closedOn ?? '',
    one.successor ?? '',
  ]);
  return [
    ...table([head, ...rows]),
    '',
    ...table([
      ['RECORD', 'LIST', 'CODE', 'FIELD'],
      ...holders.map((one) => [one.recordId, one.list, one.code, `${one.section}.${one.field}`]),
    ]),
    ...(next === undefined ? [] : [`More follow: --after ${next}`]),
  ];
}
