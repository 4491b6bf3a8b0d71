/**
 * Puts code lists into `catalogue.code_list` and `catalogue.code_value`, where the hub judges by them
 * and a node reads its book. Of the shipped list and the one published by the hub the higher version
 * is in force, at hub and node alike.
 */
import { sql } from 'kysely';

import type { CodeEntry, CodeList } from '../code-lists/code-list.ts';
import { codeLists } from '../code-lists/shipped.ts';
import { copyLine } from '../sql/copy-text.ts';
import { copyIn } from './copy.ts';
import type { Tx } from './database.ts';

/** Loads the shipped lists that are newer than the loaded ones; returns the names that had an older one. */
export async function loadCodeLists(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string; version: number }>`
    select name, version from catalogue.code_list`.execute(tx.db);
  const loaded = new Map(rows.map((row) => [row.name, row.version]));
  const newer = Object.values(codeLists).filter(
    (list) => list.version > (loaded.get(list.name) ?? 0),
  );
  await storeCodeLists(tx, newer);
  return newer.map((list) => list.name).filter((name) => loaded.has(name));
}

/** Puts these lists in the place of those of their names. */
export async function storeCodeLists(tx: Tx, lists: readonly CodeList[]): Promise<void> {
  if (lists.length === 0) return;
  const names = lists.map((list) => list.name);
  await sql`delete from catalogue.code_list where name = any(${names})`.execute(tx.db);
  await copyIn(
    tx,
    'catalogue.code_list (name, version, name_vi, name_en, source)',
    lists.map((list) => copyLine([list.name, String(list.version), list.vi, list.en, list.source])),
  );
  await copyIn(
    tx,
    'catalogue.code_value (list, code, label_vi, label_en, valid_from, valid_to, status, parent, successor, salary_group, aliases, note)',
    lists.flatMap((list) => list.entries.map((entry) => valueLine(list, entry))),
  );
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
    JSON.stringify(entry.aliases ?? []),
    entry.note ?? null,
  ]);
