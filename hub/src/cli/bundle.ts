/** `import-bundle`, `export-bundle`: what a unit without a network brings on a medium, and gets back. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { openSoundHub } from '../hub.ts';
import { exportAnswer } from '../sync/export-bundle.ts';
import { importBundle, type ImportedBundle } from '../sync/import-bundle.ts';

export function bundleCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('import-bundle')
    .argument('<file>', 'the bundle that a unit exported')
    .description('receive and apply what a unit brought on a medium')
    .action(async (path: string) => {
      await using hub = await openSoundHub(readHubConfig(env));
      const taken = await importBundle(hub, path);
      printAnswer({ json: taken, lines: importLines(taken) }, json());
      if (taken.refused.length > 0) process.exitCode = exitCodes.failed;
    });

  program
    .command('export-bundle')
    .argument('<agency>', 'level-1 agency code, such as H52')
    .argument('<file>', 'where to write it, such as a file on a medium')
    .option('--force', 'replace a file of this name')
    .description('write what the unit gets back into a file, after import-bundle')
    .action(async (agency: string, path: string, options: { force?: boolean }) => {
      await using hub = await openSoundHub(readHubConfig(env));
      const made = await exportAnswer(hub, agency, { path, force: options.force === true });
      const { replies, feedPages, bytes } = made;
      printAnswer(
        {
          json: made,
          lines: [
            `Bundle ${made.bundle} answers ${made.answers}: ${replies} replies, ${feedPages} feed pages, ${bytes} bytes.`,
            'Bring it to the unit: npm run node -- import-bundle FILE',
          ],
        },
        json(),
      );
    });
}

function importLines(taken: ImportedBundle): readonly string[] {
  const { agency, bundle, again, late, batches, receipted, relation, refused, applied } = taken;
  const next = `Answer it: npm run hub -- export-bundle ${agency} FILE`;
  if (again) return [`Bundle ${bundle} of ${agency} was imported before: nothing was done.`, next];
  return [
    `Bundle ${bundle} of ${agency}: ${receipted} of ${batches} batches have their receipt, ${applied} applied.`,
    late
      ? 'It came late: the unit has been welcomed anew since it was made.'
      : relation === ''
        ? 'Its hello was not answered: see `npm run hub -- status`.'
        : `The hub says to its hello: ${relation}.`,
    ...refused.map((one) => `Refused, and the rest taken: ${one}.`),
    next,
  ];
}
