/** Queries on `registry.unit`: the state of each unit's channel. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { readableNow } from './unread.ts';

export type UnitStatus = 'invited' | 'active' | 'frozen' | 'revoked';

export type UnitChannel = {
  readonly agency: string;
  readonly status: UnitStatus;
  readonly frozenReason: string | null;
  readonly slot: string;
  readonly epoch: bigint;
  readonly lineageToken: Buffer;
  readonly helloNonce: Buffer | null;
  readonly headSeq: bigint;
  readonly headHash: Buffer;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly feedHead: bigint;
  /** The incarnation of the database; null where no program of the hub has opened it yet. */
  readonly seenIncarnation: bigint | null;
};

const channelColumns = sql`agency, status, frozen_reason, slot, epoch, lineage_token, hello_nonce,
  head_seq, head_hash, applied_seq, safe_seq, feed_head,
  (select incarnation from registry.hub) as seen_incarnation`;

/**
 * Locks the unit's row until the transaction ends: one decision at a time for each unit. Leaves the
 * key alone, so that a batch is received while another is applied.
 */
export async function lockUnit(db: Db, agency: string): Promise<UnitChannel | undefined> {
  const { rows } = await sql<UnitChannel>`
    select ${channelColumns} from registry.unit where agency = ${agency}
    for no key update`.execute(db);
  return rows[0];
}

export async function readUnit(db: Db, agency: string): Promise<UnitChannel | undefined> {
  const { rows } = await sql<UnitChannel>`
    select ${channelColumns} from registry.unit where agency = ${agency}`.execute(db);
  return rows[0];
}

/** A unit that was revoked stays revoked, with the reason. */
export async function freezeUnit(db: Db, agency: string, reason: string): Promise<void> {
  await sql`update registry.unit set frozen_reason = ${reason},
      status = case status when 'revoked' then status else 'frozen' end
    where agency = ${agency}`.execute(db);
}

/**
 * Lets a frozen unit speak again, and any machine of an active one rejoin. The token and the answer
 * to the last hello are forgotten: whichever machine has the hub's own head and speaks next is the
 * unit. Returns what the unit was; undefined where it is neither.
 */
export async function releaseUnit(
  db: Db,
  agency: string,
): Promise<'frozen' | 'active' | undefined> {
  const { rows } = await sql<{ was: 'frozen' | 'active' }>`
    with found as (
      select agency, status, hello_nonce from registry.unit
      where agency = ${agency} and status in ('frozen', 'active') for no key update),
    spent as (
      insert into registry.spent_hello (agency, nonce)
      select agency, hello_nonce from found where hello_nonce is not null
      on conflict do nothing)
    update registry.unit u set status = 'active', frozen_reason = null, lineage_token = '',
      hello_nonce = null
    from found where u.agency = found.agency returning found.status as was`.execute(db);
  return rows[0]?.was;
}

export type HelloRecord = {
  readonly agency: string;
  readonly epoch: bigint;
  readonly lineageToken: Uint8Array;
  readonly helloNonce: Uint8Array;
  readonly software: string;
  readonly catalogueVersion: number;
  readonly clockSkewMs: bigint;
  /** Empty where the node told none. */
  readonly bundleKey: Uint8Array;
  /** Whether the node knew an older incarnation: what it read of the former feed counts no more. */
  readonly feedAnew: boolean;
};

/** Whether a welcome under this nonce was followed by another, or by a release: then this one is late. */
export async function isSpentHello(db: Db, agency: string, nonce: Uint8Array): Promise<boolean> {
  const { rows } = await sql<{ spent: boolean }>`
    select exists (select 1 from registry.spent_hello
      where agency = ${agency} and nonce = ${Buffer.from(nonce)}) as spent`.execute(db);
  return rows[0]?.spent === true;
}

/**
 * Forgets the nonces that were spent before, of units that have sent something since: a hello that is
 * older than that is behind the hub's head, and found by it. Without that a nonce stays.
 */
export async function forgetSpentHellos(db: Db, before: Date): Promise<void> {
  await sql`delete from registry.spent_hello s
    using registry.unit u join sync.inbox b on b.agency = u.agency and b.seq = u.head_seq
    where s.agency = u.agency and s.spent_at < ${before} and b.received_at >= ${before}`.execute(
    db,
  );
}

/** What a welcome gives, and what the node said of itself. The nonce before is spent by it. */
export async function recordHello(db: Db, hello: HelloRecord): Promise<void> {
  await sql`insert into registry.spent_hello (agency, nonce)
    select agency, hello_nonce from registry.unit
    where agency = ${hello.agency} and hello_nonce <> ${Buffer.from(hello.helloNonce)}
    on conflict do nothing`.execute(db);
  await sql`update registry.unit set epoch = ${hello.epoch},
      lineage_token = ${Buffer.from(hello.lineageToken)},
      hello_nonce = ${Buffer.from(hello.helloNonce)},
      hello_at = now(), software = ${hello.software},
      bundle_key = coalesce(nullif(${Buffer.from(hello.bundleKey)}, ''::bytea), bundle_key),
      feed_acked = case when ${hello.feedAnew} then 0 else feed_acked end,
      catalogue_version = ${hello.catalogueVersion}, clock_skew_ms = ${hello.clockSkewMs}
    where agency = ${hello.agency}`.execute(db);
}

export async function moveHead(
  db: Db,
  unit: { readonly agency: string; readonly seq: bigint; readonly hash: Uint8Array },
): Promise<void> {
  await sql`update registry.unit set head_seq = ${unit.seq}, head_hash = ${Buffer.from(unit.hash)}
    where agency = ${unit.agency}`.execute(db);
}

/**
 * Takes `count` positions of the unit's feed and returns the last one before them. The row stays
 * locked until commit: positions have no gaps and follow the order of commits.
 */
export async function takeFeedPositions(db: Db, agency: string, count: number): Promise<bigint> {
  const { rows } = await sql<{ base: bigint }>`
    update registry.unit set feed_head = feed_head + ${count}
    where agency = ${agency} returning feed_head - ${count} as base`.execute(db);
  const base = rows[0]?.base;
  if (base === undefined) throw new RangeError(`no unit ${agency}`);
  return base;
}

/**
 * Units that have accepted batches waiting, or applied ones that can be read further since the
 * catalogue knows more: what a sweep finds when the queue was emptied. None that is frozen, and no
 * revoked one whose next batch cannot be read.
 */
export async function unitsWithWork(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ agency: string }>`
    select agency from registry.unit
    where status <> 'frozen'
      and not (status = 'revoked' and coalesce(frozen_reason, '') like 'UNREADABLE %') and (
      applied_seq < head_seq or agency in (select c.agency from ${readableNow()} c))
    order by agency`.execute(db);
  return rows.map((row) => row.agency);
}

export type UnitOverview = {
  readonly agency: string;
  readonly name: string;
  readonly status: UnitStatus;
  readonly frozenReason: string | null;
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly feedHead: bigint;
  readonly people: bigint;
  readonly heldBack: bigint;
  readonly slot: string;
  readonly software: string | null;
  readonly helloAt: Date | null;
  readonly proofAt: Date | null;
  readonly clockSkewMs: bigint | null;
};

export async function listUnits(db: Db): Promise<readonly UnitOverview[]> {
  const { rows } = await sql<UnitOverview>`
    select u.agency, u.name, u.status, u.frozen_reason, u.epoch, u.head_seq, u.applied_seq,
      u.safe_seq, u.feed_head, coalesce(r.people, 0) as people,
      coalesce(h.held, 0) as held_back, u.slot, u.software, u.hello_at, u.proof_at, u.clock_skew_ms
    from registry.unit u
    left join (select agency, count(*) as people from national.record where kind = 2 group by agency) r
      on r.agency = u.agency
    left join (select agency, count(*) as held from sync.held_record group by agency) h
      on h.agency = u.agency
    order by u.agency`.execute(db);
  return rows;
}
