/** `incarnation`, `safe`: what an operator of the hub does after a restore, and before one. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError } from 'commander';

import { readHubConfig } from '../config.ts';
import { openHubContext, openSoundHub } from '../hub.ts';
import { markSafe, type SafeResult } from '../sync/mark-safe.ts';
import { previewRaise, raiseIncarnation, type RaisePreview } from '../sync/raise-incarnation.ts';

function copyUrl(text: string): string {
  if (/^postgres(?:ql)?:$/u.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('give the URL of a database, such as postgres://….');
}

export function recoveryCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  const incarnation = program
    .command('incarnation')
    .description('print the incarnation of the hub; raise: the ceremony after a restore')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const number = hub.incarnation.toString();
      printAnswer({ json: { incarnation: number }, lines: [number] }, json());
    });

  incarnation
    .command('raise')
    .option('--dry-run', 'only say what would happen')
    .description('after a restore of the hub: have the nodes send again what it lost')
    .action(async (options: { dryRun?: boolean }) => {
      const dryRun = options.dryRun === true;
      await using hub = await openHubContext(readHubConfig(env));
      const raise = await (dryRun ? previewRaise(hub) : raiseIncarnation(hub));
      printAnswer({ json: { ...raise, dryRun }, lines: raiseLines(raise, dryRun) }, json());
    });

  program
    .command('safe')
    .argument('<url>', 'of a restored backup of the hub, or of its replica: postgres://…', copyUrl)
    .option('--dry-run', 'only verify; nothing is marked')
    .description('verify the archive in a copy of the hub, and mark as safe what it holds')
    .action(async (url: string, options: { dryRun?: boolean }) => {
      const dryRun = options.dryRun === true;
      await using hub = await openSoundHub(readHubConfig(env));
      const units = await markSafe(hub, { url, dryRun });
      printAnswer({ json: { units, dryRun }, lines: safeLines(units) }, json());
      if (units.some((unit) => unit.fault !== undefined)) process.exitCode = exitCodes.failed;
    });
}

function raiseLines(raise: RaisePreview, dryRun: boolean): readonly string[] {
  const rows = raise.units.map((unit) => [
    unit.agency,
    unit.status,
    unit.headSeq.toString(),
    unit.appliedSeq.toString(),
    unit.safeSeq.toString(),
    unit.heldBack.toString(),
    unit.missing.toString(),
  ]);
  const head = ['AGENCY', 'STATUS', 'RECEIVED', 'APPLIED', 'SAFE', 'HELD', 'MISSING AT LEAST'];
  return [
    `incarnation ${raise.from} ${dryRun ? 'would become' : 'became'} ${raise.to}.`,
    raise.restored === undefined
      ? 'Nothing is known to be missing.'
      : `This database is older than the witness: ${raise.restored}.`,
    `newest checkpoint: ${raise.checkpoint.number === 0n ? 'none' : raise.checkpoint.number}`,
    ...table([head, ...rows]),
    ...raise.unitsMissing.map((agency) => `${agency} is not there: invite it again.`),
    dryRun
      ? 'Nothing was changed. Stop serve and work, then run it without --dry-run.'
      : 'Start serve and work: each node sends what is missing when it next speaks.',
  ];
}

function safeLines(units: readonly SafeResult[]): readonly string[] {
  const rows = units.map((unit) => [
    unit.agency,
    unit.before.toString(),
    unit.safeSeq.toString(),
    unit.unsafe.toString(),
    unit.fault === undefined ? '' : `batch ${unit.fault.seq}: ${unit.fault.reason}`,
  ]);
  return table([['AGENCY', 'WAS SAFE', 'IS SAFE', 'NOT YET', 'FAULT'], ...rows]);
}
