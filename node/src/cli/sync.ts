/** `sync`, `status`, `verify`. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openVerdicts } from '../db/mirror.ts';
import { countNode } from '../db/status.ts';
import { openEnrolledNode, openNodeContext } from '../node.ts';
import { synchronise } from '../sync/synchronise.ts';
import { verifyState } from '../sync/verify.ts';
import { progressReporter } from './progress.ts';
import { seconds } from './run.ts';
import { verdictLines, verdictsForPeople } from './verdicts.ts';

const proofSeconds = 120;
const retrySeconds = 30;

export function syncCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('sync')
    .description('send all changes, receive the feed, end with the proof of a round trip')
    .option('--proof-timeout <seconds>', 'how long to wait for the proof', seconds, proofSeconds)
    .option(
      '--retry-for <seconds>',
      'how long to go on trying while the hub is away or busy',
      seconds,
      retrySeconds,
    )
    .action(async (options: { proofTimeout: number; retryFor: number }) => {
      await using node = await openEnrolledNode(readNodeConfig(env));
      const report = progressReporter(json());
      const result = await synchronise(node, {
        proofTimeoutMs: options.proofTimeout * 1_000,
        retryMs: options.retryFor * 1_000,
        onProgress: report.tell,
      });
      report.end();
      const verdicts = verdictsForPeople(await openVerdicts(node.database.db));
      printAnswer(
        {
          json: { agency: node.agency, ...result, openVerdicts: verdicts },
          lines: [
            `${result.recordsSealed} records in ${result.batchesSent} batches sent, ` +
              `${result.feedEntries} feed entries received; the round trip is proved.`,
            ...verdictLines(verdicts),
          ],
        },
        json(),
      );
    });

  program
    .command('status')
    .description('what waits, what the hub refused, when the last round trip was proved')
    .action(async () => {
      await using node = await openNodeContext(readNodeConfig(env));
      const counts = await countNode(node.database.db);
      const verdicts = verdictsForPeople(await openVerdicts(node.database.db));
      const { proofAt, feedCursor, ...numbers } = counts;
      printAnswer(
        {
          json: { agency: node.agency, ...counts, verdicts },
          lines: [
            `agency: ${node.agency}`,
            ...Object.entries(numbers).map(([name, value]) => `${name}: ${value}`),
            `feedCursor: ${feedCursor}`,
            `last proof of a round trip: ${proofAt?.toISOString() ?? 'never'}`,
            ...verdictLines(verdicts),
          ],
        },
        json(),
      );
    });

  program
    .command('verify')
    .description("compare the unit's tables, the mirror and the hub by digests")
    .action(async () => {
      await using node = await openEnrolledNode(readNodeConfig(env));
      const result = await verifyState(node);
      const lines = result.comparable
        ? [
            `${result.rows} rows at the hub; hub equals node: ${yesNo(result.hubEqualsNode)}; ` +
              `mirror equals hub: ${yesNo(result.mirrorEqualsHub)}; held back: ${result.heldBack}.`,
            ...result.differing,
          ]
        : ['Changes are under way between node and hub: run sync, then verify again.'];
      printAnswer({ json: { agency: node.agency, ...result }, lines }, json());
      if (!result.hubEqualsNode || !result.mirrorEqualsHub) process.exitCode = exitCodes.failed;
    });
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'NO');
