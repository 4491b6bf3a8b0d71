/** `corrections list|show|accept|contest`: where a reference source has another value than the unit. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError } from 'commander';

import { readNodeConfig } from '../config.ts';
import { countComparisons, listCorrections } from '../db/corrections.ts';
import { openNodeContext } from '../node.ts';
import { acceptOne, contestOne, showCorrection } from '../sync/corrections.ts';
import { decider, pageLimit } from './intake-arguments.ts';

function correctionId(text: string): string {
  if (/^[0-9a-f]{16}$/u.test(text)) return text;
  throw new InvalidArgumentError('it is an id of 16 letters and digits, as `list` gives it.');
}

const correctionIds = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  correctionId(text),
];

type ListFlags = { readonly all?: boolean; readonly after?: string; readonly limit: number };

export function correctionCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;
  const corrections = program
    .command('corrections')
    .description('values of which a reference source has another than the unit');

  corrections
    .command('list', { isDefault: true })
    .option('--all', 'also those that were decided on and are not settled yet')
    .option('--after <id>', 'the next page, by the last id of the one before', correctionId)
    .option('--limit <corrections>', 'on a page', pageLimit, 100)
    .description('what waits for a decision, without the values')
    .action(async ({ all = false, ...page }: ListFlags) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const { db } = node.database;
      const records = await countComparisons(db);
      const found = await listCorrections(db, { all, ...page });
      const rows = found.map((one) => [
        one.id,
        one.recordId,
        one.source,
        `${one.section}.${one.field}`,
        one.asOf,
        one.standing,
      ]);
      const lines = [
        ...records.map((one) => `${one.source}: ${one.state} ${one.records}`),
        ...(rows.length === 0
          ? ['Nothing waits for a decision.']
          : table([['ID', 'RECORD', 'SOURCE', 'FIELD', 'AS OF', 'STATE'], ...rows])),
        ...(found.length < page.limit ? [] : [`more: --after ${found.at(-1)?.id ?? ''}`]),
      ];
      printAnswer({ json: { records, corrections: found }, lines }, json());
    });

  corrections
    .command('show')
    .argument('<id>', 'as `list` gives it', correctionId)
    .description('both values, and what was decided: personal data')
    .action(async (id: string) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const one = await showCorrection(node.database, id);
      const lines = [
        `Record ${one.recordId}, version ${one.version}: ${one.section}.${one.field}, ${one.standing}`,
        `  the unit had: ${one.unitValue === '' ? '(nothing)' : one.unitValue}`,
        `  the unit has: ${one.currentValue === '' ? '(nothing)' : one.currentValue}`,
        `  ${one.source}, as of ${one.asOf}: ${one.sourceValue}`,
        ...(one.decidedBy === null
          ? []
          : [
              `  ${one.standing} by ${one.decidedBy}, ${one.decidedAt?.toISOString() ?? ''}` +
                (one.reason === null ? '' : `: ${one.reason}`),
            ]),
      ];
      printAnswer({ json: one, lines }, json());
    });

  corrections
    .command('accept')
    .argument('<id...>', 'one or several', correctionIds)
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description("take the source's value over; it travels like any change")
    .action(async (ids: readonly string[], flags: { as?: string }, command: Command) => {
      const by = decider(flags.as, command);
      await using node = await openNodeContext(readNodeConfig(env));
      const accepted: object[] = [];
      const lines: string[] = [];
      for (const id of ids) {
        const done = await acceptOne(node, { id, by });
        accepted.push({ id, ...done });
        lines.push(
          `${id}: record ${done.recordId} ${done.changed ? 'has the value of the source now' : 'had it already'}.`,
        );
      }
      printAnswer({ json: { accepted }, lines }, json());
    });

  corrections
    .command('contest')
    .argument('<id>', 'as `list` gives it', correctionId)
    .requiredOption('--reason <text>', 'why the value of the unit stays; the hub is told')
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description("keep the unit's value and tell the hub why")
    .action(async (id: string, flags: { reason: string; as?: string }, command: Command) => {
      const by = decider(flags.as, command);
      await using node = await openNodeContext(readNodeConfig(env));
      const done = await contestOne(node, { id, by, reason: flags.reason });
      const line = `${id}: record ${done.recordId} keeps its value; the hub is told with the next batch.`;
      printAnswer({ json: { id, ...done }, lines: [line] }, json());
    });
}
