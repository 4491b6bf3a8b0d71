/** `verify`: the proof of equality, and its repair. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openEnrolledNode } from '../node.ts';
import { type Repair, repairState, verifyAfterSync } from '../sync/repair.ts';
import type { Verification } from '../sync/verify.ts';

const proofTimeoutMs = 120_000;
/** What fits on a screen; `--json` has all that were named. */
const shownMax = 50;

export function verifyCommand(program: Command, env: Environment): void {
  program
    .command('verify')
    .description("compare the unit's tables, the mirror and the hub, down to the record")
    .option('--deep', 'make every digest anew from the tables, and open all sealed sections')
    .option('--repair', 'send or fetch again just the records that differ, and verify again')
    .action(async (options: { deep?: boolean; repair?: boolean }) => {
      await using node = await openEnrolledNode(readNodeConfig(env));
      const deep = options.deep === true;
      const repair =
        options.repair === true ? await repairState(node, { deep, proofTimeoutMs }) : undefined;
      const result = repair?.verification ?? (await verifyAfterSync(node, { deep }));
      const json = program.opts<{ json?: boolean }>().json === true;
      const repaired = repair === undefined ? {} : { repair: factsOf(repair) };
      const lines = [...verificationLines(result), ...repairLines(repair)];
      printAnswer({ json: { agency: node.agency, ...result, ...repaired }, lines }, json);
      if (!result.hubEqualsNode || !result.mirrorEqualsHub) process.exitCode = exitCodes.failed;
    });
}

const factsOf = ({ rounds, sent, fetched, leftDeleted }: Repair): Omit<Repair, 'verification'> => ({
  rounds,
  sent,
  fetched,
  leftDeleted,
});

function verificationLines(result: Verification): readonly string[] {
  if (!result.comparable) {
    return ['Changes are under way between node and hub: run sync, then verify again.'];
  }
  const named = result.differences.map(({ side, recordId, sections, held }) =>
    `${side}≠hub ${recordId} ${sections.join(', ')}${held ? ' (held back)' : ''}`.trimEnd(),
  );
  const more = named.length > shownMax || !result.complete;
  const unmarked = Object.entries(result.deep ?? {})
    .filter(([, check]) => check.unmarked > 0)
    .map(([side, check]) => `${check.unmarked} records of the ${side} changed behind the triggers`);
  return [
    `${result.records} records, ${result.rows} rows at the hub; ` +
      `hub equals node: ${yesNo(result.hubEqualsNode)}; ` +
      `mirror equals hub: ${yesNo(result.mirrorEqualsHub)}; held back: ${result.heldBack}; ` +
      `confirmed by the hub: ${yesNo(result.confirmed)}.`,
    ...unmarked,
    ...result.differing,
    ...named.slice(0, shownMax),
    ...(more ? ['… and more'] : []),
  ];
}

function repairLines(repair: Repair | undefined): readonly string[] {
  if (repair === undefined) return [];
  return [
    `Repair in ${repair.rounds} rounds: ${repair.sent} records sent, ${repair.fetched} fetched again.`,
    ...repair.leftDeleted.map(
      (recordId) =>
        `${recordId} was deleted before and is not brought back: write it anew, or delete it`,
    ),
  ];
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'NO');
