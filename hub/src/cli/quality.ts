/** `quality`: the six measures of a unit's data as the hub sees them, beside what the unit reports. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import {
  qualityFigure,
  type QualityMeasureName,
  qualityMeasureNames,
} from '@lienthong/shared-schema/totals/quality-measures.ts';
import { type Share, sharesOf, shareText } from '@lienthong/shared-schema/totals/roll-up.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { readHubConfig } from '../config.ts';
import { newestQuality } from '../db/quality.ts';
import { type ReportedFigure, reportedFigures } from '../db/totals.ts';
import { openHubContext } from '../hub.ts';
import { quality } from '../sync/quality.ts';
import { pageLimit } from './page-limit.ts';

type Flags = {
  readonly unit?: string;
  readonly records?: QualityMeasureName;
  readonly after?: string;
  readonly limit: number;
};

function recordId(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(text)) return text;
  throw new InvalidArgumentError('it is an identifier such as 01939d7e-….');
}

/** Undefined where the unit has not reported the measure. */
function reportedShare(
  reported: readonly ReportedFigure[],
  agency: string,
  measure: QualityMeasureName,
): Share | undefined {
  const valueOf = (part: string): bigint | undefined =>
    reported.find((one) => one.agency === agency && one.key === `${measure}.${part}`)?.value;
  const [good, of] = [valueOf('good'), valueOf('of')];
  return good === undefined || of === undefined ? undefined : { good, of };
}

export function qualityCommand(program: Command, env: Environment): void {
  program
    .command('quality')
    .argument('[agency]', 'counted now; without one, of all units as of their last night')
    .option('--unit <code>', 'of this unit of the tree and those below it')
    .addOption(
      new Option('--records <measure>', 'the records that are not good, and why').choices([
        ...qualityMeasureNames,
      ]),
    )
    .option('--after <record>', 'the next page, by the last record of the one before', recordId)
    .option('--limit <records>', 'on a page', pageLimit, 100)
    .description(
      'correct, sufficient, clean, live, unified, shared: as counted here, and as reported',
    )
    .action(async (agency: string | undefined, { unit, records, after, limit }: Flags) => {
      await using hub = await openHubContext(readHubConfig(env));
      const { db } = hub.database;
      const json = program.opts<{ json?: boolean }>().json === true;
      if (agency !== undefined && records !== undefined) {
        const { asOf, faults } = await quality(hub, agency, {
          measure: records,
          unit,
          after,
          limit,
        });
        const rows = faults.map((one) => [one.recordId, one.unit, one.section, one.field]);
        const lines =
          rows.length === 0 ? ['None.'] : table([['RECORD', 'UNIT', 'SECTION', 'FIELD'], ...rows]);
        printAnswer({ json: { asOf, agency, measure: records, faults }, lines }, json);
        return;
      }
      const reported = await reportedFigures(db, qualityFigure);
      const counted =
        agency === undefined
          ? await newestQuality(db)
          : (await quality(hub, agency)).figures.map((one) => ({ ...one, agency }));
      const agencies = new Set([...counted, ...reported].map((one) => one.agency));
      const units = Array.from(agencies)
        .filter((one) => agency === undefined || one === agency)
        .toSorted()
        .map((one) => {
          const shares = sharesOf(
            counted.filter((figure) => figure.agency === one),
            unit,
          );
          const measures = qualityMeasureNames.map((measure) => {
            // a part of the tree is not in the report
            const said = unit === undefined ? reportedShare(reported, one, measure) : undefined;
            const seen = measure === 'unified' ? null : shares[measure];
            const differs =
              seen !== null &&
              said !== undefined &&
              (seen.good !== said.good || seen.of !== said.of);
            return { measure, counted: seen, reported: said ?? null, differs };
          });
          return { agency: one, measures };
        });
      const rows = units.flatMap((one) =>
        one.measures.map(({ measure, counted: seen, reported: said, differs }) => [
          one.agency,
          measure,
          seen === null ? 'not seen here' : shareText(seen),
          said === null ? '-' : shareText(said),
          differs ? 'differs' : '',
        ]),
      );
      const head = ['AGENCY', 'MEASURE', 'COUNTED HERE', 'REPORTED', ''];
      printAnswer(
        {
          json: { units },
          lines: rows.length === 0 ? ['Nothing is counted yet.'] : table([head, ...rows]),
        },
        json,
      );
    });
}
