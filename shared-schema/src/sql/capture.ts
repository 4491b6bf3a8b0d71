/**
 * Statement-level triggers: every statement on a section table writes the keys it touched,
 * `(record_id, section)`, to `sync.change_log` in the writer's own transaction. Keys only: the
 * state is read when a batch is sealed. Sections that never travel are not captured.
 */
import type { Section } from '../catalogue/types.ts';

/** Triggers on `profile.<section>` for each section; the functions exist (migration of the node). */
export function captureTriggersSql(sections: readonly Section[]): string {
  return sections
    .filter((section) => section.reach !== 'unit')
    .map((section) => tableTriggersSql(`profile.${section.name}`, section.tag))
    .join('\n');
}

/** Triggers on one table that log the given section number (0: the record as a whole). */
export function tableTriggersSql(table: string, tag: number): string {
  const on = (event: string, referencing: string, routine: string): string =>
    `create trigger capture_${event} after ${event} on ${table}\n` +
    `  ${referencing}for each statement execute function sync.${routine}(${tag});`;
  return [
    on('insert', 'referencing new table as new_rows ', 'capture_new'),
    on('update', 'referencing old table as old_rows new table as new_rows ', 'capture_both'),
    on('delete', 'referencing old table as old_rows ', 'capture_old'),
    on('truncate', '', 'capture_all'),
    // also where session_replication_role would switch ordinary triggers off
    ...['insert', 'update', 'delete', 'truncate'].map(
      (event) => `alter table ${table} enable always trigger capture_${event};`,
    ),
    '',
  ].join('\n');
}
