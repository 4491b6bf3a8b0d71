/**
 * What a batch says of a change besides its state: an item of the manifest's column `changes`,
 * `section:kind:event:noted`, such as `23:system:2026-11-02:2026-11-03`. The event is the day that the
 * period begins to run from; noted is the day on which the unit wrote it down. Days in Hanoi.
 */
import { type DueKind, dueRules } from './due-dates.ts';

export const dueKinds = Object.keys(dueRules).filter((kind): kind is DueKind => kind in dueRules);

/** As PostgreSQL and JavaScript both read it. What does not fit is no note, and no fault of the data. */
export const changeNotePattern = `^[0-9]{1,4}:(${dueKinds.join('|')}):[0-9]{4}-[0-9]{2}-[0-9]{2}:[0-9]{4}-[0-9]{2}-[0-9]{2}$`;
