/** `quality`: the six measures of the unit's data, down to the records. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import {
  type QualityMeasureName,
  qualityMeasureNames,
  qualityMeasures,
} from '@lienthong/shared-schema/totals/quality-measures.ts';
import { sharesOf, shareText, unitsBelow } from '@lienthong/shared-schema/totals/roll-up.ts';
import { type Command, Option } from 'commander';

import { readNodeConfig } from '../config.ts';
import { readQualityDays } from '../db/quality.ts';
import { openNodeContext } from '../node.ts';
import { quality } from '../sync/quality.ts';
import { identifier, pageLimit } from './intake-arguments.ts';

type Flags = {
  readonly records?: QualityMeasureName;
  readonly after?: string;
  readonly limit: number;
  readonly days?: number;
};

export function qualityCommand(program: Command, env: Environment): void {
  program
    .command('quality')
    .argument('[unit]', 'of this unit and those below it')
    .addOption(
      new Option('--records <measure>', 'the records that are not good, and why').choices([
        ...qualityMeasureNames,
      ]),
    )
    .option('--after <record>', 'the next page, by the last record of the one before', identifier)
    .option('--limit <records>', 'on a page', pageLimit, 100)
    .option('--days <days>', 'how it was in so many nights, the newest first', pageLimit)
    .description('correct, sufficient, clean, live, unified, shared: of the data of the unit')
    .action(async (given: string | undefined, { records, after, limit, days }: Flags) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const json = program.opts<{ json?: boolean }>().json === true;
      const unit = given ?? node.agency;
      if (days !== undefined) {
        const byDay = Map.groupBy(
          await readQualityDays(node.database.db, { days, unit: given }),
          ({ asOf }) => asOf,
        );
        const nights = Array.from(byDay, ([asOf, of]) => ({ asOf, shares: sharesOf(of) }));
        const lines = nights.flatMap(({ asOf, shares }) => [
          asOf,
          ...qualityMeasureNames.map((name) => `  ${name}: ${shareText(shares[name])}`),
        ]);
        printAnswer({ json: { unit, nights }, lines }, json);
        return;
      }
      const page =
        records === undefined ? undefined : { measure: records, unit: given, after, limit };
      const { asOf, figures, faults } = await quality(node, page);
      const shares = sharesOf(figures, given);
      const below = unitsBelow(figures, unit).map((code) => ({
        unit: code,
        shares: sharesOf(figures, code),
      }));
      if (records !== undefined) {
        const rows = faults.map((one) => [one.recordId, one.unit, one.section, one.field]);
        const lines =
          rows.length === 0 ? ['None.'] : table([['RECORD', 'UNIT', 'SECTION', 'FIELD'], ...rows]);
        printAnswer({ json: { asOf, unit, measure: records, faults }, lines }, json);
        return;
      }
      const head = ['UNIT', ...qualityMeasureNames];
      const rows = below.map((one) => [
        one.unit,
        ...qualityMeasureNames.map((name) => shareText(one.shares[name])),
      ]);
      printAnswer(
        {
          json: { asOf, unit, shares, below },
          lines: [
            `${unit}, ${asOf}`,
            ...qualityMeasureNames.map(
              (name) => `${qualityMeasures[name].vi} (${name}): ${shareText(shares[name])}`,
            ),
            ...(rows.length === 0 ? [] : table([head, ...rows])),
          ],
        },
        json,
      );
    });
}
