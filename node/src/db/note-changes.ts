/**
 * At the seal: what each change is for its due day. Its kind follows from how it came in, its event from
 * the section's own date, where just that date is new; else it is the day on which it was noted. Of
 * sections that do not travel in plain text the own date is not told. Before the unit is live nothing is
 * noted, and of an event before that day nothing either: that is old data.
 */

import { recruitment } from '@lienthong/shared-schema/catalogue/career.ts';
import { headSection } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { declaredSections, eventDates } from '@lienthong/shared-schema/catalogue/event-dates.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { type RawBuilder, sql } from 'kysely';

import { hanoiDayOf } from './live-since.ts';
import { sealManifest } from './seal.ts';

type Noting = {
  readonly liveSince: string;
  readonly seq: bigint;
  /** Sections that travel in plain text. */
  readonly plain: readonly Section[];
};

/** Stores the changes of the batch being sealed, and puts them into its manifest. */
export async function noteChanges(db: Db, { liveSince, seq, plain }: Noting): Promise<void> {
  await sql`delete from sync.change c using ${manifest} m
    where m.record_id = c.record_id and m.op = 'D' and c.arrived_on is null`.execute(db);
  await createTable(db);
  await sql`insert into pg_temp.seal_change (record_id, section, version, system, created, noted_on)
    select m.record_id, t.section, m.version, t.system, m.kind = 2 and m.version = 1,
      ${hanoiDayOf(sql`t.noted_at`)}
    from pg_temp.seal_taken t join ${manifest} m on m.record_id = t.record_id
    where m.op = 'U' and t.section = any(m.sections)
      and ${hanoiDayOf(sql`t.noted_at`)} >= ${liveSince}`.execute(db);
  await joinCreations(db);
  const tags = await tagsOf(db);
  if (tags.size === 0) return;
  await sql`analyze pg_temp.seal_change`.execute(db);
  await dateEvents(db, plain, tags);
  await sql`update pg_temp.seal_change set event_on = noted_on where event_on is null`.execute(db);
  await sql`delete from pg_temp.seal_change where event_on < ${liveSince}`.execute(db);
  await nameDeclarations(db);
  await sql`insert into sync.change (record_id, section, version, kind, event_on, noted_on, seq)
    select record_id, section, version, kind, event_on, noted_on, ${seq}
    from pg_temp.seal_change
    on conflict (record_id, section, version) do update
      set seq = excluded.seq, arrived_on = null`.execute(db);
  await sql`update ${manifest} m set changes = c.notes
    from (select h.record_id, array_agg(
        concat_ws(':', h.section, h.kind, h.event_on, h.noted_on) order by h.section) as notes
      from pg_temp.seal_change s
      join sync.change h on (h.record_id, h.section, h.version) = (s.record_id, s.section, s.version)
      group by h.record_id) c
    where m.record_id = c.record_id`.execute(db);
}

const manifest = sql.raw(sealManifest);
const personTag = headSection.person.tag;
const declaredTags = declaredSections.map((section) => section.tag);

async function createTable(db: Db): Promise<void> {
  await sql`create temporary table if not exists seal_change (
      record_id uuid not null, section smallint not null, version bigint not null,
      system boolean not null, created boolean not null, noted_on text not null,
      event_on text, kind text, primary key (record_id, section)) on commit delete rows`.execute(
    db,
  );
}

/** Of a new person all sections are one change, but for what the person declares. */
async function joinCreations(db: Db): Promise<void> {
  await sql`delete from pg_temp.seal_change
    where created and section <> ${personTag} and section <> all(${declaredTags}::smallint[])`.execute(
    db,
  );
  await sql`update pg_temp.seal_change
    set kind = case when created and section = ${personTag} then 'creation'
      when system then 'system' else 'elsewhere' end`.execute(db);
}

async function tagsOf(db: Db): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ section: number }>`
    select distinct section from pg_temp.seal_change`.execute(db);
  return new Set(rows.map((row) => row.section));
}

/** The newest own date, not after the day of the note, that neither the hub has nor a note was made of. */
async function dateEvents(
  db: Db,
  plain: readonly Section[],
  tags: ReadonlySet<number>,
): Promise<void> {
  const plainTags = new Set(plain.map((section) => section.tag));
  for (const { section, fields } of eventDates) {
    if (!plainTags.has(section.tag) || !tags.has(section.tag)) continue;
    await setEvents(db, section, fields, sql`c.section = ${section.tag} and not c.created`);
  }
  // a record is to be made within days of the decision that brings the person
  if (tags.has(personTag) && plainTags.has(recruitment.tag)) {
    await setEvents(db, recruitment, ['joined_agency_on'], sql`c.kind = 'creation'`);
  }
}

async function setEvents(
  db: Db,
  section: Section,
  fields: readonly string[],
  which: RawBuilder<unknown>,
): Promise<void> {
  const daysOf = (alias: string): RawBuilder<unknown> =>
    sql.raw(fields.map((name) => `(${alias}.${name}::text)`).join(', '));
  await sql`update pg_temp.seal_change c set event_on = e.event_on
    from (
      select c.record_id, c.section, max(d.day collate "C") as event_on
      from pg_temp.seal_change c
      join profile.${sql.raw(section.name)} p on p.record_id = c.record_id
      cross join lateral (values ${daysOf('p')}) as d (day)
      where ${which} and char_length(d.day) = 10 and d.day collate "C" <= c.noted_on
        and not exists (
          select from national.${sql.raw(section.name)} n
          cross join lateral (values ${daysOf('n')}) as o (day)
          where n.record_id = c.record_id and o.day = d.day)
        and not exists (
          select from sync.change h
          where h.record_id = c.record_id and h.section = c.section and h.event_on = d.day)
      group by c.record_id, c.section) e
    where c.record_id = e.record_id and c.section = e.section`.execute(db);
}

/**
 * What the person declares of a record that was created since the unit is live: the first time it is the
 * declaration, to be made within days of the creation. The rest of a new record went with its creation.
 */
async function nameDeclarations(db: Db): Promise<void> {
  await sql`update pg_temp.seal_change c set kind = 'declaration', event_on = made.noted_on
    from (
      select d.record_id, min(d.section) as section from pg_temp.seal_change d
      where d.section = any(${declaredTags}::smallint[]) and not exists (
        select from sync.change h where h.record_id = d.record_id and h.kind = 'declaration')
      group by d.record_id) first
    join (
      select record_id, noted_on from sync.change where kind = 'creation'
      union all select record_id, noted_on from pg_temp.seal_change where kind = 'creation') made
      on made.record_id = first.record_id
    where c.record_id = first.record_id and c.section = first.section`.execute(db);
  await sql`delete from pg_temp.seal_change
    where created and kind not in ('creation', 'declaration')`.execute(db);
}
