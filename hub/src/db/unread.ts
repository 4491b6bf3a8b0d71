/**
 * What was applied for the part of it that this hub's catalogue knew. `sync.unread_column` has the
 * columns of each batch that were left out; `sync.unread_section` has, for each record and section,
 * the batch of its newest accepted state, where that batch has such columns. So what a later batch
 * replaced, emptied or deleted is not in it, whatever catalogue that batch was of.
 */
import { nationalSections, sealedSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { UnreadColumns } from '@lienthong/shared-schema/runtime/stage.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { valueTags } from '@lienthong/shared-schema/wire/blocks.ts';
import { type RawBuilder, sql } from 'kysely';

const staged = sql.raw(stageRecord);

type Batch = { readonly agency: string; readonly seq: bigint };

/** Notes what the batch that is being applied has for a later catalogue, once outcomes are settled. */
export async function noteUnread(
  db: Db,
  batch: Batch,
  unread: readonly UnreadColumns[],
): Promise<void> {
  // first what is replaced: an accepted section counts from its newest batch on, read in full or not
  await sql`delete from sync.unread_section u using ${staged} m
    where u.agency = ${batch.agency} and u.record_id = m.record_id and m.outcome = 'apply'
      and (m.op = 'D' or m.whole or u.section = any (m.sections))`.execute(db);
  if (unread.length === 0) return;
  const columns = unread.flatMap(({ section, tags }) => tags.map((tag) => ({ section, tag })));
  await sql`insert into sync.unread_column (agency, seq, section, tag)
    select ${batch.agency}, ${batch.seq}, c.section, c.tag
    from unnest(${columns.map((column) => column.section)}::smallint[],
      ${columns.map((column) => column.tag)}::bigint[]) as c (section, tag)
    on conflict do nothing`.execute(db);
  await sql`insert into sync.unread_section (agency, record_id, section, seq)
    select ${batch.agency}, m.record_id, c.section, ${batch.seq} from ${staged} m
    join (select distinct section from sync.unread_column
          where agency = ${batch.agency} and seq = ${batch.seq}) c
      on m.whole or c.section = any (m.sections)
    where m.outcome = 'apply' and m.op = 'U'`.execute(db);
}

/** The unread columns that the catalogue knows by now, as a table: agency, seq, section, tag. */
export function readableNow(): RawBuilder<unknown> {
  const known = [...nationalSections, ...sealedSections].flatMap((section) =>
    valueTags(section).map((tag) => `(${section.tag}, ${tag})`),
  );
  return sql`(select u.agency, u.seq, u.section, u.tag from sync.unread_column u
    join (values ${sql.raw(known.join(', '))}) k (section, tag) using (section, tag))`;
}

/** The newest batch of the unit that can be read further. */
export async function nextUnreadSeq(db: Db, agency: string): Promise<bigint | undefined> {
  const { rows } = await sql<{ seq: bigint }>`
    select c.seq from ${readableNow()} c where c.agency = ${agency}
    order by c.seq desc limit 1`.execute(db);
  return rows[0]?.seq;
}

export type UnreadSection = {
  readonly section: number;
  /** Tags that the catalogue knows by now. */
  readonly readable: readonly number[];
  /** How many columns of the section were left out so far, known by now or not. */
  readonly leftOut: number;
};

/** The sections of a batch that can be read further. */
export async function unreadSections(db: Db, batch: Batch): Promise<readonly UnreadSection[]> {
  const { rows } = await sql<UnreadSection>`
    select c.section, array_agg(c.tag::integer order by c.tag) as readable,
      (select count(*)::integer from sync.unread_column u
        where u.agency = ${batch.agency} and u.seq = ${batch.seq} and u.section = c.section) as left_out
    from ${readableNow()} c where c.agency = ${batch.agency} and c.seq = ${batch.seq}
    group by c.section order by c.section`.execute(db);
  return rows;
}

/** Records whose newest state of one of these sections lies in the batch. */
export async function recordsUnread(
  db: Db,
  batch: Batch,
  sections: readonly UnreadSection[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ recordId: string }>`
    select distinct record_id from sync.unread_section
    where agency = ${batch.agency} and seq = ${batch.seq}
      and section = any (${sections.map((one) => one.section)}::smallint[])
    order by record_id`.execute(db);
  return rows.map((row) => row.recordId);
}

/** Forgets what was read; sections with further unknown columns wait for the next catalogue. */
export async function closeUnread(
  db: Db,
  batch: Batch,
  sections: readonly UnreadSection[],
): Promise<void> {
  const tags = sections.flatMap(({ section, readable }) =>
    readable.map((tag) => ({ section, tag })),
  );
  await sql`delete from sync.unread_column u
    using unnest(${tags.map((one) => one.section)}::smallint[],
      ${tags.map((one) => one.tag)}::bigint[]) as k (section, tag)
    where u.agency = ${batch.agency} and u.seq = ${batch.seq} and u.section = k.section
      and u.tag = k.tag`.execute(db);
  await sql`delete from sync.unread_section s
    where s.agency = ${batch.agency} and s.seq = ${batch.seq} and not exists (
      select 1 from sync.unread_column u
      where u.agency = s.agency and u.seq = s.seq and u.section = s.section)`.execute(db);
}
