/** `reference status`, `reference run`: comparing the units' people with the reference sources. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { countComparisons, countCorrections } from '../db/corrections.ts';
import { listRuns, type RunOverview } from '../db/reference-runs.ts';
import { listSources, type SourceOverview } from '../db/reference-sources.ts';
import { HubError } from '../errors.ts';
import { openHubContext, openSoundHub } from '../hub.ts';
import { isReferenceName, referenceNames } from '../protocol/reference-fields.ts';
import { isCircuitOpen } from '../protocol/reference-pace.ts';
import { openReferenceSource } from '../reference/reference-source.ts';
import { type ReferenceResult, runReference } from '../sync/run-reference.ts';

export function referenceCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  const reference = program
    .command('reference')
    .description("compare the units' people with the reference sources");

  reference
    .command('status')
    .description('which sources are set up, whether they answer, and what was found')
    .action(async () => {
      const config = readHubConfig(env);
      await using hub = await openHubContext(config);
      const { db } = hub.database;
      const known = await listSources(db);
      const sources = referenceNames.map((name) => ({
        name,
        setUp: config.references.some((one) => one.name === name),
        ...sourceState(known.find((one) => one.name === name)),
      }));
      const runs = await listRuns(db);
      const states = await countComparisons(db);
      const corrections = await countCorrections(db, undefined);
      const lines = [
        ...table([
          ['SOURCE', 'SET UP', 'STATE', 'LAST ANSWER', 'LAST FAULT'],
          ...sources.map((one) => [
            one.name,
            one.setUp ? 'yes' : 'no',
            one.state,
            one.answeredAt?.toISOString() ?? '-',
            one.lastFault ?? '-',
          ]),
        ]),
        ...runLines(runs),
        ...states.map((one) => `${one.agency} ${one.source}: ${one.state} ${one.records}`),
        ...corrections.map(
          (one) =>
            `${one.agency} ${one.source}: ${one.open} corrections open, ${one.contested} contested`,
        ),
      ];
      printAnswer({ json: { sources, runs, states, corrections }, lines }, json());
    });

  reference
    .command('run')
    .argument('<source>', referenceNames.join(', '))
    .option('--agency <code>', 'only the people of this unit')
    .option('--fresh', 'ask again also for those whose answer may still be used')
    .description('compare whoever is due; interrupted, the same command goes on')
    .action(async (name: string, options: { agency?: string; fresh?: boolean }) => {
      if (!isReferenceName(name)) throw new HubError('HUB_REFERENCE_UNKNOWN', { detail: name });
      const config = readHubConfig(env);
      const setting = config.references.find((one) => one.name === name);
      if (setting === undefined) throw new HubError('HUB_REFERENCE_NOT_SET', { detail: name });
      const source = await openReferenceSource(setting);
      await using hub = await openSoundHub(config);
      const result = await runReference(hub, source, options);
      printAnswer({ json: result, lines: resultLines(result) }, json());
    });
}

function sourceState(source: SourceOverview | undefined): {
  readonly state: string;
  readonly answeredAt: Date | null;
  readonly lastFault: string | null;
} {
  if (source === undefined) return { state: 'never asked', answeredAt: null, lastFault: null };
  const { answeredAt, lastFault, blockedForMs } = source;
  const seconds = Math.ceil(blockedForMs / 1_000);
  const pause = seconds === 0 ? '' : `, asked again in ${seconds} s`;
  const state = isCircuitOpen(source) ? 'does not answer' : 'answers';
  return { state: `${state}${pause}`, answeredAt, lastFault };
}

const runLines = (runs: readonly RunOverview[]): readonly string[] =>
  runs.map(
    (run) =>
      `${run.agency} ${run.source}: ${run.compared} compared, ` +
      (run.finishedAt === null
        ? `begun ${run.startedAt.toISOString()} and not finished: run it again, it goes on`
        : `finished ${run.finishedAt.toISOString()}`),
  );

function resultLines(result: ReferenceResult): readonly string[] {
  const { source, units, elsewhere, sealed, asked, compared, states, corrections } = result;
  if (sealed) {
    return [
      `The policy gives the hub ciphertext only of what ${source} owns: nothing is compared.`,
    ];
  }
  return [
    `${source}: ${compared} people of ${units} units compared, ${asked} of them asked for.`,
    `  equal ${states.MATCHED}, differing ${states.DIFFERS} in ${corrections} values, ` +
      `not found ${states.NOT_FOUND}, withheld ${states.WITHHELD}`,
    ...Object.entries(result.unusable).map(
      ([field, people]) =>
        `  ${field}: of ${people} people the source has a value that our catalogue does not allow`,
    ),
    ...(elsewhere.length === 0
      ? []
      : [`  being compared by another process: ${elsewhere.join(', ')}`]),
  ];
}
