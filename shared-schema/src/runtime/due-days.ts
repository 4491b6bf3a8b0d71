/** `sync.due_day`: the due days of all kinds of change, as the calendar that is in force has them. */
import { sql } from 'kysely';

import { dueTable, decreeSince } from '../calendar/due-table.ts';
import { workingCalendar } from '../calendar/working-calendar.ts';
import { addDays } from '../text/hanoi-day.ts';
import type { Db } from './database.ts';
import { loadCodeBook } from './load-code-book.ts';

/** So far ahead, so that whoever asks before the next night finds each day that can be. */
const daysAhead = 31;

/** Brings the table in step with the calendar. `today` is a day in Hanoi. */
export async function keepDueDays(db: Db, today: string): Promise<void> {
  const calendar = workingCalendar(await loadCodeBook(db));
  const { events, kinds, dues } = dueTable(
    { from: decreeSince, to: addDays(today, daysAhead) },
    calendar,
  );
  await sql`insert into sync.due_day (event_on, kind, due_on)
    select event_on, kind, due_on
    from unnest(${[...events]}::text[], ${[...kinds]}::text[], ${[...dues]}::text[])
      as d (event_on, kind, due_on)
    on conflict (event_on, kind) do update set due_on = excluded.due_on
      where sync.due_day.due_on <> excluded.due_on`.execute(db);
}
