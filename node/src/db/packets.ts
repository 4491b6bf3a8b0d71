/**
 * Packets that had an answer (`intake.packet`), and what the node knows of the record that one speaks
 * of: who holds the staff number, who wrote the record last, which state a program has seen.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type AnsweredPacket<Reply> = {
  readonly transactionId: string;
  readonly contentSha256: Buffer;
  readonly accepted: boolean;
  readonly reply: Reply;
  /** The record that it was about; null for a new one that waits. */
  readonly recordId: string | null;
  /** Of its row in the intake now; null where that is gone. */
  readonly rowState: string | null;
};

const answered = sql`
  transaction_id, content_sha256, accepted, reply, record_id,
  (select r.state from intake.row r where r.import_id = p.import_id
   order by r.sheet, r.row_no limit 1) as row_state
  from intake.packet p`;

/** The packet of this id, as it was answered. */
export async function findPacket<Reply>(
  db: Db,
  key: { readonly source: string; readonly transactionId: string },
): Promise<AnsweredPacket<Reply> | undefined> {
  const { rows } = await sql<AnsweredPacket<Reply>>`
    select ${answered}
    where source = ${key.source} and transaction_id = ${key.transactionId}`.execute(db);
  return rows[0];
}

/** The last packet of the source about the subject to one of these services. */
export async function lastPacket<Reply>(
  db: Db,
  about: {
    readonly source: string;
    readonly subject: string | null;
    readonly services: readonly string[];
    readonly accepted: boolean;
  },
): Promise<AnsweredPacket<Reply> | undefined> {
  const { rows } = await sql<AnsweredPacket<Reply>>`
    select ${answered}
    where source = ${about.source} and subject is not distinct from ${about.subject}
      and service = any(${about.services}) and accepted = ${about.accepted}
    order by received_at desc, transaction_id desc limit 1`.execute(db);
  return rows[0];
}

export type NewPacket = {
  readonly source: string;
  readonly transactionId: string;
  readonly service: string;
  readonly subject: string | null;
  readonly contentSha256: Uint8Array;
  /** When the program made it, as it says. */
  readonly madeAt: Date | null;
  readonly accepted: boolean;
  readonly reply: object;
  readonly importId: string | null;
  readonly recordId: string | null;
  readonly etag: string | null;
};

/**
 * A packet that had no effect may be answered again under its id. Its time is the database's own,
 * which orders it with the publications of others.
 */
export async function storePacket(db: Db, packet: NewPacket): Promise<void> {
  await sql`
    insert into intake.packet (source, transaction_id, service, subject, content_sha256, received_at,
                               made_at, accepted, reply, import_id, record_id, etag)
    values (${packet.source}, ${packet.transactionId}, ${packet.service}, ${packet.subject},
            ${Buffer.from(packet.contentSha256)}, clock_timestamp(),
            case when ${packet.madeAt}::timestamptz is not null
              then least(${packet.madeAt}::timestamptz, clock_timestamp()) end, ${packet.accepted},
            ${JSON.stringify(packet.reply)}::json, ${packet.importId}, ${packet.recordId},
            ${packet.etag})
    on conflict (source, transaction_id) do update
    set service = excluded.service, subject = excluded.subject,
        content_sha256 = excluded.content_sha256, received_at = excluded.received_at,
        made_at = excluded.made_at,
        accepted = excluded.accepted, reply = excluded.reply, import_id = excluded.import_id,
        record_id = excluded.record_id, etag = excluded.etag`.execute(db);
}

/** Rows of refused packets that a newer one about the same takes the place of: they ask for nothing more. */
export async function withdrawRefused(
  db: Db,
  newer: {
    readonly source: string;
    readonly subject: string;
    readonly service: string;
    readonly importId: string;
  },
): Promise<void> {
  await sql`
    update intake.row r set state = 'withdrawn'
    from intake.packet p
    where p.source = ${newer.source} and p.subject = ${newer.subject}
      and p.service = ${newer.service} and not p.accepted and p.import_id <> ${newer.importId}
      and r.import_id = p.import_id and r.state = 'refused'`.execute(db);
}

export type KnownRecord = {
  readonly recordId: string;
  readonly staffNumber: string | null;
  readonly pin: string | null;
  readonly active: boolean;
};

/** The records with this staff number, or with this PIN; active ones first, three at most. */
export async function recordsWith(
  db: Db,
  by: 'staff_number' | 'pin',
  value: string,
): Promise<readonly KnownRecord[]> {
  const { rows } = await sql<KnownRecord>`
    select k.record_id, e.staff_number, i.pin, coalesce(e.status, '1') = '1' as active
    from profile.record k
    left join profile.employment e using (record_id)
    left join profile.identity i using (record_id)
    where k.kind = 2 and k.record_id in (
      ${by === 'pin' ? sql`select record_id from profile.identity where pin = ${value}` : sql`select record_id from profile.employment where staff_number = ${value}`})
    order by 4 desc, k.record_id desc limit 3`.execute(db);
  return rows;
}

/** Of these units those that the node has, with the day on which each was closed. */
export async function unitsAmong(
  db: Db,
  codes: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await sql<{ code: string; closedOn: string | null }>`
    select code, closed_on from profile.org_unit where code = any(${codes})`.execute(db);
  return new Map(rows.map((row) => [row.code, row.closedOn]));
}

export type WrittenBy = { readonly source: string; readonly at: Date };

/** The last change of the record through the intake by any other source. */
export async function lastOtherChange(
  db: Db,
  { recordId, source }: { readonly recordId: string; readonly source: string },
): Promise<WrittenBy | null> {
  const { rows } = await sql<WrittenBy>`
    select i.source, r.published_at as at
    from intake.row r join intake.import i on i.id = r.import_id
    where r.record_id = ${recordId} and r.state = 'published' and i.source <> ${source}
      and r.published_at is not null
    order by r.published_at desc limit 1`.execute(db);
  return rows[0] ?? null;
}

export type OwnPackets = {
  readonly lastTag: string | null;
  readonly lastAt: Date | null;
  /** Of the services that were asked for. */
  readonly lastOfBlockAt: Date | null;
  /** Of the services that were asked for: when the newest was made that was not rejected. */
  readonly lastMadeAt: Date | null;
  /** When a reply gave the etag. */
  readonly seenAt: Date | null;
};

/**
 * What the source's own packets left of the record. `etag` is the state that the program has seen. Those
 * that wait for a reviewer have none yet, and count only by when they were made.
 */
export async function ownPackets(
  db: Db,
  about: {
    readonly recordId: string;
    readonly source: string;
    readonly services: readonly string[];
    readonly etag: string | null;
  },
): Promise<OwnPackets> {
  const { rows } = await sql<OwnPackets>`
    with own as (
      select etag, received_at, made_at, service = any(${about.services}) as is_of_block, import_id
      from intake.packet
      where record_id = ${about.recordId} and source = ${about.source} and accepted
    )
    select (select etag from own where etag is not null order by received_at desc limit 1)
             as last_tag,
           (select max(received_at) from own where etag is not null) as last_at,
           (select max(received_at) from own where etag is not null and is_of_block)
             as last_of_block_at,
           (select max(made_at) from own where is_of_block and not exists (
              select from intake.row r where r.import_id = own.import_id and r.state = 'rejected'))
             as last_made_at,
           (select max(received_at) from own where etag = ${about.etag}) as seen_at`.execute(db);
  return (
    rows[0] ?? { lastTag: null, lastAt: null, lastOfBlockAt: null, lastMadeAt: null, seenAt: null }
  );
}

export type RowOutcome<F> = {
  readonly state: string;
  readonly findings: readonly F[];
  readonly recordId: string | null;
  readonly reason: string | null;
};

/** What became of the first row of an import. */
export async function rowOutcome<F>(db: Db, importId: string): Promise<RowOutcome<F> | undefined> {
  const { rows } = await sql<RowOutcome<F>>`
    select state, findings, record_id, reason from intake.row
    where import_id = ${importId} order by sheet, row_no limit 1`.execute(db);
  return rows[0];
}

/** How many rows of an import wait, and how many were written. */
export async function importOutcome(
  db: Db,
  importId: string,
): Promise<{ readonly waiting: number; readonly published: number }> {
  const { rows } = await sql<{ waiting: number; published: number }>`
    select count(*) filter (where state = 'waiting')::integer as waiting,
           count(*) filter (where state = 'published')::integer as published
    from intake.row where import_id = ${importId}`.execute(db);
  return rows[0] ?? { waiting: 0, published: 0 };
}
