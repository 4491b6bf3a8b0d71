/** `sync.bundle`: what came on a medium, and what it was answered. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { BundlePart } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

import type { UnitStatus } from './units.ts';

export type BundleSender = {
  readonly status: UnitStatus;
  /** PEM; null where the unit never enrolled. */
  readonly signingKey: string | null;
  readonly bundleKey: Buffer | null;
  /** Whether a certificate of the unit is in force: what is refused on the line is refused here too. */
  readonly certified: boolean;
};

export async function bundleSender(db: Db, agency: string): Promise<BundleSender | undefined> {
  const { rows } = await sql<BundleSender>`
    select u.status, u.signing_key, u.bundle_key,
      exists (select 1 from registry.certificate c where c.agency = u.agency
        and c.status = 'active' and c.not_after > now()) as certified
    from registry.unit u where u.agency = ${agency}`.execute(db);
  return rows[0];
}

export type BundleRow = {
  readonly id: bigint;
  readonly hash: Buffer;
  readonly late: boolean;
  readonly importedAt: Date | null;
};

/** Notes the bundle, or finds it noted: by this incarnation of the hub each bundle is answered once. */
export async function noteBundle(
  db: Db,
  bundle: {
    readonly agency: string;
    readonly bundleId: Uint8Array;
    readonly answeredUnder: bigint;
    readonly hash: Uint8Array;
    readonly helloNonce: Uint8Array;
    readonly late: boolean;
  },
): Promise<BundleRow> {
  const { rows } = await sql<BundleRow>`
    insert into sync.bundle (agency, bundle_id, answered_under, hash, hello_nonce, late)
    values (${bundle.agency}, ${Buffer.from(bundle.bundleId)}, ${bundle.answeredUnder},
      ${Buffer.from(bundle.hash)}, ${Buffer.from(bundle.helloNonce)}, ${bundle.late})
    on conflict (agency, bundle_id, answered_under) do update set hash = sync.bundle.hash
    returning id, hash, late, imported_at`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError('the bundle was not noted');
  return row;
}

export type GivenAnswer = {
  readonly settled: boolean;
  /** The answer itself where it is that to a hello. */
  readonly hello: Buffer | null;
};

/** What was answered before an interruption, by the number of the item. */
export async function answersGiven(
  db: Db,
  bundle: bigint,
): Promise<ReadonlyMap<number, GivenAnswer>> {
  const { rows } = await sql<GivenAnswer & { readonly item: number }>`
    select item, settled, case when part = 'HELLO_REPLY' then body end as hello
    from sync.bundle_reply where bundle = ${bundle}`.execute(db);
  return new Map(rows.map((row) => [row.item, row]));
}

export type BundleReply = {
  readonly part: BundlePart;
  readonly subject: Uint8Array;
  readonly body: Uint8Array;
};

/** The first answer of an item stays. */
export async function storeBundleReply(
  db: Db,
  reply: BundleReply & {
    readonly bundle: bigint;
    readonly item: number;
    readonly settled: boolean;
  },
): Promise<void> {
  await sql`insert into sync.bundle_reply (bundle, item, part, subject, settled, body)
    values (${reply.bundle}, ${reply.item}, ${reply.part}, ${Buffer.from(reply.subject)},
      ${reply.settled}, ${Buffer.from(reply.body)})
    on conflict do nothing`.execute(db);
}

export async function finishBundle(db: Db, id: bigint, feedCursor: bigint): Promise<void> {
  await sql`update sync.bundle set imported_at = now(), feed_cursor = ${feedCursor}
    where id = ${id} and imported_at is null`.execute(db);
}

/** What an answer to a unit is made from. */
export type BundleRound = {
  readonly id: bigint;
  readonly bundleId: Buffer;
  readonly helloNonce: Buffer;
  readonly feedCursor: bigint;
};

/**
 * What an answer is made for: the newest bundle that came in its time, and after it the newest that
 * came late, where that is newer. Most late ones nobody waits for; but the hello of a unit that was
 * released before its answer came is spent as well, and must be told so.
 */
export async function newestBundles(
  db: Db,
  agency: string,
  answeredUnder: bigint,
): Promise<readonly BundleRound[]> {
  const { rows } = await sql<BundleRound>`
    select id, bundle_id, hello_nonce, feed_cursor from (
      select distinct on (late) id, bundle_id, hello_nonce, feed_cursor, late from sync.bundle
      where agency = ${agency} and answered_under = ${answeredUnder} and imported_at is not null
      order by late, id desc) newest
    order by late`.execute(db);
  const [first, second] = rows;
  if (first === undefined || second === undefined) return rows;
  return second.id > first.id && !second.helloNonce.equals(first.helloNonce) ? rows : [first];
}

export type PlacedReply = BundleReply & { readonly bundle: bigint; readonly item: number };

/**
 * The next answers after a place, of all bundles with this hello: they were made with no answer
 * between. Where several speak of one subject, the settled and then the newest one.
 */
export async function repliesOfRound(
  db: Db,
  agency: string,
  round: { readonly helloNonce: Uint8Array; readonly answeredUnder: bigint },
  page: { readonly after: Pick<PlacedReply, 'bundle' | 'item'>; readonly max: number },
): Promise<readonly PlacedReply[]> {
  const ofRound = sql`select id from sync.bundle where agency = ${agency}
    and hello_nonce = ${Buffer.from(round.helloNonce)} and answered_under = ${round.answeredUnder}`;
  const { rows } = await sql<PlacedReply>`
    select r.bundle, r.item, r.part, r.subject, r.body from sync.bundle_reply r
    where r.bundle in (${ofRound}) and (r.bundle, r.item) > (${page.after.bundle}, ${page.after.item})
      and not exists (
        select 1 from sync.bundle_reply o
        where o.bundle in (${ofRound}) and o.part = r.part and o.subject = r.subject
          and (o.settled, o.bundle, o.item) > (r.settled, r.bundle, r.item))
    order by r.bundle, r.item limit ${page.max}`.execute(db);
  return rows;
}
