/** `import FILE`: a workbook or CSV file into the intake; `--dry-run` needs neither database nor hub. */

import { resolve } from 'node:path';

import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openNodeContext } from '../node.ts';
import { dryRun, importFile } from '../sync/import-file.ts';
import type { ImportReport } from '../sync/import-report.ts';

type ImportFlags = { readonly dryRun?: boolean; readonly publish?: boolean };

export function importCommand(program: Command, env: Environment): void {
  program
    .command('import')
    .argument('<file>', '.xlsx, or .csv with comma, semicolon or tab')
    .description('read a personnel workbook into the intake, with the findings of each row')
    .option('--dry-run', 'only say what each row would give; nothing is stored')
    .option('--publish', 'publish the rows without errors at once')
    .option('--json', 'answer with one JSON object')
    .action(async (file: string, flags: ImportFlags, command: Command) => {
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      const today = hanoiDay(Date.now());
      // npm runs scripts in the top folder; a path is meant from where the command was typed
      const path = resolve(env['INIT_CWD'] ?? '.', file);
      if (flags.dryRun === true) {
        const agency = env['NODE_AGENCY'] ?? '';
        const report = await dryRun({
          path,
          today,
          ...(agency === '' ? {} : { agency }),
        });
        printAnswer({ json: report, lines: reportLines(report) }, asJson);
        return;
      }
      await using node = await openNodeContext(readNodeConfig(env));
      const result = await importFile(node.database, {
        path,
        today,
        agency: node.agency,
        publish: flags.publish === true,
        onProgress: (rows) => {
          if (!asJson) process.stderr.write(`${rows} rows\n`);
        },
      });
      const counts =
        `published ${result.published}, unchanged ${result.unchanged}, ` +
        `waiting for review ${result.waiting}, refused ${result.refused}.`;
      printAnswer({ json: result, lines: [...reportLines(result), counts] }, asJson);
      if (result.totals.ok + result.totals.warning === 0) process.exitCode = exitCodes.failed;
    });
}

function reportLines(report: ImportReport): readonly string[] {
  const rows = report.rows
    .filter((row) => row.findings.length > 0)
    .map((row) => {
      const reasons = row.findings.map((finding) => `${finding.vi} / ${finding.en}`);
      return `${row.sheet}, row ${row.row}: ${row.verdict}\n  ${reasons.join('\n  ')}`;
    });
  const { ok, warning, error } = report.totals;
  return [...rows, `${ok} rows are good, ${warning} have warnings, ${error} are refused.`];
}
