/**
 * The changes of this unit that have a due day: those sealed, those that wait to be sealed, and the
 * declarations that new people have not made yet.
 */
import {
  headSection,
  nationalSections,
  sealedSections,
} from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { declaredSections } from '@lienthong/shared-schema/catalogue/event-dates.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { isUnrestricted, type Reader } from '../protocol/reader.ts';
import { hanoiDayOf } from './live-since.ts';
import { mayReadRecord } from './readable.ts';

const travellingTags = [...nationalSections, ...sealedSections].map((section) => section.tag);
const declaredTags = declaredSections.map((section) => section.tag);
const declaredTag = declaredTags[0] ?? 0;

/** What is not sealed yet has the day of its note as its event: its own date is read at the seal. */
const unsealed = sql`
  select l.record_id, l.section, 0 as version,
    case when k.record_id is null and r.kind = 2 then 'creation'
      when bool_and(l.origin = 's') then 'system' else 'elsewhere' end as kind,
    min(${hanoiDayOf(sql`l.noted_at`)}) as event_on, min(${hanoiDayOf(sql`l.noted_at`)}) as noted_on,
    null::text as arrived_on
  from sync.change_log l
  join profile.record r on r.record_id = l.record_id and not r.state_secret
  left join sync.record k on k.record_id = l.record_id
  cross join sync.link i
  where l.origin <> 'n' and ${hanoiDayOf(sql`l.noted_at`)} >= i.live_since
    and l.section = any(${travellingTags}::smallint[])
    and (k.record_id is not null or r.kind = 1 or l.section = ${headSection.person.tag})
  group by l.record_id, l.section, k.record_id, r.kind`;

const undeclared = sql`
  select c.record_id, ${declaredTag}::smallint as section, 0 as version, 'declaration' as kind,
    c.noted_on as event_on, c.noted_on, null::text as arrived_on
  from sync.change c
  join profile.record r on r.record_id = c.record_id and not r.state_secret
  where c.kind = 'creation' and not exists (
      select from sync.change d where d.record_id = c.record_id and d.kind = 'declaration')
    and not exists (
      select from sync.change_log l
      where l.record_id = c.record_id and l.section = any(${declaredTags}::smallint[]))`;

/** `record_id, section, version, kind, event_on, noted_on, arrived_on, unit`. */
const dueChanges: RawBuilder<unknown> = sql`
  select c.record_id, c.section, c.version, c.kind, c.event_on, c.noted_on, c.arrived_on,
    coalesce(e.employing_unit, u.code) as unit
  from (
    select record_id, section, version, kind, event_on, noted_on, arrived_on from sync.change
    union all ${unsealed}
    union all ${undeclared}) c
  left join profile.employment e on e.record_id = c.record_id
  left join profile.org_unit u on u.record_id = c.record_id`;

/** Of these what the reader may see. */
export const dueChangesFor = (reader: Reader): RawBuilder<unknown> =>
  isUnrestricted(reader)
    ? dueChanges
    : sql`select c.* from (${dueChanges}) c where ${mayReadRecord(reader, sql`c.record_id`)}`;

/** Of all of them what is not at the hub after its due day, with `due_on`, by the clock of the database. */
export const overdueNow: RawBuilder<unknown> = sql`
  select c.*, d.due_on from (${dueChanges}) c
  join sync.due_day d on d.event_on = c.event_on and d.kind = c.kind
  where c.arrived_on is null and d.due_on < ${hanoiDayOf(sql`now()`)}`;

const daysKept = 400;

/** What arrived long ago and is measured no more. What new records are made of stays. */
export async function forgetOldChanges(db: Db, today: string): Promise<void> {
  await sql`delete from sync.change
    where kind in ('system', 'elsewhere')
      and arrived_on < to_char(${today}::date - ${daysKept}::integer, 'YYYY-MM-DD')`.execute(db);
}
