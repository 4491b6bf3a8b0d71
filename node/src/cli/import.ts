/**
 * `import FILE`: a workbook or CSV file into the intake; `--dry-run` needs neither database nor hub. The
 * answer is written row by row: a file of any length takes the same memory.
 */
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { openNodeContext } from '../node.ts';
import { dryRun, dryRunAtNode, importFile, type ImportResult } from '../sync/import-file.ts';
import type { ImportSummary, ReportedRow } from '../sync/import-report.ts';
import type { FileProgress, JudgeOptions } from '../sync/judge-workbook.ts';
import { decider } from './intake-arguments.ts';
import { progressReporter } from './progress.ts';
import { openSpool, type ReportSpool } from './report-spool.ts';
import { keepHeapSmall } from './small-heap.ts';

type ImportFlags = {
  readonly dryRun?: boolean;
  readonly publish?: boolean;
  readonly source?: string;
  readonly findings?: string;
  readonly as?: string;
};

export function importCommand(program: Command, env: Environment): void {
  program
    .command('import')
    .argument('<file>', '.xlsx, or .csv with comma, semicolon or tab')
    .description('read a personnel workbook into the intake, with the findings of each row')
    .option('--dry-run', 'only say what each row would give; nothing is stored')
    .option('--publish', 'publish the rows without errors at once')
    .option('--as <name>', 'who publishes; by default the user of the operating system')
    .option('--source <name>', 'whose headings and codes it has, see `mappings`')
    .option('--findings <file>', 'write an .xlsx with each faulty cell marked, to mend and import')
    .option('--json', 'answer with one JSON object')
    .action(async (file: string, flags: ImportFlags, command: Command) => {
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      // npm runs scripts in the top folder; a path is meant from where the command was typed
      const here = env['INIT_CWD'] ?? '.';
      using spool = openSpool();
      const progress = progressReporter(asJson);
      keepHeapSmall();
      const options = {
        path: resolve(here, file),
        today: hanoiDay(Date.now()),
        openRows: spool.open,
        findings: flags.findings === undefined ? undefined : resolve(here, flags.findings),
        onProgress: inSteps(progress.tell),
      };
      const decidedBy = flags.publish === true ? decider(flags.as, command) : undefined;
      const answer = await run(env, flags, { ...options, decidedBy }).finally(progress.end);
      await print(asJson ? jsonAnswer(answer, spool) : lineAnswer(answer, spool));
      const isImport = 'importId' in answer;
      if (isImport && answer.totals.ok + answer.totals.warning === 0) {
        process.exitCode = exitCodes.failed;
      }
    });
}

type Answer = ImportSummary | ImportResult;
type RunOptions = JudgeOptions & {
  readonly path: string;
  readonly today: string;
  readonly decidedBy: string | undefined;
};

async function run(
  env: Environment,
  { dryRun: isDry = false, publish = false, source }: ImportFlags,
  { decidedBy, ...options }: RunOptions,
): Promise<Answer> {
  if (isDry && source === undefined) {
    const agency = env['NODE_AGENCY'] ?? '';
    return await dryRun({ ...options, ...(agency === '' ? {} : { agency }) });
  }
  await using node = await openNodeContext(readNodeConfig(env));
  const { agency, database } = node;
  return isDry
    ? await dryRunAtNode(database, { ...options, agency, source })
    : await importFile(database, { ...options, agency, source, publish, decidedBy });
}

/** Per cent, each told once; on no terminal every tenth. */
function inSteps(tell: (progress: FileProgress) => void): (progress: FileProgress) => void {
  const step = process.stderr.isTTY ? 1 : 10;
  let last = '';
  return ({ phase, done, total }) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    const told = `${phase} ${Math.floor(percent / step)}`;
    if (told !== last) tell({ phase, done: percent, total: 100 });
    last = told;
  };
}

async function print(pieces: AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), process.stdout, { end: false });
}

/** One object on one line; its lists of rows come as the spool gives them. */
async function* jsonAnswer(answer: Answer, spool: ReportSpool): AsyncGenerator<string> {
  const { file, agency, ...rest } = answer;
  yield `{"file":${JSON.stringify(file)},"agency":${JSON.stringify(agency)},"rows":[`;
  yield* separated(spool.people());
  yield '],"subRows":[';
  yield* separated(spool.listRows());
  yield `],${JSON.stringify(rest).slice(1)}\n`;
}

async function* separated(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let comma = '';
  for await (const line of lines) {
    yield comma + line;
    comma = ',';
  }
}

async function* lineAnswer(answer: Answer, spool: ReportSpool): AsyncGenerator<string> {
  for await (const line of spool.people()) {
    const row: ReportedRow = JSON.parse(line);
    if (row.findings.length > 0) yield rowLines(row);
  }
  for (const unit of answer.units) if (unit.findings.length > 0) yield rowLines(unit);
  for await (const line of spool.listRows()) yield rowLines(JSON.parse(line));
  for (const { sheet, headings } of answer.unrecognised) {
    yield `${sheet}: columns that carry no known field: ${headings.join('; ')}\n`;
  }
  const { ok, warning, error } = answer.totals;
  yield `${ok} rows are good, ${warning} have warnings, ${error} are refused.\n`;
  if (!('importId' in answer)) return;
  yield (
    `published ${answer.published}, unchanged ${answer.unchanged}, ` +
    `waiting for review ${answer.waiting}, refused ${answer.refused}.\n`
  );
}

function rowLines({ sheet, row, verdict, findings }: ReportedRow): string {
  const reasons = findings.map((finding) => `${finding.vi} / ${finding.en}`);
  return `${sheet}, row ${row}: ${verdict}\n  ${reasons.join('\n  ')}\n`;
}
