/**
 * Judges the open rows of an import again, from the cells that the intake kept: with today's code lists,
 * mappings of the source, tree and people. All rows are read, since they are judged by one another; only
 * those that wait or are refused change. What was repaired so waits for the reviewer.
 */
import { type Database, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { noteDecision } from '../db/decisions.ts';
import { importStates, lockImport, type NewRow, toNewRow } from '../db/intake.ts';
import { noteRecordTags } from '../db/seen-records.ts';
import { readImport, rejudgeRows, storedRows } from '../db/stored-rows.ts';
import { NodeError } from '../errors.ts';
import { evaluateRows, readingOrder } from '../intake/evaluate-rows.ts';
import { readListFacts, sheetsOfFacts } from '../intake/list-facts.ts';
import { recogniseSheet } from '../intake/recognise-sheet.ts';
import { carriedFields } from '../intake/sheet-plan.ts';
import { fileSource } from './file-source.ts';
import { knownAtNode } from './known-at-node.ts';

const chunkRows = 1000;

export type RecheckOptions = {
  readonly importId: string;
  readonly agency: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
  readonly by: string;
};

type OpenRows = { readonly waiting: number; readonly refused: number };

export type Rechecked = { readonly before: OpenRows; readonly after: OpenRows };

/** Throws NODE_IMPORT_UNKNOWN, NODE_RECHECK_PACKET. */
export async function recheckImport(
  database: Database,
  { importId, agency, today, by }: RecheckOptions,
): Promise<Rechecked> {
  return await transaction(database, async ({ db }) => {
    await lockImport(db, importId);
    const stored = await readImport(db, importId);
    if (stored === undefined) throw new NodeError('NODE_IMPORT_UNKNOWN');
    if (stored.sheets === null) throw new NodeError('NODE_RECHECK_PACKET');
    const before = openRows(await importStates(db, importId));
    const { codes, headings } = await fileSource(db, stored.source);
    const plans = stored.sheets.map((top) => recogniseSheet({ ...top, today, codes, headings }));
    const sheets = readingOrder(plans);
    const carries = new Map(plans.map((plan) => [plan.sheet, carriedFields(plan)]));
    const lists = sheetsOfFacts(sheets);
    const listFacts = await readListFacts(lists, storedRows(db, importId, lists), { today, codes });
    const context = { today, codes, agency, listFacts, ...(await knownAtNode(db)) };
    const events = evaluateRows(sheets, storedRows(db, importId, sheets), context);
    let chunk: NewRow[] = [];
    for await (const event of events) {
      if (event.kind !== 'unit' && event.kind !== 'person' && event.kind !== 'list-row') continue;
      chunk.push(toNewRow(event, carries.get(event.sheet) ?? {}));
      if (chunk.length < chunkRows) continue;
      await rejudgeRows(db, importId, chunk);
      chunk = [];
    }
    await rejudgeRows(db, importId, chunk);
    await noteRecordTags(db, importId);
    const after = openRows(await importStates(db, importId));
    await noteDecision(db, { by, action: 'recheck', importId, details: { before, after } });
    return { before, after };
  });
}

function openRows(states: Awaited<ReturnType<typeof importStates>>): OpenRows {
  const kinds = Object.values(states);
  const sum = (state: 'waiting' | 'refused'): number =>
    kinds.reduce((all, kind) => all + kind[state], 0);
  return { waiting: sum('waiting'), refused: sum('refused') };
}
