/** The code lists of a database: they are live, so they are read where they are needed. */
import { sql } from 'kysely';

import { type CodeBook, makeCodeBook } from '../code-lists/code-book.ts';
import type { CodeList } from '../code-lists/code-list.ts';
import type { Db } from './database.ts';

/** All lists as they are in force in this database, about four thousand entries. */
export async function loadCodeBook(db: Db): Promise<CodeBook> {
  return makeCodeBook(await readCodeLists(db));
}

/** The lists in force, or the one of this name; entries in order of code and first day. */
export async function readCodeLists(db: Db, name?: string): Promise<readonly CodeList[]> {
  const { rows } = await sql<CodeList>`
    select l.name, l.version, l.name_vi as vi, l.name_en as en, l.source, e.entries
    from catalogue.code_list l
    join (
      select list, json_agg(jsonb_strip_nulls(to_jsonb(v) - '{list,valid_from}'::text[])
          order by code collate "C", valid_from collate "C") as entries
      from (
        select list, code, label_vi as vi, label_en as en, valid_from,
          nullif(valid_from, '0000-01-01') as "from", nullif(valid_to, '9999-12-31') as "to",
          status, nullif(aliases, '[]') as aliases, parent, successor,
          salary_group as "salaryGroup", note
        from catalogue.code_value) v
      group by list) e on e.list = l.name
    where ${name ?? null}::text is null or l.name = ${name ?? null}
    order by l.name collate "C"`.execute(db);
  return rows;
}

/**
 * A book for a process that lives long: it is read again when a list in the database has become
 * another, which each call asks for with one small query.
 */
export function keptCodeBook(): (db: Db) => Promise<CodeBook> {
  let kept: { readonly state: string; readonly book: CodeBook } | undefined;
  return async (db) => {
    const { rows } = await sql<{ state: string | null }>`
      select string_agg(name || ' ' || xmin::text, ',' order by name) as state
      from catalogue.code_list`.execute(db);
    const state = rows[0]?.state ?? '';
    if (kept?.state !== state) kept = { state, book: await loadCodeBook(db) };
    return kept.book;
  };
}
