/** The rows of a file as the intake kept them, to be judged again without the file. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { storedCells } from '../intake/row-source.ts';
import type { KnownSheet } from '../intake/sheet-plan.ts';
import type { SheetRow } from '../workbook/cell.ts';
import type { NewRow, StoredSheet } from './intake.ts';

export type StoredImport = {
  readonly source: string;
  readonly kind: 'file' | 'packet' | 'api';
  /** Null for what was no file. */
  readonly sheets: readonly StoredSheet[] | null;
};

export async function readImport(db: Db, importId: string): Promise<StoredImport | undefined> {
  const { rows } = await sql<StoredImport>`
    select i.source, s.kind, i.sheets from intake.import i
    join intake.source s on s.name = i.source
    where i.id = ${importId}`.execute(db);
  return rows[0];
}

const pageRows = 1000;

/** All rows of these sheets in the order of the file, in whatever state, a page at a time. */
export async function* storedRows(
  db: Db,
  importId: string,
  sheets: readonly KnownSheet[],
): AsyncGenerator<SheetRow> {
  for (const plan of sheets) {
    for (let last: number | undefined = 0; last !== undefined;) {
      const page = await readPage(db, importId, { sheet: plan.sheet, row: last });
      for (const { row, source, kinds } of page) {
        yield { sheet: plan.sheet, row, cells: storedCells(plan, source, kinds) };
      }
      last = page.length < pageRows ? undefined : page.at(-1)?.row;
    }
  }
}

type StoredCells = {
  readonly row: number;
  readonly source: Readonly<Record<string, string>>;
  readonly kinds: string;
};

async function readPage(
  db: Db,
  importId: string,
  after: { readonly sheet: string; readonly row: number },
): Promise<readonly StoredCells[]> {
  const { rows } = await sql<StoredCells>`
    select row_no as row, source, cell_kinds as kinds from intake.row
    where import_id = ${importId} and sheet = ${after.sheet} and row_no > ${after.row}
    order by row_no limit ${pageRows}`.execute(db);
  return rows;
}

/**
 * Writes what was judged anew of the rows that are open; all others stay as they are. In a file of which
 * published rows were deleted for their age nobody knows any more whose number comes twice: then a row
 * that was refused for that stays so.
 */
export async function rejudgeRows(
  db: Db,
  importId: string,
  rows: readonly NewRow[],
): Promise<void> {
  await sql`
    update intake.row r
    set unit_code = n.unit_code, pin = n.pin, section = n.section, verdict = n.verdict,
        findings = n.findings, sections = n.sections, carries = n.carries,
        state = case n.verdict when 'error' then 'refused' else 'waiting' end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (
      sheet text, row_no integer, unit_code text, pin text, section text, verdict text,
      findings jsonb, sections jsonb, carries jsonb
    ), intake.import i
    where i.id = ${importId} and r.import_id = ${importId} and r.sheet = n.sheet
      and r.row_no = n.row_no and r.state in ('waiting', 'refused')
      and not (i.aged_at is not null and r.findings @> '[{"code": "pin_repeated"}]')`.execute(db);
}
