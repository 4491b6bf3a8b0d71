/** `mappings …`: sources of files, and what they write in place of our codes and headings. */
import { resolve } from 'node:path';

import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openNodeContext } from '../node.ts';
import { exportMappings, importMappings } from '../sync/mapping-table.ts';
import {
  fieldLabel,
  keepFileSource,
  type Mappings,
  removeMapping,
  showMappings,
  teachMappings,
  type WaitingValue,
  waitingValues,
} from '../sync/mappings.ts';

const afterwards =
  'Import the file again, or run `npm run node -- intake recheck`, and rows that waited for it go through.';

export function mappingsCommand(program: Command, env: Environment): void {
  const mappings = program
    .command('mappings')
    .description('what a source of files writes in place of our codes and headings');
  sourceCommands(mappings, env);
  singleCommands(mappings, env);
  tableCommands(mappings, env);
}

const isJson = (command: Command): boolean =>
  command.optsWithGlobals<{ json?: boolean }>().json === true;

/** npm runs scripts in the top folder; a path is meant from where the command was typed. */
const pathFrom = (env: Environment, file: string): string => resolve(env['INIT_CWD'] ?? '.', file);

function sourceCommands(mappings: Command, env: Environment): void {
  mappings
    .command('source')
    .argument('<name>', 'small letters, digits and hyphens')
    .description('a source of files: made, or changed')
    .option('--trusted', 'what it brings without errors is published at once')
    .action(async (name: string, flags: { trusted?: boolean }, command: Command) => {
      const source = { name, trusted: flags.trusted === true };
      await using node = await openNodeContext(readNodeConfig(env));
      await keepFileSource(node.database, source);
      const what = source.trusted ? 'is published at once' : 'waits for a reviewer';
      printAnswer(
        { json: source, lines: [`What source ${name} brings without errors ${what}.`] },
        isJson(command),
      );
    });
  mappings
    .command('show')
    .argument('[source]')
    .description('the mappings of one source, or of all')
    .action(async (name: string | undefined, _flags: object, command: Command) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const sources = await showMappings(node.database, name);
      printAnswer({ json: { sources }, lines: sources.flatMap(mappingLines) }, isJson(command));
    });
  mappings
    .command('unmapped')
    .argument('[source]')
    .description('values without a code, and how many rows each holds back')
    .action(async (name: string | undefined, _flags: object, command: Command) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const values = await waitingValues(node.database, name);
      printAnswer({ json: { values }, lines: waitingLines(values) }, isJson(command));
    });
}

function singleCommands(mappings: Command, env: Environment): void {
  mappings
    .command('code')
    .argument('<source>')
    .argument('<list>', 'a code list, such as DAN_TOC')
    .argument('<value>', 'what the source writes')
    .argument('<code>', 'the code that is meant')
    .description('read a value as this code')
    .action(async (...given: readonly unknown[]) => {
      const [source = '', list = '', value = '', code = ''] = given.slice(0, 4).map(String);
      await using node = await openNodeContext(readNodeConfig(env));
      await teachMappings(node.database, source, { codes: [{ list, value, code }], headings: [] });
      printAnswer(
        { json: { source, list, value, code }, lines: [`${value} is ${code}. ${afterwards}`] },
        isJson(mappings),
      );
    });
  mappings
    .command('heading')
    .argument('<source>')
    .argument('<heading>', 'what stands above the column; "group: heading" below a merged one')
    .argument('<field>', 'section.field, such as salary.rank_code', fieldName)
    .description('read a column as this field')
    .action(async (source: string, heading: string, [section, field]: FieldName) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const mapped = { heading, section, field };
      await teachMappings(node.database, source, { codes: [], headings: [mapped] });
      const label = fieldLabel(mapped);
      printAnswer(
        { json: { source, ...mapped }, lines: [`"${heading}" is ${label}. ${afterwards}`] },
        isJson(mappings),
      );
    });
  mappings
    .command('remove')
    .argument('<source>')
    .argument('<list-or-heading>')
    .argument('[value]', 'of a code list; without it a heading is meant')
    .description('take a mapping back')
    .action(async (source: string, first: string, value: string | undefined) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const one = value === undefined ? { heading: first } : { list: first, value };
      await removeMapping(node.database, source, one);
      printAnswer({ json: { source, ...one }, lines: ['The mapping is gone.'] }, isJson(mappings));
    });
}

function tableCommands(mappings: Command, env: Environment): void {
  mappings
    .command('export')
    .argument('<source>')
    .argument('<file>', 'a .csv to fill in in a spreadsheet')
    .description('write the mappings, and the values that lack one, to a table')
    .action(async (source: string, file: string) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const rows = await exportMappings(node.database, source, pathFrom(env, file));
      printAnswer({ json: { source, rows }, lines: [`${rows} rows written.`] }, isJson(mappings));
    });
  mappings
    .command('import')
    .argument('<source>')
    .argument('<file>', 'the table, filled in; .csv or .xlsx')
    .description('take the mappings of a table; rows with an empty code are left alone')
    .action(async (source: string, file: string) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const taken = await importMappings(node.database, source, pathFrom(env, file));
      printAnswer(
        { json: { source, taken }, lines: [`${taken} mappings taken. ${afterwards}`] },
        isJson(mappings),
      );
    });
}

type FieldName = readonly [section: string, field: string];

function fieldName(text: string): FieldName {
  const [section = '', field = '', ...more] = text.split('.');
  if (section === '' || field === '' || more.length > 0) {
    throw new InvalidArgumentError('give section.field, such as salary.rank_code.');
  }
  return [section, field];
}

function mappingLines({ name, kind, trusted, codes, headings }: Mappings): readonly string[] {
  return [
    `${name} (${kind}): ${trusted ? 'published at once' : 'looked at by a reviewer'}`,
    ...table([
      ...codes.map((one) => ['', one.list, one.value, one.code]),
      ...headings.map((one) => ['', 'heading', one.heading, `${one.section}.${one.field}`]),
    ]),
  ];
}

function waitingLines(values: readonly WaitingValue[]): readonly string[] {
  if (values.length === 0) return ['No value waits for a mapping.'];
  return [
    ...table([
      ['source', 'list', 'value', 'rows', 'fields', 'mapped since'],
      ...values.map((one) => [
        one.source,
        one.list,
        one.value,
        String(one.rows),
        one.fields.join(' '),
        one.mapped ?? '',
      ]),
    ]),
    'Map one: npm run node -- mappings code SOURCE LIST VALUE CODE; many: mappings export SOURCE FILE.csv.',
  ];
}
