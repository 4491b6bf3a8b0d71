/** Queries on `registry.unit`: the state of each unit's channel. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type UnitStatus = 'invited' | 'active' | 'frozen' | 'revoked';

export type UnitChannel = {
  readonly agency: string;
  readonly status: UnitStatus;
  readonly frozenReason: string | null;
  readonly slot: string;
  readonly epoch: bigint;
  readonly lineageToken: Buffer;
  readonly helloNonce: Buffer | null;
  readonly helloReply: Buffer | null;
  readonly headSeq: bigint;
  readonly headHash: Buffer;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly feedHead: bigint;
};

const channelColumns = sql`agency, status, frozen_reason, slot, epoch, lineage_token, hello_nonce,
  hello_reply, head_seq, head_hash, applied_seq, safe_seq, feed_head`;

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

export async function freezeUnit(db: Db, agency: string, reason: string): Promise<void> {
  await sql`update registry.unit set status = 'frozen', frozen_reason = ${reason}
    where agency = ${agency}`.execute(db);
}

/**
 * False when the unit is not frozen. The token is forgotten with it: whichever machine has the hub's
 * own head and speaks next is the unit.
 */
export async function releaseUnit(db: Db, agency: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update registry.unit
    set status = 'active', frozen_reason = null, lineage_token = ''
    where agency = ${agency} and status = 'frozen'`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

export type HelloRecord = {
  readonly agency: string;
  readonly epoch: bigint;
  readonly lineageToken: Uint8Array;
  readonly helloNonce: Uint8Array;
  readonly helloReply: Uint8Array;
  readonly software: string;
  readonly catalogueVersion: number;
  readonly clockSkewMs: bigint;
};

/** The answer to a hello is stored with what it changed: a repeat gets the same bytes. */
export async function recordHello(db: Db, hello: HelloRecord): Promise<void> {
  await sql`update registry.unit set epoch = ${hello.epoch},
      lineage_previous = lineage_token, lineage_token = ${Buffer.from(hello.lineageToken)},
      hello_nonce = ${Buffer.from(hello.helloNonce)}, hello_reply = ${Buffer.from(hello.helloReply)},
      hello_at = now(), software = ${hello.software},
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

/** Units that have accepted batches waiting: what a sweep finds when the queue was emptied. */
export async function unitsWithWork(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ agency: string }>`
    select agency from registry.unit
    where applied_seq < head_seq and status <> 'frozen' order by agency`.execute(db);
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
