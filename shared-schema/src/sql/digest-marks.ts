/**
 * Statement-level triggers on the tables of `national`: every statement, also one typed by hand, notes
 * the records it touched in the writer's own transaction, so that just their digests are made anew.
 * What a person does behind these triggers is found by a deep check only.
 */
import type { Section } from '../catalogue/types.ts';

/** Triggers on `national.record`, `national.sealed` and each section; the functions exist. */
export function digestMarksSql(sections: readonly Section[]): string {
  return ['record', ...sections.map((section) => section.name), 'sealed']
    .map(tableMarks)
    .join('\n');
}

function tableMarks(name: string): string {
  const on = (event: string, referencing: string, routine: string): string =>
    `create trigger digest_${event} after ${event} on national.${name}\n` +
    `  ${referencing}for each statement execute function sync.${routine}();`;
  return [
    on('insert', 'referencing new table as new_rows ', 'mark_new'),
    on('update', 'referencing old table as old_rows new table as new_rows ', 'mark_both'),
    on('delete', 'referencing old table as old_rows ', 'mark_old'),
    on('truncate', '', 'mark_all'),
    // also where session_replication_role would switch ordinary triggers off
    ...['insert', 'update', 'delete', 'truncate'].map(
      (event) => `alter table national.${name} enable always trigger digest_${event};`,
    ),
    '',
  ].join('\n');
}
