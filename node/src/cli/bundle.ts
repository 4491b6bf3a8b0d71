/** `export-bundle`, `import-bundle`: the same exchange as `sync`, on a medium. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openVerdicts } from '../db/mirror.ts';
import { openEnrolledNode } from '../node.ts';
import { exportBundle } from '../sync/export-bundle.ts';
import { importAnswer } from '../sync/import-bundle.ts';
import { verdictLines, verdictsForPeople } from './verdicts.ts';

export function bundleCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('export-bundle')
    .argument('<file>', 'where to write it, such as a file on a medium')
    .option('--force', 'replace a file of this name')
    .description('write all changes into a file for the hub, where there is no network')
    .action(async (path: string, options: { force?: boolean }) => {
      await using node = await openEnrolledNode(readNodeConfig(env));
      const made = await exportBundle(node, { path, force: options.force === true });
      const waits = "What has changed waits until the hub's answer to a bundle is imported here.";
      printAnswer(
        {
          json: made,
          lines: [
            `Bundle ${made.bundle}: ${made.recordsSealed} records sealed, ${made.batches} batches, ${made.bytes} bytes.`,
            ...(made.sealed ? [] : [waits]),
            'Bring it to the hub: npm run hub -- import-bundle FILE',
          ],
        },
        json(),
      );
    });

  program
    .command('import-bundle')
    .argument('<file>', 'the bundle that the hub exported for this unit')
    .description('take the receipts, verdicts and feed that the hub answered on a medium')
    .action(async (path: string) => {
      await using node = await openEnrolledNode(readNodeConfig(env));
      const taken = await importAnswer(node, path);
      const verdicts = verdictsForPeople(await openVerdicts(node.database.db));
      printAnswer(
        {
          json: { ...taken, openVerdicts: verdicts },
          lines: [
            `${taken.receipts} receipts, ${taken.feedEntries} feed entries; ${taken.unreceipted} batches wait for a receipt.`,
            taken.welcomed
              ? 'The hub has welcomed this node: export-bundle seals what has changed.'
              : 'It has no welcome that this node waited for.',
            `last proof of a round trip: ${taken.proofAt?.toISOString() ?? 'never'}`,
            ...verdictLines(verdicts),
          ],
        },
        json(),
      );
    });
}
