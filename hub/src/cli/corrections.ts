/** `corrections [show]`: what units have to settle with reference sources, and what they contest. */
import { fieldByTags } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import {
  countCorrections,
  listCorrections,
  type OpenCorrection,
  readCorrection,
} from '../db/corrections.ts';
import { HubError } from '../errors.ts';
import { openHubContext } from '../hub.ts';
import { pageLimit } from './page-limit.ts';

type Flags = {
  readonly contested?: boolean;
  readonly after?: string;
  readonly limit: number;
};

export function correctionCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  const corrections = program
    .command('corrections')
    .argument('[agency]', 'only of this unit')
    .option('--contested', 'only those where the unit says that its value stays')
    .option('--after <id>', 'the next page, by the last id of the one before')
    .option('--limit <corrections>', 'on a page', pageLimit, 100)
    .description('list what differs between units and reference sources, without the values')
    .action(async (agency: string | undefined, { contested = false, ...page }: Flags) => {
      await using hub = await openHubContext(readHubConfig(env));
      const { db } = hub.database;
      const counts = await countCorrections(db, agency);
      const open = await listCorrections(db, { agency, contested, ...page });
      const listed = open.map((one) => ({ ...one, path: pathOf(one) }));
      const rows = listed.map((one) => [
        one.id,
        one.agency,
        one.recordId,
        one.source,
        one.path,
        one.asOf,
        one.contestedAt === null ? 'open' : 'contested',
        one.reason ?? '-',
      ]);
      const head = ['ID', 'AGENCY', 'RECORD', 'SOURCE', 'FIELD', 'AS OF', 'STATE', 'REASON'];
      const lines = [
        ...counts.map(
          (one) => `${one.agency} ${one.source}: ${one.open} open, ${one.contested} contested`,
        ),
        ...(rows.length === 0 ? ['Nothing is open.'] : table([head, ...rows])),
      ];
      printAnswer({ json: { counts, corrections: listed }, lines }, json());
    });

  corrections
    .command('show')
    .argument('<id>', 'as `corrections` lists it')
    .description('show one with both values: personal data')
    .action(async (id: string) => {
      await using hub = await openHubContext(readHubConfig(env));
      const found = await readCorrection(hub.database.db, id);
      if (found === undefined) throw new HubError('HUB_CORRECTION_UNKNOWN', { detail: id });
      const path = pathOf(found);
      const lines = [
        `${found.agency}, record ${found.recordId}, version ${found.version}: ${path}`,
        `  unit: ${found.unitValue === '' ? '(none)' : found.unitValue}`,
        `  ${found.source}, as of ${found.asOf}: ${found.sourceValue}`,
        found.contestedAt === null
          ? '  the unit has not contested it'
          : `  contested ${found.contestedAt.toISOString()}: ${found.reason ?? ''}`,
      ];
      printAnswer({ json: { ...found, path }, lines }, json());
    });
}

const pathOf = ({ section, field }: Pick<OpenCorrection, 'section' | 'field'>): string => {
  const found = fieldByTags(section, field);
  return found === undefined ? `${section}.${field}` : `${found.section.name}.${found.field.name}`;
};
