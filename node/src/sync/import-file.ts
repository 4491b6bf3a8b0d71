/**
 * Imports a workbook or CSV file. The dry run needs no database and no settings, so an office can
 * check its file before it has a node. The import keeps every row in the intake with its findings, and
 * publishes the good ones at once or leaves them to a reviewer; refused rows stay with their reasons.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { type Database, lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import {
  beginImport,
  finishImport,
  importStates,
  type ImportStates,
  storeRows,
  withdrawOlderRows,
} from '../db/intake.ts';
import { publishRows } from '../db/publish-intake.ts';
import { notePublished } from '../db/review-decide.ts';
import { noteRecordTags } from '../db/seen-records.ts';
import type { IntakeContext } from '../intake/evaluate-rows.ts';
import { carriedFields } from '../intake/sheet-plan.ts';
import { checkIsFree } from '../workbook/marked-workbook.ts';
import { openWorkbook } from '../workbook/read-workbook.ts';
import { fileSource } from './file-source.ts';
import type { ImportSummary } from './import-report.ts';
import { type JudgeOptions, judgeWorkbook } from './judge-workbook.ts';
import { knownAtNode } from './known-at-node.ts';
import { recogniseWorkbook } from './recognise-workbook.ts';

/** Without a database codes are those of the shipped lists, and no source has mapped anything. */
export type DryRunOptions = JudgeOptions & Omit<IntakeContext, 'codes'> & { readonly path: string };

/** Reads the whole file and judges every row. Throws a WorkbookError when it cannot be read at all. */
export async function dryRun(options: DryRunOptions): Promise<ImportSummary> {
  const { path, openRows, findings, onProgress, ...given } = options;
  if (findings !== undefined) await checkIsFree(findings);
  const context = { ...given, codes: shippedBook };
  await using workbook = await openWorkbook(path);
  const { plans } = await recogniseWorkbook(workbook, context);
  const judging = { workbook, fileName: basename(path), plans, context };
  return await judgeWorkbook(judging, { openRows, findings, onProgress }, drain);
}

export type FileOptions = JudgeOptions & {
  readonly path: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** The node's own agency: rows of any other are refused. */
  readonly agency: string;
  /** Whose mappings hold and under whose name the rows are kept; made by `mappings source`. */
  readonly source?: string | undefined;
};

/** The dry run with what the node knows: its units, people, code lists and the source's mappings. */
export async function dryRunAtNode(
  database: Database,
  { path, today, agency, source, ...options }: FileOptions,
): Promise<ImportSummary> {
  if (options.findings !== undefined) await checkIsFree(options.findings);
  await using workbook = await openWorkbook(path);
  const { codes, headings } = await fileSource(database.db, source);
  const { plans } = await recogniseWorkbook(workbook, { today, codes, headings });
  const context = { today, codes, agency, ...(await knownAtNode(database.db)) };
  const judging = { workbook, fileName: basename(path), plans, context };
  return await judgeWorkbook(judging, options, drain);
}

export type ImportOptions = FileOptions & {
  /** Write the good rows to the profile tables at once; otherwise they wait for a reviewer. */
  readonly publish: boolean;
  /** Who publishes; by default the source, as for one that is trusted. */
  readonly decidedBy?: string | undefined;
};

/** The counts of people; together they are all people of the file. `states` counts the rest as well. */
export type ImportResult = ImportSummary & {
  readonly importId: string;
  readonly published: number;
  readonly unchanged: number;
  readonly waiting: number;
  readonly refused: number;
  readonly states: ImportStates;
};

/**
 * Imports the file: intake in one transaction, publication in a second. The same file again writes
 * nothing to the profile tables. What a trusted source brings is published at once. Throws a
 * WorkbookError when the file cannot be read at all, NODE_SOURCE_UNKNOWN; then nothing is kept.
 */
export async function importFile(
  database: Database,
  { path, today, agency, source, publish, decidedBy, ...options }: ImportOptions,
): Promise<ImportResult> {
  if (options.findings !== undefined) await checkIsFree(options.findings);
  await using workbook = await openWorkbook(path);
  const { name, trusted, codes, headings } = await fileSource(database.db, source);
  const { plans, headers } = await recogniseWorkbook(workbook, { today, codes, headings });
  const file = { name: basename(path), sha256: await sha256Of(path), sheets: headers };
  const { importId, report } = await transaction(database, async ({ db }) => {
    const id = await beginImport(db, { source: name, file });
    const context = { today, codes, agency, ...(await knownAtNode(db)) };
    const carries = new Map(plans.map((plan) => [plan.sheet, carriedFields(plan)]));
    const judging = { workbook, fileName: file.name, plans, context };
    const made = await judgeWorkbook(judging, options, (items) =>
      storeRows(db, { importId: id, items, carries }),
    );
    // rows that are being published are not withdrawn
    await lockName(db, 'intake.publish', 'wait');
    await withdrawOlderRows(db, id);
    await finishImport(db, id, made.totals);
    if (!publish && !trusted) await noteRecordTags(db, id);
    return { importId: id, report: made };
  });
  if (publish || trusted) {
    options.onProgress?.({ phase: 'publish', done: 0, total: 1 });
    const by = publish ? decidedBy : undefined;
    await transaction(database, async ({ db }) => {
      await publishRows(db, { importId, decidedBy: by });
      if (by !== undefined) await notePublished(db, { importId, by });
      // of the rows that were left
      await noteRecordTags(db, importId);
    });
    options.onProgress?.({ phase: 'publish', done: 1, total: 1 });
  }
  const states = await importStates(database.db, importId);
  const { published, unchanged, waiting, refused } = states.person;
  return { ...report, importId, published, unchanged, waiting, refused, states };
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _item of items);
}

async function sha256Of(path: string): Promise<Uint8Array> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest();
}
