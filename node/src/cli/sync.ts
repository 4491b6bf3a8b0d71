/** `sync`, `status`. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { sumDue } from '@lienthong/shared-schema/runtime/due-lines.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openVerdicts } from '../db/mirror.ts';
import { countNode } from '../db/status.ts';
import { type LastVerification, lastVerification } from '../db/verifications.ts';
import { openEnrolledNode, openNodeContext } from '../node.ts';
import { settleCodeListTasks } from '../sync/code-list-impact.ts';
import { countOverdue } from '../sync/overdue.ts';
import { policyStatus } from '../sync/policy-status.ts';
import { synchronise } from '../sync/synchronise.ts';
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
      const policy = await policyStatus(node.database.db);
      const verified = (await lastVerification(node.database.db)) ?? null;
      const codeListTasks = await settleCodeListTasks(node, 'open');
      const deadlines = sumDue((await countOverdue(node)).counts);
      const { proofAt, feedCursor, ...numbers } = counts;
      printAnswer(
        {
          json: {
            agency: node.agency,
            ...counts,
            ...policy,
            codeListTasks,
            deadlines,
            lastVerification: verified,
            verdicts,
          },
          lines: [
            `agency: ${node.agency}`,
            ...Object.entries(numbers).map(([name, value]) => `${name}: ${value}`),
            `feedCursor: ${feedCursor}`,
            `policyVersion: ${policy.policyVersion}`,
            ...Object.entries(policy.narrowed).map(
              ([name, reach]) => `narrowed: ${name} to ${reach}`,
            ),
            `overdue at the hub: ${deadlines.overdue}, came late: ${deadlines.late}`,
            ...codeListTasks.map(
              ({ list, version, holders }) =>
                `code list ${list}, version ${version}: ${holders ?? 0n} records hold closed or unknown ` +
                `values, see \`npm run node -- code-lists ${list} --impact\``,
            ),
            `last proof of a round trip: ${proofAt?.toISOString() ?? 'never'}`,
            `last verification: ${verificationLine(verified)}`,
            ...verdictLines(verdicts),
          ],
        },
        json(),
      );
    });
}

function verificationLine(last: LastVerification | null): string {
  if (last === null) return 'never';
  const confirmed = last.confirmed ? 'confirmed' : 'not confirmed';
  return (
    `${last.madeAt.toISOString()}, ${last.differing} records differing, ` +
    `${last.heldBack} held back, ${confirmed} by the hub`
  );
}
