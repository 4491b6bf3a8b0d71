/**
 * Changes and their due days, counted and listed. Each side hands in its own changes: a query with the
 * columns `record_id, section, version, kind, event_on, noted_on, arrived_on, unit`. All days are days in
 * Hanoi as text; a change that arrives on its due day is in time.
 */
import { type RawBuilder, sql } from 'kysely';

import type { DueKind } from '../calendar/due-dates.ts';
import type { Db } from './database.ts';

export type DueCount = {
  readonly unit: string;
  readonly kind: DueKind;
  /** Tag of the section. */
  readonly section: number;
  /** Not at the hub, and the due day is over. */
  readonly overdue: number;
  /** Not at the hub, and in time until now. */
  readonly pending: number;
  readonly inTime: number;
  readonly late: number;
  /** Of those overdue or late the most days beyond the due day. */
  readonly daysLateMax: number;
};

export type DueState = 'overdue' | 'late';

export type DueChange = {
  readonly recordId: string;
  readonly section: number;
  /** Of the record; 0 for what is not sealed yet. A whole number as text. */
  readonly version: string;
  readonly unit: string;
  readonly kind: DueKind;
  readonly eventOn: string;
  readonly notedOn: string;
  readonly dueOn: string;
  readonly arrivedOn: string | null;
  readonly daysLate: number;
};

export type DueQuery = {
  readonly changes: RawBuilder<unknown>;
  /** The day in Hanoi. */
  readonly today: string;
  /** Only of this unit and those below it. */
  readonly unit?: string | undefined;
};

/** The changes with `due_on` and `days_late`, which is above 0 when the due day is over. */
export const withDue = ({ changes, today, unit }: DueQuery): RawBuilder<unknown> => sql`
  select c.record_id, c.section, c.version, c.kind, c.event_on, c.noted_on, c.arrived_on,
    coalesce(c.unit, '') as unit, d.due_on,
    coalesce(c.arrived_on, ${today}::text)::date - d.due_on::date as days_late
  from (${changes}) c
  join sync.due_day d on d.event_on = c.event_on and d.kind = c.kind
  where ${unit === undefined ? sql`true` : sql`(c.unit = ${unit} or starts_with(c.unit, ${`${unit}.`}))`}`;

/** By unit, kind and section. */
export async function countDue(db: Db, query: DueQuery): Promise<readonly DueCount[]> {
  const { rows } = await sql<DueCount>`
    select unit, kind, section::integer as section,
      count(*) filter (where arrived_on is null and days_late > 0)::integer as overdue,
      count(*) filter (where arrived_on is null and days_late <= 0)::integer as pending,
      count(*) filter (where arrived_on is not null and days_late <= 0)::integer as in_time,
      count(*) filter (where arrived_on is not null and days_late > 0)::integer as late,
      greatest(max(days_late), 0)::integer as days_late_max
    from (${withDue(query)}) c
    group by unit, kind, section order by unit, kind, section`.execute(db);
  return rows;
}

/** A section of a record may change twice a day, so that only the version tells two changes apart. */
export type DueCursor = Pick<DueChange, 'recordId' | 'section' | 'notedOn' | 'version'>;

export type DuePage = {
  readonly state: DueState;
  readonly after?: DueCursor | undefined;
  readonly limit: number;
};

/** In order of record; `after` is the last one seen. */
export async function listDue(
  db: Db,
  query: DueQuery,
  { state, after, limit }: DuePage,
): Promise<readonly DueChange[]> {
  const seen =
    after === undefined
      ? sql`true`
      : sql`(c.record_id, c.section, c.noted_on, c.version) > (${after.recordId}::uuid,
          ${after.section}::smallint, ${after.notedOn}, ${after.version}::bigint)`;
  const { rows } = await sql<DueChange>`
    select record_id, section::integer as section, version::text as version, unit, kind, event_on, noted_on, due_on,
      arrived_on, days_late
    from (${withDue(query)}) c
    where days_late > 0 and (arrived_on is null) = ${state === 'overdue'} and ${seen}
    order by record_id, section, noted_on, c.version limit ${limit}`.execute(db);
  return rows;
}
