/**
 * The rows of a workbook judged as they stream by: shown to the report and, where asked for, copied to
 * a findings workbook. Lists by which people are judged are read once beforehand. What stays in memory
 * is the tree of units, and of each person the number and the few facts that rules look at.
 */
import {
  evaluateRows,
  type IntakeContext,
  type IntakeEvent,
  readingOrder,
} from '../intake/evaluate-rows.ts';
import type { ListItem, PersonItem, UnitItem } from '../intake/intake-item.ts';
import { readListFacts, sheetsOfFacts } from '../intake/list-facts.ts';
import type { SheetPlan } from '../intake/sheet-plan.ts';
import type { Workbook } from '../workbook/read-workbook.ts';
import { openFindings } from './import-findings.ts';
import { type ImportSummary, newReport, type RowSink } from './import-report.ts';

export type FileProgress = {
  readonly phase: 'lists' | 'read' | 'publish';
  /** Bytes of the unpacked sheets; of the publication 0 and 1. */
  readonly done: number;
  readonly total: number;
};

/** What is made of the rows besides what the command returns. */
export type JudgeOptions = {
  /** Opens the place for the rows of the report; again where the reading begins again. */
  readonly openRows?: (() => RowSink) | undefined;
  /** Path of the findings workbook to write. */
  readonly findings?: string | undefined;
  readonly onProgress?: ((progress: FileProgress) => void) | undefined;
};

export type Judging = {
  readonly workbook: Workbook;
  readonly fileName: string;
  readonly plans: readonly SheetPlan[];
  readonly context: IntakeContext;
};

export type JudgedItem = UnitItem | PersonItem | ListItem;

/** Gives every record of the file to `take`, which may store them, and then says what there was. */
export async function judgeWorkbook(
  { workbook, fileName, plans, context }: Judging,
  { openRows, findings: path, onProgress }: JudgeOptions,
  take: (items: AsyncIterable<JudgedItem>) => Promise<void>,
): Promise<ImportSummary> {
  const report = newReport(fileName, plans, openRows?.());
  await using findings =
    path === undefined ? undefined : await openFindings(path, { workbook, fileName, plans });
  const sheets = readingOrder(plans);
  const rowsOf = (phase: FileProgress['phase'], of: readonly SheetPlan[]) =>
    workbook.rows(
      of.map((plan) => plan.sheet),
      (done, total) => onProgress?.({ phase, done, total }),
    );
  const lists = sheetsOfFacts(sheets);
  const listFacts = await readListFacts(lists, rowsOf('lists', lists), context);
  const read = rowsOf('read', sheets);
  const judging = { ...context, listFacts };
  const events = evaluateRows(sheets, findings?.copying(read) ?? read, judging);
  await take(
    records(events, async (event) => {
      report.add(event);
      await findings?.see(event);
    }),
  );
  const summary = report.finish();
  await findings?.finish(summary);
  return summary;
}

/** Shows every event to `see`, and passes on those that are records. */
async function* records(
  events: AsyncIterable<IntakeEvent>,
  see: (event: IntakeEvent) => Promise<void>,
): AsyncGenerator<JudgedItem> {
  for await (const event of events) {
    await see(event);
    if (event.kind === 'unit' || event.kind === 'person' || event.kind === 'list-row') yield event;
  }
}
