/** `code-lists`, `code-lists show`, `code-lists publish`. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { CodeEntry, CodeList } from '@lienthong/shared-schema/code-lists/code-list.ts';
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import { readCodeLists } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { listCodeLists } from '../db/code-lists.ts';
import { HubError } from '../errors.ts';
import { openHubContext, openSoundHub } from '../hub.ts';
import { type CodeListPublished, publishCodeList } from '../sync/publish-code-list.ts';

export function codeListCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  const lists = program
    .command('code-lists')
    .description('print the code lists in force, or publish a new version of one')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const shown = await listCodeLists(hub.database.db, hanoiDay(hub.now().getTime()));
      const rows = shown.map((one) => [
        one.name,
        String(one.version),
        String(one.entries),
        String(one.inForce),
        one.publishedOn ?? 'with the software',
        one.vi,
      ]);
      const head = ['LIST', 'VERSION', 'ENTRIES', 'IN FORCE', 'PUBLISHED', 'NAME'];
      printAnswer({ json: { lists: shown }, lines: table([head, ...rows]) }, json());
    });

  lists
    .command('show')
    .argument('<name>', 'such as DVHC')
    .description('print the version in force as a file that `publish` reads')
    .action(async (name: string) => {
      await using hub = await openHubContext(readHubConfig(env));
      const [list] = await readCodeLists(hub.database.db, name);
      if (list === undefined) throw new HubError('HUB_CODE_LIST_UNKNOWN', { detail: name });
      printAnswer({ json: list, lines: fileLines(list) }, json());
    });

  lists
    .command('publish')
    .argument('<file>', 'JSON as `show` prints it, its version one higher')
    .option('--dry-run', 'say what would change, and change nothing')
    .description('check, sign and publish the next version of a list')
    .action(async (file: string, options: { dryRun?: boolean }) => {
      // npm runs scripts in the top folder; a path is meant from where the command was typed
      const document = await documentOf(resolve(env['INIT_CWD'] ?? '.', file));
      // a version that was given before would come down the feeds once more, with other bytes
      await using hub = await openSoundHub(readHubConfig(env));
      const result = await publishCodeList(hub, document, options);
      printAnswer({ json: result, lines: resultLines(result, options.dryRun === true) }, json());
    });
}

async function documentOf(file: string): Promise<unknown> {
  try {
    const document: unknown = JSON.parse(await readFile(file, 'utf8'));
    return document;
  } catch (cause) {
    const detail = cause instanceof SyntaxError ? 'the file is no JSON' : `${file} cannot be read`;
    throw new HubError('HUB_CODE_LIST_INVALID', { cause, detail });
  }
}

/** One entry a line, as the lists lie in `shared-schema/code-lists`. */
function fileLines({ entries, ...head }: CodeList): readonly string[] {
  return [
    `${JSON.stringify(head).slice(0, -1)},"entries":[`,
    ...entries.map((entry, i) => `  ${JSON.stringify(entry)}${i + 1 < entries.length ? ',' : ''}`),
    ']}',
  ];
}

function resultLines(result: CodeListPublished, dryRun: boolean): readonly string[] {
  const { name, version, changes, stored } = result;
  const lines = [
    ...changes.added.map((entry) => `added: ${said(entry)}`),
    ...changes.closed.map((entry) => `closed: ${said(entry)}`),
    ...changes.changed.map((entry) => `changed: ${said(entry)}`),
  ];
  if (dryRun) return [...lines, `Nothing was changed; version ${version} of ${name} is in force.`];
  if (!stored)
    return [`The file says what version ${version} of ${name} says: nothing was stored.`];
  return [
    ...lines,
    `Version ${version} of ${name} is in force and on ${result.feeds} feeds; ` +
      `${result.askedFor} records that were held back for its codes are asked for again.`,
  ];
}

const said = ({ code, vi, from, to, successor }: CodeEntry): string =>
  `${code} ${vi}, ${from ?? '…'} to ${to ?? '…'}` +
  (successor === undefined ? '' : `, then ${successor}`);
