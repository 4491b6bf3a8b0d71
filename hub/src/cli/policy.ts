/** `policy`, `policy set`. */

import { readFile } from 'node:fs/promises';

import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { HubError } from '../errors.ts';
import { openHubContext, openSoundHub } from '../hub.ts';
import { readPolicyFile } from '../sync/policy-file.ts';
import { type PolicySet, setPolicy, showPolicy } from '../sync/set-policy.ts';

export function policyCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  const policy = program
    .command('policy')
    .description('print how far each section travels, or set it')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const shown = await showPolicy(hub);
      const rows = shown.sections.map((one) => [one.section, one.ceiling, one.reach, one.fixed]);
      const head = ['SECTION', 'CEILING', 'REACH', 'CANNOT BE NARROWED SINCE'];
      const since = shown.asOf === '' ? 'the shipped default' : `in force since ${shown.asOf}`;
      const lines = [`Version ${shown.version}, ${since}.`, ...table([head, ...rows])];
      printAnswer({ json: shown, lines }, json());
    });

  policy
    .command('set')
    .argument('<file>', 'JSON: {"reaches": {"section": "national" | "sealed" | "unit"}}')
    .option('--dry-run', 'say what would go, and change nothing')
    .description(
      'narrow sections below their ceiling, or set them back; the file is the whole table',
    )
    .action(async (file: string, options: { dryRun?: boolean }) => {
      const wanted = readPolicyFile(await textOf(file));
      // a version that was given before would come down the feeds once more, with other bytes
      await using hub = await openSoundHub(readHubConfig(env));
      const result = await setPolicy(hub, wanted, options);
      printAnswer({ json: result, lines: linesOf(result, options.dryRun === true) }, json());
    });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HubError('HUB_POLICY_INVALID', { cause, detail: `${file} cannot be read` });
  }
}

function linesOf(result: PolicySet, dryRun: boolean): readonly string[] {
  if (result.changes.length === 0 && !result.stored) {
    return [`The file says what version ${result.version} says: nothing was stored.`];
  }
  const [goes, asked] = dryRun
    ? ['would go from the hub', 'would be asked for again']
    : ['went from the hub', 'are asked for again'];
  const lines = result.changes.map(({ section, from, to, rows, units }) => {
    const what =
      from === 'unit' || to === 'national' ? asked : `${rows} rows of ${units} units ${goes}`;
    return `${section}: ${from} to ${to}, ${what}`;
  });
  const last = dryRun
    ? `Nothing was changed; version ${result.version} is in force.`
    : `Version ${result.version} is in force and on ${result.feeds} feeds.`;
  return [...lines, last];
}
