/** `check`: the rules over the records that lie in the tables, whoever wrote them. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { type FindingCode, isFindingCode, ruleOf } from '@lienthong/shared-schema/rules/rules.ts';
import { type Answer, printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openNodeContext } from '../node.ts';
import {
  checkOneRule,
  checkSummary,
  type CheckSummary,
  type RulePage,
} from '../sync/check-records.ts';
import { identifier, pageLimit } from './intake-arguments.ts';

type Flags = {
  readonly section?: string;
  readonly rule?: FindingCode;
  readonly after?: string;
  readonly limit: number;
};

const pageRecords = 100;

export function checkCommand(program: Command, env: Environment): void {
  program
    .command('check')
    .description('hold the records in the tables against the rules; nothing is changed')
    .option('--section <name>', 'findings of one section only, such as salary_history', sectionName)
    .option('--rule <code>', 'name all records that one rule finds fault with, by page', ruleCode)
    .option(
      '--after <record>',
      'the next page, from the record that the last one ended with',
      identifier,
    )
    .option('--limit <records>', 'records on a page, 10000 at most', pageLimit, pageRecords)
    .action(async ({ section, rule, after, limit }: Flags) => {
      await using node = await openNodeContext(readNodeConfig(env));
      const asJson = program.opts<{ json?: boolean }>().json === true;
      if (rule !== undefined) {
        const page = await checkOneRule(node, rule, { section, after, limit });
        printAnswer(ruleAnswer(page), asJson);
        return;
      }
      const summary = await checkSummary(node, { section, after });
      printAnswer(summaryAnswer(summary), asJson);
      if (summary.withErrors > 0) process.exitCode = exitCodes.failed;
    });
}

function summaryAnswer(summary: CheckSummary): Answer {
  const rules = summary.rules.map((one) => ({
    ...one,
    vi: ruleOf(one.code).vi,
    en: ruleOf(one.code).en,
  }));
  const counts = table([
    ['rule', 'severity', 'records', 'findings', 'first record'],
    ...summary.rules.map(({ code, severity, records, findings, firstRecords }) => [
      code,
      severity,
      String(records),
      String(findings),
      firstRecords[0] ?? '',
    ]),
  ]);
  return {
    json: { ...summary, rules },
    lines: [
      `${summary.records} records: ${summary.withErrors} with errors, ${summary.withWarnings} with warnings.`,
      ...(summary.rules.length > 0
        ? [...counts, 'What each rule asks for is in docs/rules.md.']
        : []),
    ],
  };
}

function ruleAnswer(page: RulePage): Answer {
  const { vi, en, severity } = ruleOf(page.code);
  const places = page.places.map(({ recordId: id, section, ordinal, field }) =>
    [id, [section, ordinal, field].filter((part) => part !== null).join('.')].join('  '),
  );
  return {
    json: { ...page, severity, vi, en },
    lines: [
      `${vi} / ${en}`,
      ...places,
      ...(page.next === null ? [] : [`… the next page: --after ${page.next}`]),
    ],
  };
}

function sectionName(text: string): string {
  if (sections.some((section) => section.name === text)) return text;
  throw new InvalidArgumentError('It is no section: their names are in docs/data-dictionary.md.');
}

function ruleCode(text: string): FindingCode {
  if (isFindingCode(text)) return text;
  throw new InvalidArgumentError('It is no rule: their names are in docs/rules.md.');
}
