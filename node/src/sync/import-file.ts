/**
 * Imports a workbook or CSV file. The dry run needs no database and no settings, so an office can
 * check its file before it has a node. The import keeps every row in the intake with its findings, and
 * publishes the good ones at once or leaves them to a reviewer; refused rows stay with their reasons.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { type Database, type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import {
  beginImport,
  finishImport,
  importStates,
  type ImportStates,
  knownPersonPins,
  knownUnitCodes,
  storeRows,
  withdrawOlderRows,
} from '../db/intake.ts';
import { publishImport } from '../db/publish-intake.ts';
import {
  evaluateRows,
  type IntakeContext,
  type IntakeEvent,
  readingOrder,
} from '../intake/evaluate-rows.ts';
import type { ListItem, PersonItem, UnitItem } from '../intake/intake-item.ts';
import { recogniseSheet } from '../intake/recognise-sheet.ts';
import { carriedFields, type SheetPlan } from '../intake/sheet-plan.ts';
import type { SheetRow } from '../workbook/cell.ts';
import { openWorkbook, type Workbook } from '../workbook/read-workbook.ts';
import { WorkbookError } from '../workbook/workbook-error.ts';
import { type ImportReport, newReport } from './import-report.ts';

export type DryRunOptions = IntakeContext & { readonly path: string };

/** Reads the whole file and judges every row. Throws a WorkbookError when it cannot be read at all. */
export async function dryRun({ path, ...context }: DryRunOptions): Promise<ImportReport> {
  await using workbook = await openWorkbook(path);
  const plans = await recogniseSheets(workbook, context.today);
  const report = newReport(basename(path), plans);
  for await (const event of intakeEvents(workbook, plans, context)) report.add(event);
  return report.finish();
}

export type ImportOptions = {
  readonly path: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** The node's own agency: rows of any other are refused. */
  readonly agency: string;
  /** Write the good rows to the profile tables at once; otherwise they wait for a reviewer. */
  readonly publish: boolean;
  /** Told now and then how many rows are in the intake. */
  readonly onProgress?: ((rows: number) => void) | undefined;
};

/** The counts of people; together they are all people of the file. `states` counts the rest as well. */
export type ImportResult = ImportReport & {
  readonly importId: string;
  readonly published: number;
  readonly unchanged: number;
  readonly waiting: number;
  readonly refused: number;
  readonly states: ImportStates;
};

/**
 * Imports the file: intake in one transaction, publication in a second. The same file again writes
 * nothing to the profile tables. Throws a WorkbookError when the file cannot be read at all; then
 * nothing is kept.
 */
export async function importFile(
  database: Database,
  { path, today, agency, publish, onProgress }: ImportOptions,
): Promise<ImportResult> {
  await using workbook = await openWorkbook(path);
  const fileName = basename(path);
  const plans = await recogniseSheets(workbook, today);
  const fileSha256 = await sha256Of(path);
  const { importId, report } = await transaction(database, async ({ db }) => {
    const id = await beginImport(db, { source: 'workbook', fileName, fileSha256 });
    const context = { today, agency, ...(await knownAtNode(db, plans)) };
    const growing = newReport(fileName, plans);
    const carries = new Map(plans.map((plan) => [plan.sheet, carriedFields(plan)]));
    const items = taking(intakeEvents(workbook, plans, context), (event) => growing.add(event));
    await storeRows(db, { importId: id, items, carries, onProgress });
    await withdrawOlderRows(db, id);
    const made = growing.finish();
    await finishImport(db, id, made.totals);
    return { importId: id, report: made };
  });
  if (publish) await transaction(database, ({ db }) => publishImport(db, importId));
  const states = await importStates(database.db, importId);
  const { published, unchanged, waiting, refused } = states.person;
  return { ...report, importId, published, unchanged, waiting, refused, states };
}

/** What each sheet carries. Throws a WorkbookError `no-known-sheet` when none carries anything. */
async function recogniseSheets(workbook: Workbook, today: string): Promise<readonly SheetPlan[]> {
  const tops = new Map<string, SheetRow[]>(workbook.sheets.map((sheet) => [sheet, []]));
  for await (const row of workbook.peek()) tops.get(row.sheet)?.push(row);
  const plans = Array.from(tops, ([sheet, rows]) => recogniseSheet({ sheet, rows, today }));
  if (plans.some((plan) => plan.kind !== 'unknown')) return plans;
  throw new WorkbookError(
    'no-known-sheet',
    'No sheet has a header row that is known here. A list of people needs one row with the headings ' +
      '"Họ và tên", "Số định danh cá nhân" and others of the template; a tree of units needs "Mã đơn vị" and ' +
      '"Tên đơn vị"; a list such as "Quá trình công tác" needs "Số định danh cá nhân" and its own columns. ' +
      `Sheets looked at: ${workbook.sheets.map((sheet) => `"${sheet}"`).join(', ')}.`,
  );
}

/** The rows of the sheets that carry something, judged. */
function intakeEvents(
  workbook: Workbook,
  plans: readonly SheetPlan[],
  context: IntakeContext,
): AsyncIterable<IntakeEvent> {
  const sheets = readingOrder(plans);
  const rows = workbook.rows(sheets.map((plan) => plan.sheet));
  return evaluateRows(sheets, rows, context);
}

/** Shows every event to `see`, and passes on those that are rows. */
async function* taking(
  events: AsyncIterable<IntakeEvent>,
  see: (event: IntakeEvent) => void,
): AsyncGenerator<UnitItem | PersonItem | ListItem> {
  for await (const event of events) {
    see(event);
    if (event.kind !== 'tree' && event.kind !== 'ignored') yield event;
  }
}

/** The units of the node count with those of the file, and its people with those of the file. */
async function knownAtNode(db: Db, plans: readonly SheetPlan[]) {
  const hasLists = plans.some((plan) => plan.kind === 'list');
  return {
    knownUnits: await knownUnitCodes(db),
    knownPins: hasLists ? await knownPersonPins(db) : new Set<string>(),
  };
}

async function sha256Of(path: string): Promise<Uint8Array> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest();
}
