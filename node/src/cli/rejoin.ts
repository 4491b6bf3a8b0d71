/** `rejoin`: a node that was restored, or lost against its clone, takes over what the hub has. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openEnrolledNode } from '../node.ts';
import { rejoin, type RejoinResult } from '../sync/rejoin.ts';
import { verifyAfterSync } from '../sync/repair.ts';
import { synchronise } from '../sync/synchronise.ts';

const proofTimeoutMs = 120_000;
const retryMs = 30_000;

export function rejoinCommand(program: Command, env: Environment): void {
  program
    .command('rejoin')
    .option('--dry-run', 'only say what would happen; nothing is changed')
    .description('after a restore of this node: take over what the hub has, then sync and verify')
    .action(async (flags: { dryRun?: boolean }, command: Command) => {
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      const dryRun = flags.dryRun === true;
      await using node = await openEnrolledNode(readNodeConfig(env));
      const result = await rejoin(node, {
        dryRun,
        onBatch: ({ done, total }) => {
          if (!asJson) process.stderr.write(`batch ${done}/${total}\n`);
        },
      });
      const said = { agency: node.agency, dryRun, ...result };
      if (dryRun || !result.needed) {
        printAnswer({ json: said, lines: resultLines(result, dryRun) }, asJson);
        return;
      }
      await synchronise(node, { proofTimeoutMs, retryMs });
      const { hubEqualsNode, mirrorEqualsHub } = await verifyAfterSync(node);
      const equal = hubEqualsNode && mirrorEqualsHub;
      const lines = [
        ...resultLines(result, dryRun),
        equal
          ? 'Node, hub and mirror are equal.'
          : 'The sides are not equal yet: run sync, then verify.',
      ];
      printAnswer({ json: { ...said, equal }, lines }, asJson);
      if (!equal) process.exitCode = exitCodes.failed;
    });
}

function resultLines(result: RejoinResult, dryRun: boolean): readonly string[] {
  if (!result.needed) return ['The hub has nothing that this node lacks: there is nothing to do.'];
  const { needed: _, ...numbers } = result;
  return [
    dryRun ? 'Nothing was changed. This would happen:' : 'Done:',
    ...Object.entries(numbers).map(([name, value]) => `${name}: ${value}`),
  ];
}
