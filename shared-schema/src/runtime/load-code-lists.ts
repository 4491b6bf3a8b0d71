/** Puts the shipped code lists into `catalogue.code_list` and `catalogue.code_value`. */
import { sql } from 'kysely';

import { type CodeEntry, type CodeList, codeLists } from '../code-lists/shipped.ts';
import { copyLine } from '../sql/copy-text.ts';
import { copyIn } from './copy.ts';
import type { Tx } from './database.ts';

/** Replaces every list whose shipped version is not the loaded one; returns the names replaced. */
export async function loadCodeLists(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string; version: number }>`
    select name, version from catalogue.code_list`.execute(tx.db);
  const loaded = new Map(rows.map((row) => [row.name, row.version]));
  const stale = Object.values(codeLists).filter((list) => loaded.get(list.name) !== list.version);
  if (stale.length === 0) return [];
  const names = stale.map((list) => list.name);
  await sql`delete from catalogue.code_list where name = any(${names})`.execute(tx.db);
  await copyIn(
    tx,
    'catalogue.code_list (name, version, name_vi, name_en, source)',
    stale.map((list) => copyLine([list.name, String(list.version), list.vi, list.en, list.source])),
  );
  await copyIn(
    tx,
    'catalogue.code_value (list, code, label_vi, label_en, valid_from, valid_to, status, parent, successor, salary_group)',
    stale.flatMap((list) => list.entries.map((entry) => valueLine(list, entry))),
  );
  return names;
}

const valueLine = (list: CodeList, entry: CodeEntry): string =>
  copyLine([
    list.name,
    entry.code,
    entry.vi,
    entry.en ?? null,
    entry.from ?? '0000-01-01',
    entry.to ?? '9999-12-31',
    entry.status,
    entry.parent ?? null,
    entry.successor ?? null,
    entry.salaryGroup ?? null,
  ]);
