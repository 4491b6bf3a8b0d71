/**
 * The intake tables: imports and their rows. Rows go in by the thousand in one statement, so memory
 * is bounded by the chunk and no query is made for a row. Publication is in `publish-intake.ts`.
 */
import assert from 'node:assert/strict';

import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';
import { type Db, lockName } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { ListItem, PersonItem, UnitItem, Verdict } from '../intake/intake-item.ts';
import type { CarriedFields } from '../intake/sheet-plan.ts';
import type { RowState } from '../protocol/review.ts';
import type { SheetRow } from '../workbook/cell.ts';

const chunkRows = 1000;

export type NewImport = {
  /** Name of an `intake.source` that is there. */
  readonly source: string;
  readonly file?: {
    readonly name: string;
    readonly sha256: Uint8Array;
    readonly sheets: readonly StoredSheet[];
  };
};

/** A sheet down to its header: what is needed to know its columns again without the file. */
export type StoredSheet = { readonly sheet: string; readonly rows: readonly SheetRow[] };

/** Returns the id of the import. */
export async function beginImport(db: Db, { source, file }: NewImport): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into intake.import (source, file_name, file_sha256, sheets)
    values (${source}, ${file?.name ?? null}, ${file?.sha256 ?? null},
            ${file === undefined ? null : JSON.stringify(file.sheets)}::jsonb)
    returning id`.execute(db);
  const id = rows[0]?.id;
  assert(id !== undefined, 'an insert returns the id of its row');
  return id;
}

/**
 * Whoever decides about rows of an import, or judges them again, has it alone until the transaction ends: the
 * second waits, and then sees what the first has done. Taken before the lock of the publication, so that
 * packets, which have that one, do not wait for a long review.
 */
export async function lockImport(db: Db, importId: string): Promise<void> {
  await lockName(db, `intake.import ${importId}`, 'wait');
}

export async function finishImport(
  db: Db,
  importId: string,
  totals: Readonly<Record<Verdict, number>>,
): Promise<void> {
  await sql`
    update intake.import set finished_at = now(), totals = ${JSON.stringify(totals)}::jsonb
    where id = ${importId}`.execute(db);
}

export type StoreOptions = {
  readonly importId: string;
  readonly items: AsyncIterable<UnitItem | PersonItem | ListItem>;
  /** By sheet. */
  readonly carries: ReadonlyMap<string, CarriedFields>;
  readonly onProgress?: ((rows: number) => void) | undefined;
};

/** Every row waits, or is refused where it has an error. */
export async function storeRows(
  db: Db,
  { importId, items, carries, onProgress }: StoreOptions,
): Promise<void> {
  let chunk: NewRow[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    if (chunk.length === 0) return;
    await appendRows(db, importId, chunk);
    count += chunk.length;
    chunk = [];
    onProgress?.(count);
  };
  for await (const item of items) {
    chunk.push(toNewRow(item, carries.get(item.sheet) ?? {}));
    if (chunk.length >= chunkRows) await flush();
  }
  await flush();
  // Publication is planned by these figures; without them it took several times as long.
  await sql`analyze intake.row`.execute(db);
}

/** A row for the intake, whatever brought it. The keys are columns of `intake.row`. */
export type NewRow = {
  readonly sheet: string;
  readonly row_no: number;
  readonly kind: RowKind;
  readonly stt?: number | null;
  readonly unit_code: string | null;
  readonly pin: string | null;
  /** Of a list row. */
  readonly section?: string | null;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Section to rows, in canonical text. */
  readonly sections: RecordDraft['sections'];
  readonly carries: CarriedFields;
  /** As written, so that nothing is lost and it can be judged again. */
  readonly source: unknown;
  readonly cell_kinds?: string | null;
  readonly action?: 'put' | 'remove';
  /** Where the source names the record; else it is found by code or PIN. */
  readonly record_id?: string | null;
};

export function toNewRow(item: UnitItem | PersonItem | ListItem, carries: CarriedFields): NewRow {
  const { sheet, kind, stt, verdict, findings, source, cellKinds } = item;
  return {
    sheet,
    row_no: item.row,
    kind,
    stt,
    unit_code: item.kind === 'unit' ? item.code : null,
    pin: item.kind === 'unit' ? null : item.pin,
    section: item.kind === 'list-row' ? item.section : null,
    verdict,
    findings,
    sections: item.kind === 'list-row' ? { [item.section]: [item.values] } : item.draft.sections,
    carries,
    source,
    cell_kinds: cellKinds,
  };
}

/** Rows with an error are refused, all others wait. */
export async function appendRows(db: Db, importId: string, rows: readonly NewRow[]): Promise<void> {
  await sql`
    insert into intake.row (import_id, sheet, row_no, kind, stt, unit_code, pin, section, verdict,
                            findings, sections, carries, source, cell_kinds, action, record_id, state)
    select ${importId}::uuid, sheet, row_no, kind, stt, unit_code, pin, section, verdict,
           findings, sections, carries, source, cell_kinds, coalesce(action, 'put'), record_id,
           case verdict when 'error' then 'refused' else 'waiting' end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
      sheet text, row_no integer, kind text, stt integer, unit_code text, pin text, section text,
      verdict text, findings jsonb, sections jsonb, carries jsonb, source jsonb, cell_kinds text,
      action text, record_id uuid
    )`.execute(db);
}

/** The columns by which rows are of the same person or unit. */
export const rowKeys = ['pin', 'unit_code', 'record_id'] as const;

/**
 * Takes back what an import replaces: open rows of the same file, and open rows of the same unit, person or
 * list that speak of nothing else than a row of the import without errors: also one that was refused, and is
 * mended so. An older row that speaks of more stays; that it is not published over something newer is
 * looked at then.
 */
export async function withdrawOlderRows(db: Db, importId: string): Promise<void> {
  await sql`
    update intake.row old set state = 'withdrawn'
    from intake.import was, intake.import this
    where this.id = ${importId} and was.id = old.import_id and was.id <> this.id
      and was.file_sha256 = this.file_sha256 and old.state in ('waiting', 'refused')`.execute(db);
  for (const key of rowKeys) {
    await sql`
      update intake.row old set state = 'withdrawn'
      from intake.row new
      where new.import_id = ${importId} and new.state = 'waiting'
        and old.import_id <> ${importId} and old.state in ('waiting', 'refused') and old.kind = new.kind
        and coalesce(old.section, '') = coalesce(new.section, '')
        and ${sql.ref(`old.${key}`)} = ${sql.ref(`new.${key}`)}
        and (new.action = 'remove'
          or old.action = 'put' and (new.carries @> old.carries or new.section is not null))
      `.execute(db);
  }
}

export type RowKind = 'unit' | 'person' | 'list-row';
export type ImportStates = Readonly<Record<RowKind, Readonly<Record<RowState, number>>>>;

/** How many rows of each kind are in which state. */
export async function importStates(db: Db, importId: string): Promise<ImportStates> {
  const { rows } = await sql<{ kind: string; state: string; rows: number }>`
    select kind, state, count(*)::integer as rows from intake.row
    where import_id = ${importId} group by kind, state`.execute(db);
  const countOf = (kind: RowKind, state: RowState): number =>
    rows.find((row) => row.kind === kind && row.state === state)?.rows ?? 0;
  const statesOf = (kind: RowKind): Readonly<Record<RowState, number>> => ({
    waiting: countOf(kind, 'waiting'),
    published: countOf(kind, 'published'),
    refused: countOf(kind, 'refused'),
    rejected: countOf(kind, 'rejected'),
    unchanged: countOf(kind, 'unchanged'),
    withdrawn: countOf(kind, 'withdrawn'),
  });
  return { unit: statesOf('unit'), person: statesOf('person'), 'list-row': statesOf('list-row') };
}
